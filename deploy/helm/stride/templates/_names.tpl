{{- define "stride.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 38 | trimSuffix "-" -}}
{{- end -}}

{{- define "stride.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 38 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "stride.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 38 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 38 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What all pods of the release have in common. */ -}}
{{- define "stride.releaseSelector" -}}
app.kubernetes.io/name: {{ include "stride.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* (list $ component): the labels that select a component's pods. */ -}}
{{- define "stride.selector" -}}
{{ include "stride.releaseSelector" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- /* (list $ pool): the labels that select a pool's pods. */ -}}
{{- define "stride.poolSelector" -}}
{{ include "stride.selector" (list (index . 0) "worker") }}
stride/pool: {{ index . 1 }}
{{- end -}}

{{- /* (list $ component): an object's labels. */ -}}
{{- define "stride.labels" -}}
{{- $root := index . 0 -}}
{{ include "stride.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- /* (list $ image): repository:tag or repository@digest. */ -}}
{{- define "stride.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $image.repository $image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $image.repository ($image.tag | default (index . 0).Chart.AppVersion) | quote }}
{{- end -}}
{{- end -}}

{{- define "stride.postgresSecret" -}}
{{ .Values.postgres.secretName | default (printf "%s-postgres" (include "stride.fullname" .)) }}
{{- end -}}

{{- define "stride.redisSecret" -}}
{{ .Values.redis.secretName | default (printf "%s-redis" (include "stride.fullname" .)) }}
{{- end -}}

{{- /* "true" where this chart runs the Redis; empty otherwise. */ -}}
{{- define "stride.bundledRedis" -}}
{{- if and (eq .Values.queue.kind "redis") .Values.redis.bundled.enabled -}}true{{- end -}}
{{- end -}}

{{- define "stride.migrationMode" -}}
{{- if ne .Values.migration.mode "auto" -}}
{{ .Values.migration.mode }}
{{- else -}}
{{ ternary "init" "job" .Values.postgres.bundled.enabled }}
{{- end -}}
{{- end -}}

{{- /* (list $ pool name, pool): the pool with everything that it left to workerDefaults, as YAML. */ -}}
{{- define "stride.pool" -}}
{{- mergeOverwrite (deepCopy (index . 0).Values.workerDefaults) (deepCopy (index . 2)) | toYaml -}}
{{- end -}}

{{- /* "true" where a pool is scaled by KEDA; empty otherwise. */ -}}
{{- define "stride.usesKeda" -}}
{{- $found := "" -}}
{{- range $name, $given := .Values.workers -}}
{{- if $given | kindIs "map" -}}
{{- $pool := include "stride.pool" (list $ $name $given) | fromYaml -}}
{{- if eq $pool.autoscaling.kind "keda" -}}{{- $found = "true" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}
