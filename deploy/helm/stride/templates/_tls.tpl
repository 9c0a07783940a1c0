{{- /* Names of the Secrets of TLS: as given, or those that cert-manager fills. */ -}}
{{- define "stride.serverSecret" -}}
{{ .Values.tls.server.secretName | default (printf "%s-server-tls" (include "stride.fullname" .)) }}
{{- end -}}

{{- define "stride.workerSecret" -}}
{{ .Values.tls.mutual.worker.secretName | default (printf "%s-worker-tls" (include "stride.fullname" .)) }}
{{- end -}}

{{- /* Empty: the system's authorities. */ -}}
{{- define "stride.serverCaSecret" -}}
{{- if .Values.tls.serverCa.secretName -}}
{{ .Values.tls.serverCa.secretName }}
{{- else if .Values.tls.certManager.enabled -}}
{{ include "stride.serverSecret" . }}
{{- end -}}
{{- end -}}

{{- define "stride.clientCaSecret" -}}
{{ .Values.tls.mutual.clientCa.secretName | default (include "stride.workerSecret" .) }}
{{- end -}}
