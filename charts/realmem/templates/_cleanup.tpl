{{/*
"true" where an uninstall cleans up, else empty. Every API has jobs, but what renders without asking one is applied as it is,
often with its hooks: the clean-up would run at once, and its rights would stay.
*/}}
{{- define "realmem.cleanup" -}}
{{- include "realmem.auto" (list . "cleanup.enabled" .Values.cleanup.enabled (.Capabilities.APIVersions.Has "batch/v1/Job")) -}}
{{- end -}}

{{/* Not the labels that the agents are selected by. */}}
{{- define "realmem.cleanup.labels" -}}
app.kubernetes.io/name: {{ include "realmem.name" . | trunc 55 | trimSuffix "-" }}-cleanup
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: realmem
{{- end -}}

{{/* Of an object that is there while an uninstall cleans up: given the root, its name, its place in the order. */}}
{{- define "realmem.cleanup.metadata" -}}
name: {{ index . 1 }}
labels:
  {{- include "realmem.cleanup.labels" (first .) | nindent 2 }}
annotations:
  helm.sh/hook: post-delete
  helm.sh/hook-weight: {{ last . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  helm.sh/hook-output-log-policy: hook-failed
{{- end -}}

{{- define "realmem.cleanup.name" -}}
{{ include "realmem.fullname" . | trunc 55 | trimSuffix "-" }}-cleanup
{{- end -}}

{{/* "true" where old histories are collected, else empty. */}}
{{- define "realmem.collect" -}}
{{- if and .Values.collect.enabled (ne (toString .Values.config.history) "false") (include "realmem.writes" .) -}}
true
{{- end -}}
{{- end -}}

{{- define "realmem.collect.name" -}}
{{ include "realmem.fullname" . | trunc 44 | trimSuffix "-" }}-collect
{{- end -}}

{{/* Not the labels that the agents are selected by. */}}
{{- define "realmem.collect.labels" -}}
app.kubernetes.io/name: {{ include "realmem.name" . | trunc 55 | trimSuffix "-" }}-collect
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: realmem
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
