{{- define "landfall.fullname" -}}
{{- /* a StatefulSet's name and the hash of a revision are one label, of 63 letters at most */ -}}
{{- $name := ternary .Release.Name (printf "%s-landfall" .Release.Name) (contains "landfall" .Release.Name) -}}
{{- $name | trunc 37 | trimSuffix "-" -}}
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
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/*
Copies of a service; takes a dict of root, name and service. Left out where an autoscaler counts them, they would be 1 at the first install, and again when somebody
switches the autoscaler on, until it acts: so those that run now, and at least as many as it keeps. Where no cluster can be asked (helm template) nobody knows them.
*/}}
{{- define "landfall.replicas" -}}
{{- $scaling := .service.autoscaling -}}
{{- if $scaling.enabled -}}
{{- $running := lookup "apps/v1" "StatefulSet" .root.Release.Namespace (printf "%s-%s" (include "landfall.fullname" .root) .name) -}}
{{- max $scaling.minReplicas (dig "spec" "replicas" 0 $running) -}}
{{- else -}}
{{- .service.replicas -}}
{{- end -}}
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
{{- if or $kafka.caConfigMap $kafka.caSecret }}
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
{{- if or .Values.database.caConfigMap .Values.database.caSecret }}
DATABASE_SSL_CA_FILE: /etc/landfall/database/ca.crt
{{- end }}
{{- end -}}

{{/* Settings as environment variables; takes a map. Helm holds numbers as floating point: as JSON 1000000 is not 1e+06. */}}
{{- define "landfall.environment" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end -}}

{{/* Of Node itself: its https, and ours, goes through a proxy. */}}
{{- define "landfall.proxyEnvironment" -}}
{{- with .Values.proxy }}
{{- if .url }}
- { name: NODE_USE_ENV_PROXY, value: '1' }
- { name: HTTPS_PROXY, value: {{ .url | quote }} }
- { name: NO_PROXY, value: {{ .noProxy | quote }} }
{{- end }}
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
{{- range $name := list "kafka" "database" }}
{{- $part := index $.Values $name }}
{{- if or $part.caConfigMap $part.caSecret }}
- { name: {{ $name }}-authority, mountPath: /etc/landfall/{{ $name }}, readOnly: true }
{{- end }}
{{- end }}
{{- end -}}

{{- define "landfall.authorityVolumes" -}}
{{- range $name := list "kafka" "database" }}
{{- $part := index $.Values $name }}
{{- if $part.caSecret }}
- name: {{ $name }}-authority
  secret: { secretName: {{ $part.caSecret | quote }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- else if $part.caConfigMap }}
- name: {{ $name }}-authority
  configMap: { name: {{ $part.caConfigMap | quote }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "landfall.topicMounts" -}}
{{- if .Values.topics.existingSecret }}
- { name: secrets, mountPath: /etc/landfall/secrets, readOnly: true }
{{- end }}
{{- include "landfall.authorityMounts" (dict "Values" (dict "kafka" .Values.kafka "database" dict)) }}
{{- with .Values.topics.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "landfall.topicVolumes" -}}
{{- with .Values.topics.existingSecret }}
- name: secrets
  secret: { secretName: {{ . | quote }}, defaultMode: 0440 }
{{- end }}
{{- include "landfall.authorityVolumes" (dict "Values" (dict "kafka" .Values.kafka "database" dict)) }}
{{- with .Values.topics.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What the schema of the values cannot say in words. */}}
{{- define "landfall.refusals" -}}
{{- if and .Values.image.tag .Values.image.digest }}{{ fail "image.tag and image.digest are both set, and the digest would win: keep one of them" }}{{ end -}}
{{- if regexMatch "^sha256:0+$" .Values.image.digest }}{{ fail "image.digest is that of the example: docker push prints yours" }}{{ end -}}
{{- range $name := list "kafka" "database" }}
{{- $part := index $.Values $name }}
{{- if and $part.caConfigMap $part.caSecret }}{{ fail (printf "%s.caConfigMap and %s.caSecret are both set: keep one of them" $name $name) }}{{ end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}{{ fail "httpRoute.parentRefs is required where httpRoute.enabled is true: the Gateway that takes the route" }}{{ end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled }}{{ fail "ingress.enabled and httpRoute.enabled are both true: customers come in by one of them" }}{{ end -}}
{{- range $member := list "className" "annotations" "tlsSecret" }}
{{- if and $.Values.internal.parentRefs (index $.Values.internal $member) }}
{{- fail (printf "internal.%s is of an Ingress, and internal.parentRefs makes routes instead: keep one of them" $member) }}
{{- end }}
{{- end -}}
{{- range $name, $service := .Values.services }}
{{- if gt (int $service.autoscaling.minReplicas) (int $service.autoscaling.maxReplicas) }}
{{- fail (printf "services.%s.autoscaling.minReplicas is more than maxReplicas" $name) }}
{{- end }}
{{- end -}}
{{- $password := and .Values.kafka.saslMechanism (ne .Values.kafka.saslMechanism "oauthbearer") -}}
{{- range $name, $service := merge (dict "topics" .Values.topics) .Values.services }}
{{- if and $password (not (has "KAFKA_SASL_PASSWORD" $service.secretKeys)) }}
{{- fail (printf "%s logs in to Kafka by a password, and KAFKA_SASL_PASSWORD is not among the secretKeys of %s" $name $name) }}
{{- end }}
{{- end -}}
{{- if eq .Values.image.tag "latest" }}{{ fail "image.tag must not be latest: nobody knows what runs then" }}{{ end -}}
{{- $places := dict "settings" .Values.settings "topics.settings" .Values.topics.settings -}}
{{- range $name, $service := .Values.services }}{{ $_ := set $places (printf "services.%s.settings" $name) $service.settings }}{{ end -}}
{{- range $place, $settings := $places }}
{{- range $name, $_ := $settings }}
{{- if regexMatch "(SECRET|PASSWORD|TOKEN|_KEYS?|DATABASE_URL)$" $name }}
{{- fail (printf "%s.%s is a secret: put it into the Secret of the service, and its name into secretKeys" $place $name) }}
{{- end }}
{{- if regexMatch "^(PORT|MANAGEMENT_PORT|BIND_ADDRESS|INSTANCE_NAME|PUBLIC_URL|KEYRING_FILE|CATALOG_FILE|PARTITIONS|TOPICS|REPLICATION_FACTOR|DATABASE_SSL.*|KAFKA_(BROKERS|SSL|SSL_CA.*|SASL_.*|OAUTH_.*))$" $name }}
{{- fail (printf "%s.%s is set by the chart: see publicUrl, kafka, database and catalog" $place $name) }}
{{- end }}
{{- end }}
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
