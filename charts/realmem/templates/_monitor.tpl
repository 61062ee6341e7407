{{/* What a PodMonitor and a ServiceMonitor have in common: given the root and the values of the one. */}}
{{- define "realmem.monitor.metadata" -}}
{{- $root := first . -}}
name: {{ include "realmem.fullname" $root }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "realmem.labels" $root | nindent 2 }}
  {{- with (last .).labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Given the root, the values of the one, and whether it may name a file of Prometheus's own pod. */}}
{{- define "realmem.monitor.endpoint" -}}
{{- $root := first . -}}
{{- $auth := $root.Values.metrics.auth -}}
- port: metrics
  path: /metrics
  interval: {{ (index . 1).interval }}
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
  {{- fail "podMonitor.enabled with metrics.auth.enabled: a PodMonitor takes the token from a Secret alone; set metrics.auth.tokenSecret.name, or take serviceMonitor.enabled" }}
  {{- end }}
  {{- end }}
  # The namespace and the pod of a series are those it speaks of, not the agent's.
  honorLabels: true
  relabelings:
    # What the agent says of itself names no node.
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: node
  {{- with (index . 1).metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
