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

{{- define "realmem.monitor.endpoint" -}}
- port: metrics
  path: /metrics
  interval: {{ (last .).interval }}
  # The namespace and the pod of a series are those it speaks of, not the agent's.
  honorLabels: true
  relabelings:
    # What the agent says of itself names no node.
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: node
  {{- with (last .).metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
