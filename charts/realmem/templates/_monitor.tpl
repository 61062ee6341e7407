{{/* Metadata of a PodMonitor, ServiceMonitor or PrometheusRule. Arguments: the root, the values of that object. */}}
{{- define "realmem.monitor.metadata" -}}
{{- $root := first . -}}
name: {{ include "realmem.fullname" $root }}
namespace: {{ default (include "realmem.namespace" $root) (last .).namespace }}
labels:
  {{- include "realmem.labels" $root | nindent 2 }}
  {{- with (last .).labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What both monitors select. Arguments: the root, the values of the monitor. */}}
{{- define "realmem.monitor.selection" -}}
{{- with (last .).jobLabel }}
jobLabel: {{ . }}
{{- end }}
{{- with (last .).sampleLimit }}
sampleLimit: {{ int64 . }}
{{- end }}
{{- if (last .).namespace }}
namespaceSelector:
  matchNames: [{{ include "realmem.namespace" (first .) }}]
{{- end }}
selector:
  matchLabels:
    {{- include "realmem.selectorLabels" (first .) | nindent 4 }}
{{- end -}}

{{/* Arguments: the root, the values of the monitor, and whether it may use the token file of Prometheus's own pod. */}}
{{- define "realmem.monitor.endpoint" -}}
{{- $root := first . -}}
{{- $auth := $root.Values.metrics.auth -}}
- port: metrics
  path: /metrics
  interval: {{ (index . 1).interval }}
  {{- with (index . 1).scrapeTimeout }}
  scrapeTimeout: {{ . }}
  {{- end }}
  {{- if include "realmem.metricsAuth" $root }}
  scheme: https
  tlsConfig:
    {{- if and $auth.certificateSecret $auth.serverName }}
    ca:
      secret:
        name: {{ $auth.certificateSecret }}
        key: ca.crt
    serverName: {{ $auth.serverName }}
    {{- else }}
    insecureSkipVerify: true
    {{- end }}
  {{- if $auth.tokenSecret.name }}
  authorization:
    credentials:
      name: {{ $auth.tokenSecret.name }}
      key: {{ $auth.tokenSecret.key }}
  {{- else if last . }}
  bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
  {{- else }}
  {{- fail "podMonitor.enabled with metrics.auth.enabled: a PodMonitor can read the token only from a Secret; set metrics.auth.tokenSecret.name, or use serviceMonitor.enabled" }}
  {{- end }}
  {{- end }}
  # The labels namespace and pod of a series name the container that it describes, not the agent.
  honorLabels: true
  relabelings:
    # The agent's metrics about itself have no node label.
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: node
    {{- with (index . 1).relabelings }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with (index . 1).metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
