{{/* Whom the policies hold: the agent's service account. */}}
{{- define "realmem.policy.agent" -}}
- name: agent
  expression: 'request.userInfo.username == "system:serviceaccount:{{ .Release.Namespace }}:{{ include "realmem.serviceAccountName" . }}"'
{{- end -}}

{{/* The node that the token was made for, and its UID; the API server wrote both there. */}}
{{- define "realmem.policy.node" -}}
- name: node
  expression: request.userInfo.extra[?'authentication.kubernetes.io/node-name'][0].orValue('')
- name: nodeUID
  expression: request.userInfo.extra[?'authentication.kubernetes.io/node-uid'][0].orValue('')
{{- end -}}

{{- define "realmem.policy.claimed" -}}
- expression: variables.node != ''
  message: the token does not say which node it is for
{{- end -}}

{{/* Annotations of a pod before and after the write, and those that are realmem's. */}}
{{- define "realmem.policy.podVariables" -}}
- name: before
  expression: oldObject.metadata.?annotations.orValue({})
- name: after
  expression: object.metadata.?annotations.orValue({})
- name: keys
  expression: "['realmem.dev/memory', 'realmem.dev/report']"
{{- end -}}

{{/*
What a writer of annotations may not change of a pod. Managed fields are none of it: the API server passes over what a write to a
sub-resource says of them.
*/}}
{{- define "realmem.policy.restOfPod" -}}
- expression: >-
    object.spec == oldObject.spec && object.?status == oldObject.?status
    && object.metadata.?labels == oldObject.metadata.?labels
    && object.metadata.?finalizers == oldObject.metadata.?finalizers
    && object.metadata.?generateName == oldObject.metadata.?generateName
    && object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences
  message: nothing but annotations may change
{{- end -}}

{{/* The object as it is to be, and its labels and annotations before; a deleted object has no new state. */}}
{{- define "realmem.policy.subject" -}}
- name: subject
  expression: "request.operation == 'DELETE' ? oldObject : object"
- name: labelsBefore
  expression: "request.operation == 'CREATE' ? {} : oldObject.metadata.?labels.orValue({})"
- name: annotationsBefore
  expression: "request.operation == 'CREATE' ? {} : oldObject.metadata.?annotations.orValue({})"
{{- end -}}

{{/*
What an object of the agent's own may carry. A finalizer or an owner that blocks would hold up a node's deletion; an owner of
another UID would have the object collected, or kept. Labels and annotations are how other controllers are told to act (to
load a dashboard, to copy a ConfigMap elsewhere), so that the agent's own have fixed values (`variables.labels`), and those
that others set stay. `variables.annotations` lists the keys that the agent may write.
*/}}
{{- define "realmem.policy.own" -}}
- expression: variables.subject.metadata.?finalizers.orValue([]).size() == 0 || request.operation == 'DELETE'
  message: no finalizers
- expression: variables.subject.metadata.?generateName.orValue('') == '' || request.operation == 'DELETE'
  message: no generated name
- expression: >-
    variables.subject.metadata.?ownerReferences.orValue([]).all(o,
    o.apiVersion == 'v1' && o.kind == 'Node' && o.name == variables.node && o.uid == variables.nodeUID
    && !o.?controller.orValue(false) && !o.?blockOwnerDeletion.orValue(false)
    || (request.operation != 'CREATE' && o in oldObject.metadata.?ownerReferences.orValue([])))
  message: no owner but the node of the token, and none that controls it or blocks its deletion
- expression: >-
    request.operation == 'DELETE'
    || variables.labels.all(k, object.metadata.?labels.orValue({})[?k] == optional.of(variables.labels[k]))
    && object.metadata.?labels.orValue({}).all(k, k in variables.labels
    || variables.labelsBefore[?k] == optional.of(object.metadata.labels[k]))
    && variables.labelsBefore.all(k, k in object.metadata.?labels.orValue({}))
  message: no labels but realmem's own, with realmem's values
- expression: >-
    request.operation == 'DELETE'
    || object.metadata.?annotations.orValue({}).all(k, k in variables.annotations
    || variables.annotationsBefore[?k] == optional.of(object.metadata.annotations[k]))
    && variables.annotationsBefore.all(k, k in object.metadata.?annotations.orValue({}))
  message: no annotations but realmem's own
{{- end -}}

{{/* Of a ConfigMap: the history of a node, by its name and by its labels. */}}
{{- define "realmem.policy.isHistory" -}}
oldObject.metadata.name.startsWith('history-')
    && oldObject.metadata.?labels.orValue({})[?'app.kubernetes.io/managed-by'] == optional.of('realmem')
    && oldObject.metadata.?labels.orValue({})[?'realmem.dev/part'] == optional.of('history')
{{- end -}}

{{/* Given the root and the suffix of the policy's name. */}}
{{- define "realmem.policy.metadata" -}}
name: {{ include "realmem.fullname" (first .) }}-{{ last . }}
labels:
  {{- include "realmem.labels" (first .) | nindent 2 }}
{{- end -}}

{{/* The binding of the policy with that suffix. */}}
{{- define "realmem.policy.binding" -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "realmem.policy.metadata" . | nindent 2 }}
spec:
  policyName: {{ include "realmem.fullname" (first .) }}-{{ last . }}
  validationActions: [Deny]
{{- end -}}
