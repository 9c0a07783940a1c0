{{- define "stride.toDns" -}}
{{- with .Values.networkPolicy.dns -}}
- to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: {{ .namespace }} }
      podSelector:
        matchLabels:
          {{- toYaml .podLabels | nindent 10 }}
    {{- if .nodeLocalCidr }}
    - ipBlock: { cidr: {{ .nodeLocalCidr }} }
    {{- end }}
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end -}}
{{- end -}}

{{- /* peers and port, as in values. */ -}}
{{- define "stride.toPeers" -}}
- to:
    {{- toYaml .peers | nindent 4 }}
  ports:
    - { protocol: TCP, port: {{ .port | int64 }} }
{{- end -}}

{{- define "stride.toPostgres" -}}
{{- if .Values.postgres.bundled.enabled -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "stride.selector" (list . "postgres") | nindent 10 }}
  ports:
    - { protocol: TCP, port: 5432 }
{{- else -}}
{{ include "stride.toPeers" .Values.networkPolicy.postgres }}
{{- end -}}
{{- end -}}

{{- define "stride.toRedis" -}}
{{- if .Values.redis.bundled.enabled -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "stride.selector" (list . "redis") | nindent 10 }}
  ports:
    - { protocol: TCP, port: 6379 }
{{- else -}}
{{ include "stride.toPeers" .Values.networkPolicy.redis }}
{{- end -}}
{{- end -}}
