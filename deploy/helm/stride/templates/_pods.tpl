{{- /* User of a pod, as restricted pod security wants it. */ -}}
{{- define "stride.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "stride.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* (list $ component): what every pod of Stride's begins with. */ -}}
{{- define "stride.podStart" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ include "stride.fullname" $root }}-{{ index . 1 }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Where a component's pods may run; its values. */ -}}
{{- define "stride.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- /* Plain-text health port, which neither TLS nor a token hides from the kubelet. */ -}}
{{- define "stride.probes" -}}
startupProbe:
  grpc: { port: 50052, service: liveness }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  grpc: { port: 50052, service: liveness }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  grpc: { port: 50052, service: readiness }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{- /* What coordinator, migration and workers have in their environment. */ -}}
{{- define "stride.commonEnvironment" -}}
- { name: HOME, value: /tmp }
- { name: STRIDE_LOG_LEVEL, value: {{ .Values.log.level }} }
{{- if .Values.trustedCa.secretName }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/stride/trusted-ca/ca.crt }
{{- end }}
{{- end -}}

{{- define "stride.trustedCaMount" -}}
{{- if .Values.trustedCa.secretName }}
- { name: trusted-ca, mountPath: /etc/stride/trusted-ca, readOnly: true }
{{- end }}
{{- end -}}

{{- define "stride.trustedCaVolume" -}}
{{- if .Values.trustedCa.secretName }}
- name: trusted-ca
  {{- include "stride.secretFiles" (list .Values.trustedCa.secretName (dict .Values.trustedCa.key "ca.crt")) | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* (list secret (dict key file …)): those keys alone as files, for the pod's group alone. */ -}}
{{- define "stride.secretFiles" -}}
secret:
  secretName: {{ index . 0 }}
  defaultMode: 0440
  items:
    {{- range $key, $file := index . 1 }}
    - { key: {{ $key | quote }}, path: {{ $file }} }
    {{- end }}
{{- end -}}

{{- define "stride.otlp" -}}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .Values.tracing.endpoint | quote }} }
{{- end -}}
