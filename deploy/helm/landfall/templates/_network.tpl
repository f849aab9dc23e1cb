{{/* Rules of outgoing traffic, each for a NetworkPolicy. Names have to be found by everybody. */}}
{{- define "landfall.namesOut" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- end -}}

{{- define "landfall.databaseOut" -}}
{{- with .Values.networkPolicy.database -}}
- ports: [{ port: {{ .port }} }]
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "landfall.kafkaOut" -}}
{{- with .Values.networkPolicy.kafka -}}
- ports:
    {{- range .ports }}
    - port: {{ . }}
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Microsoft, the identity providers, products that are asked about a change. */}}
{{- define "landfall.webOut" -}}
- ports: [{ port: 443 }]
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        {{- with .Values.networkPolicy.privateRanges }}
        except: {{- toYaml . | nindent 10 }}
        {{- end }}
    - ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] }
{{- end -}}

{{/* What of the release runs beside its services: a policy of its own is about each. */}}
{{- define "landfall.besideServices" -}}
[topics, migrations, test]
{{- end -}}
