{{- define "realmem.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
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
The ConfigMap of the configuration. The agent of a node may write `realmem-NODE` and `history-NODE`, and a node may have any
name: no ConfigMap of the chart may begin like these, or one node could rewrite the configuration of all.
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
{{- with .registry }}{{ . }}/{{ end -}}
{{- .repository -}}
{{- if .digest -}}@{{ .digest }}{{- else -}}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The agent's settings, as YAML. */}}
{{- define "realmem.config" -}}
{{- $config := set (deepCopy .Values.config) "allowUnguardedWrites" (eq (include "realmem.unguarded" .) "true") -}}
{{- if include "realmem.metricsAuth" . -}}
{{- $_ := set $config "metricsAuth" true -}}
{{- if .Values.metrics.auth.certificateSecret -}}
{{- $_ := set $config "tlsCertFile" "/etc/realmem-tls/tls.crt" -}}
{{- $_ := set $config "tlsKeyFile" "/etc/realmem-tls/tls.key" -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* "true" where /metrics asks for a token, and the port speaks TLS, else empty. */}}
{{- define "realmem.metricsAuth" -}}
{{- $enabled := toString .Values.metrics.auth.enabled -}}
{{- if not (has $enabled (list "true" "false")) -}}
{{- fail (printf "metrics.auth.enabled is %q: it takes true or false" $enabled) -}}
{{- end -}}
{{- if eq $enabled "true" -}}
true
{{- end -}}
{{- end -}}

{{/* The port that the kubelet and Prometheus ask. */}}
{{- define "realmem.port" -}}
{{- $address := toString .Values.config.probeAddress -}}
{{- if not (regexMatch ":[0-9]+$" $address) -}}
{{- fail (printf "config.probeAddress is %q: it takes an address with a port, such as :9643, where the kubelet asks for /healthz" $address) -}}
{{- end -}}
{{- regexFind "[0-9]+$" $address -}}
{{- end -}}

{{/*
"true" where the policies are rendered, else empty. By the version, which whatever renders without asking the API is told (Argo
CD, Flux, `helm template --kube-version`); -0 lets versions of providers count, such as v1.34.1-gke.1.
*/}}
{{- define "realmem.policy" -}}
{{- include "realmem.auto" (list . "policy.enabled" .Values.policy.enabled (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version)) -}}
{{- end -}}

{{/* Given the root, the name of a value and the value, and what `auto` comes to: "true" or empty. */}}
{{- define "realmem.auto" -}}
{{- $enabled := toString (index . 2) -}}
{{- if not (has $enabled (list "auto" "true" "false")) -}}
{{- fail (printf "%s is %q: it takes auto, true or false" (index . 1) $enabled) -}}
{{- end -}}
{{- if or (eq $enabled "true") (and (eq $enabled "auto") (last .)) -}}
true
{{- end -}}
{{- end -}}

{{/* "true" or empty. A text such as "false" must not count as yes. */}}
{{- define "realmem.unguarded" -}}
{{- $allowed := toString .Values.allowUnguardedWrites -}}
{{- if not (has $allowed (list "true" "false")) -}}
{{- fail (printf "allowUnguardedWrites is %q: it takes true or false" $allowed) -}}
{{- end -}}
{{- if eq $allowed "true" -}}
true
{{- end -}}
{{- end -}}

{{/* "true" where the agent may write, else empty: every verb that writes hangs on this. */}}
{{- define "realmem.writes" -}}
{{- if or (include "realmem.policy" .) (include "realmem.unguarded" .) -}}
true
{{- end -}}
{{- end -}}

{{/* The headless Service of the agents. */}}
{{- define "realmem.serviceName" -}}
{{ include "realmem.fullname" . | trunc 55 | trimSuffix "-" }}-metrics
{{- end -}}

{{- define "realmem.testName" -}}
{{ include "realmem.fullname" . | trunc 58 | trimSuffix "-" }}-test
{{- end -}}

{{/* What Prometheus calls the agents, by way of the PodMonitor or of the Service. */}}
{{- define "realmem.job" -}}
{{ .Release.Namespace }}/{{ include "realmem.fullname" . }}|{{ include "realmem.serviceName" . }}
{{- end -}}

{{/*
A pod that helm starts once, under the restricted profile of Pod Security. No user is named: that of the image is a number
already, and OpenShift chooses its own.
*/}}
{{- define "realmem.oncePod" -}}
restartPolicy: Never
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
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
