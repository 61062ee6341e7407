{{/*
"true" if an uninstall cleans up, else empty. `auto` checks for Jobs: every API server has them, so they are missing only where
the chart is rendered without one. People often apply such output with its hooks: the clean-up would run at once, and its rights
would stay.
*/}}
{{- define "realmem.cleanup" -}}
{{- include "realmem.auto" (list . "cleanup.enabled" .Values.cleanup.enabled (.Capabilities.APIVersions.Has "batch/v1/Job")) -}}
{{- end -}}

{{/* These labels differ from the agents' labels, so that no selector of the agents matches. */}}
{{- define "realmem.cleanup.labels" -}}
app.kubernetes.io/name: {{ include "realmem.name" . | trunc 55 | trimSuffix "-" }}-cleanup
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: realmem
{{- end -}}

{{/* Metadata of an object that exists only during the clean-up. Arguments: the root, the object's name, the hook's weight. */}}
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

{{/* "true" if the CronJob deletes old histories, else empty. */}}
{{- define "realmem.collect" -}}
{{- if and .Values.collect.enabled (ne (toString .Values.config.history) "false") (include "realmem.writes" .) -}}
true
{{- end -}}
{{- end -}}

{{- define "realmem.collect.name" -}}
{{ include "realmem.fullname" . | trunc 44 | trimSuffix "-" }}-collect
{{- end -}}

{{/* These labels differ from the agents' labels, so that no selector of the agents matches. */}}
{{- define "realmem.collect.labels" -}}
app.kubernetes.io/name: {{ include "realmem.name" . | trunc 55 | trimSuffix "-" }}-collect
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: realmem
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
