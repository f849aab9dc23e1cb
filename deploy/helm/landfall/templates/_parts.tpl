{{- define "landfall.fullname" -}}
{{- if contains "landfall" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-landfall" .Release.Name }}{{ end -}}
{{- end -}}

{{- define "landfall.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* Of a part of the release; takes a dict of root and part. */}}
{{- define "landfall.selector" -}}
app.kubernetes.io/name: landfall
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "landfall.labels" -}}
{{ include "landfall.selector" . }}
app.kubernetes.io/part-of: landfall
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "landfall.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.runAs }}
runAsGroup: {{ .Values.runAs }}
fsGroup: {{ .Values.runAs }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "landfall.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "landfall.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "landfall.fullname" .) -}}
{{- end -}}

{{/* The settings by which whoever logs in reaches Kafka; takes a dict of root and login. */}}
{{- define "landfall.kafkaSettings" -}}
{{- $kafka := .root.Values.kafka -}}
KAFKA_BROKERS: {{ required "kafka.brokers is required: host:port of the brokers, separated by commas" $kafka.brokers | quote }}
PARTITIONS: {{ $kafka.partitions | quote }}
KAFKA_SSL: {{ $kafka.ssl | quote }}
{{- if $kafka.caConfigMap }}
KAFKA_SSL_CA_FILE: /etc/landfall/kafka/ca.crt
{{- end }}
{{- if $kafka.saslMechanism }}
KAFKA_SASL_MECHANISM: {{ $kafka.saslMechanism }}
{{- if eq $kafka.saslMechanism "oauthbearer" }}
{{- with $kafka.oauth }}
KAFKA_OAUTH_TOKEN_URL: {{ .tokenUrl | quote }}
KAFKA_OAUTH_CLIENT_ID: {{ .clientId | replace "{login}" $.login | quote }}
{{- if .scope }}
KAFKA_OAUTH_SCOPE: {{ .scope | quote }}
{{- end }}
{{- if .federatedTokenFile }}
KAFKA_OAUTH_FEDERATED_TOKEN_FILE: {{ .federatedTokenFile | quote }}
{{- end }}
{{- end }}
{{- else }}
KAFKA_SASL_USERNAME: {{ $kafka.saslUsername | replace "{login}" .login | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "landfall.databaseSettings" -}}
DATABASE_SSL: {{ .Values.database.ssl | quote }}
{{- if .Values.database.caConfigMap }}
DATABASE_SSL_CA_FILE: /etc/landfall/database/ca.crt
{{- end }}
{{- end -}}

{{/* Settings as environment variables; takes a map. */}}
{{- define "landfall.environment" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* Secrets arrive as files, which no child process and no dump of the environment shows; takes a dict of folder and keys. */}}
{{- define "landfall.secretSettings" -}}
{{- $folder := .folder -}}
{{- range .keys }}
- name: {{ . }}_FILE
  value: {{ $folder }}/{{ . }}
{{- end }}
{{- end -}}

{{- define "landfall.authorityMounts" -}}
{{- if .Values.kafka.caConfigMap }}
- { name: kafka-authority, mountPath: /etc/landfall/kafka, readOnly: true }
{{- end }}
{{- if .Values.database.caConfigMap }}
- { name: database-authority, mountPath: /etc/landfall/database, readOnly: true }
{{- end }}
{{- end -}}

{{- define "landfall.authorityVolumes" -}}
{{- with .Values.kafka.caConfigMap }}
- name: kafka-authority
  configMap: { name: {{ . | quote }} }
{{- end }}
{{- with .Values.database.caConfigMap }}
- name: database-authority
  configMap: { name: {{ . | quote }} }
{{- end }}
{{- end -}}


{{/* What the pods of jobs share. They run before the account of the chart is there, so theirs exists or is the namespace's own. */}}
{{- define "landfall.jobPod" -}}
{{- with .Values.serviceAccount.name }}
serviceAccountName: {{ . }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "landfall.podSecurity" . | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
