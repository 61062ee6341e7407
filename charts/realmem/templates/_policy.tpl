{{/* Whom the policies hold: the agent's service account. */}}
{{- define "realmem.policy.agent" -}}
- name: agent
  expression: 'request.userInfo.username == "system:serviceaccount:{{ .Release.Namespace }}:{{ include "realmem.serviceAccountName" . }}"'
{{- end -}}

{{/* The node that the token was made for; the API server wrote it there. */}}
{{- define "realmem.policy.node" -}}
- name: node
  expression: request.userInfo.extra[?'authentication.kubernetes.io/node-name'][0].orValue('')
{{- end -}}

{{- define "realmem.policy.claimed" -}}
- expression: variables.node != ''
  message: the token does not say which node it is for
{{- end -}}

{{/* A deleted object has no new state. */}}
{{- define "realmem.policy.subject" -}}
- name: subject
  expression: "request.operation == 'DELETE' ? oldObject : object"
{{- end -}}

{{/*
What an object of the agent's own may carry. A finalizer or an owner that blocks would hold up a node's deletion; labels and
annotations are how other controllers are told to act (to load a dashboard, to copy a ConfigMap elsewhere).
*/}}
{{- define "realmem.policy.own" -}}
- expression: request.operation == 'DELETE' || variables.subject.metadata.?finalizers.orValue([]).size() == 0
  message: no finalizers
- expression: >-
    request.operation == 'DELETE' || variables.subject.metadata.?ownerReferences.orValue([]).all(o,
    o.apiVersion == 'v1' && o.kind == 'Node' && o.name == variables.node && !o.?blockOwnerDeletion.orValue(false))
  message: no owner but the node, and none that blocks its deletion
{{- range list "labels" "annotations" }}
- expression: >-
    request.operation == 'DELETE' || variables.subject.metadata.?{{ . }}.orValue({}).all(k,
    k.startsWith('realmem.dev/')
    || k in ['app.kubernetes.io/name', 'app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by']
    || (request.operation == 'UPDATE'
    && oldObject.metadata.?{{ . }}.orValue({})[?k] == optional.of(object.metadata.{{ . }}[k])))
  message: no {{ . }} but realmem's own
{{- end }}
{{- end -}}

{{/* The binding of the policy with that suffix. */}}
{{- define "realmem.policy.binding" -}}
{{- $root := first . -}}
{{- $name := printf "%s-%s" (include "realmem.fullname" $root) (last .) -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "realmem.labels" $root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: [Deny]
{{- end -}}
