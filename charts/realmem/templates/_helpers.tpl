{{- define "realmem.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "realmem.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "realmem.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
Name of the configuration's ConfigMap. The agent of a node may write `realmem-NODE` and `history-NODE`, and a node may have any
name. So no ConfigMap of the chart may begin with `realmem-` or `history-`, or one node could rewrite the configuration of all.
*/}}
{{- define "realmem.configName" -}}
config-{{ include "realmem.fullname" . }}
{{- end -}}

{{- define "realmem.serviceAccountName" -}}
{{- default (ternary (include "realmem.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "realmem.selectorLabels" -}}
app.kubernetes.io/name: {{ include "realmem.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "realmem.labels" -}}
{{ include "realmem.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: realmem
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "realmem.image" -}}
{{- with .Values.image -}}
{{- with default .registry (default dict $.Values.global).imageRegistry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .repository -}}
{{- if .digest -}}@{{ .digest }}{{- else -}}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The field of a pod, or empty. */}}
{{- define "realmem.imagePullSecrets" -}}
{{- $secrets := list -}}
{{- range concat (default list (default dict .Values.global).imagePullSecrets) (default list .Values.imagePullSecrets) -}}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) -}}
{{- end -}}
{{- with uniq $secrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Settings of the agent, as YAML that is JSON, too: the agent reads it without a YAML library. */}}
{{- define "realmem.config" -}}
{{- $config := set (deepCopy .Values.config) "allowUnguardedWrites" (eq (include "realmem.unguarded" .) "true") -}}
{{- $chosen := default dict .Values.config.annotationNamespaces -}}
{{- $namespaces := default (list "*") $chosen.include -}}
{{- range $chosen.exclude -}}
{{- $namespaces = append $namespaces (printf "!%s" .) -}}
{{- end -}}
{{- $_ := set $config "annotationNamespaces" (join "," $namespaces) -}}
{{- if include "realmem.metricsAuth" . -}}
{{- $_ := set $config "metricsAuth" true -}}
{{- if .Values.metrics.auth.certificateSecret -}}
{{- $_ := set $config "tlsCertFile" "/etc/realmem-tls/tls.crt" -}}
{{- $_ := set $config "tlsKeyFile" "/etc/realmem-tls/tls.key" -}}
{{- end -}}
{{- end -}}
{{- toPrettyJson $config -}}
{{- end -}}

{{/* "true" if /metrics requires a token and the port speaks TLS, else empty. */}}
{{- define "realmem.metricsAuth" -}}
{{- $enabled := toString .Values.metrics.auth.enabled -}}
{{- if not (has $enabled (list "true" "false")) -}}
{{- fail (printf "metrics.auth.enabled: expected true or false, got %q" $enabled) -}}
{{- end -}}
{{- if eq $enabled "true" -}}
true
{{- end -}}
{{- end -}}

{{/* The port of the kubelet's probes and of Prometheus. */}}
{{- define "realmem.port" -}}
{{- $address := toString .Values.config.probeAddress -}}
{{- if not (regexMatch ":[0-9]+$" $address) -}}
{{- fail (printf "config.probeAddress: expected an address with a port, such as :9643, got %q; the kubelet probes /healthz there" $address) -}}
{{- end -}}
{{- regexFind "[0-9]+$" $address -}}
{{- end -}}

{{/* Port of the report, or empty if it is off. kubectl realmem finds the port by its name in the pod. */}}
{{- define "realmem.reportPort" -}}
{{- regexFind "[1-9][0-9]*$" (regexFind ":[1-9][0-9]*$" (toString .Values.config.reportAddress)) -}}
{{- end -}}

{{/*
"true" if the policies are rendered, else empty. `auto` decides by the version of Kubernetes: tools that render without the API
server pass it (Argo CD, Flux, `helm template --kube-version`). The -0 also matches versions of providers, such as v1.34.1-gke.1.
*/}}
{{- define "realmem.policy" -}}
{{- include "realmem.auto" (list . "policy.enabled" .Values.policy.enabled (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version)) -}}
{{- end -}}

{{/* "true" or empty. Arguments: the root, the name of a value, the value, and what `auto` stands for. */}}
{{- define "realmem.auto" -}}
{{- $enabled := toString (index . 2) -}}
{{- if not (has $enabled (list "auto" "true" "false")) -}}
{{- fail (printf "%s: expected auto, true or false, got %q" (index . 1) $enabled) -}}
{{- end -}}
{{- if or (eq $enabled "true") (and (eq $enabled "auto") (last .)) -}}
true
{{- end -}}
{{- end -}}

{{/* "true" or empty. The string "false" must not count as true. */}}
{{- define "realmem.unguarded" -}}
{{- $allowed := toString .Values.allowUnguardedWrites -}}
{{- if not (has $allowed (list "true" "false")) -}}
{{- fail (printf "allowUnguardedWrites: expected true or false, got %q" $allowed) -}}
{{- end -}}
{{- if eq $allowed "true" -}}
true
{{- end -}}
{{- end -}}

{{/* "true" if the agent may write, else empty. Every verb that writes depends on this. */}}
{{- define "realmem.writes" -}}
{{- if or (include "realmem.policy" .) (include "realmem.unguarded" .) -}}
true
{{- end -}}
{{- end -}}

{{/* Name of the agents' headless Service. */}}
{{- define "realmem.serviceName" -}}
{{ include "realmem.fullname" . | trunc 55 | trimSuffix "-" }}-metrics
{{- end -}}

{{- define "realmem.testName" -}}
{{ include "realmem.fullname" . | trunc 58 | trimSuffix "-" }}-test
{{- end -}}

{{/*
Regular expression for the agents' job label in Prometheus: from the PodMonitor or from the Service. The Operator takes the job from
the label that jobLabel names, if the pod or the Service has it.
*/}}
{{- define "realmem.job" -}}
{{- $labels := include "realmem.labels" . | fromYaml -}}
{{- $podLabels := merge (deepCopy .Values.podLabels) $labels -}}
{{- $monitor := printf "%s/%s" (default (include "realmem.namespace" .) .Values.podMonitor.namespace) (include "realmem.fullname" .) -}}
{{ get $podLabels .Values.podMonitor.jobLabel | default $monitor }}|{{ get $labels .Values.serviceMonitor.jobLabel | default (include "realmem.serviceName" .) }}
{{- end -}}

{{/*
A pod that runs once, under Pod Security's restricted profile. It sets no user: the image's user is numeric already, and
OpenShift assigns its own.
*/}}
{{- define "realmem.oncePod" -}}
restartPolicy: Never
enableServiceLinks: false
{{- with include "realmem.imagePullSecrets" . }}
{{ . }}
{{- end }}
nodeSelector:
  kubernetes.io/os: linux
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "realmem.onceContainer" -}}
image: {{ include "realmem.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
  readOnlyRootFilesystem: true
resources:
  requests:
    cpu: 10m
    memory: 48Mi
  limits:
    memory: 128Mi
{{- end -}}
