{{- /* The container that brings the database up to date, in a job or before the coordinator. */ -}}
{{- define "stride.migrationContainer" -}}
name: migration
image: {{ include "stride.image" (list . .Values.coordinator.image) }}
imagePullPolicy: {{ .Values.coordinator.image.pullPolicy }}
command: [node, apps/coordinator/bin/stride.mjs, db, migrate]
env:
  {{- include "stride.commonEnvironment" . | nindent 2 }}
  - { name: STRIDE_HOME, value: /var/lib/stride }
  - name: STRIDE_DATABASE_URL
    valueFrom:
      secretKeyRef: { name: {{ include "stride.postgresSecret" . }}, key: {{ .Values.postgres.keys.migrationUrl }} }
  {{- if eq .Values.queue.kind "redis" }}
  # Tells that the queue's tables are not wanted; it is not called.
  - name: STRIDE_REDIS_URL
    valueFrom:
      secretKeyRef: { name: {{ include "stride.redisSecret" . }}, key: {{ .Values.redis.keys.url }} }
  {{- end }}
securityContext:
  {{- include "stride.containerSecurity" . | nindent 2 }}
resources:
  {{- toYaml .Values.migration.resources | nindent 2 }}
volumeMounts:
  - { name: home, mountPath: /var/lib/stride }
  - { name: tmp, mountPath: /tmp }
  {{- include "stride.trustedCaMount" . | nindent 2 }}
{{- end -}}
