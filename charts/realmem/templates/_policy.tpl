{{/* The policies apply to the agent's service account. */}}
{{- define "realmem.policy.agent" -}}
- name: agent
  expression: 'request.userInfo.username == "system:serviceaccount:{{ include "realmem.namespace" . }}:{{ include "realmem.serviceAccountName" . }}"'
{{- end -}}

{{/* Name and UID of the node that the token was issued for. The API server put both into the token. */}}
{{- define "realmem.policy.node" -}}
- name: node
  expression: request.userInfo.extra[?'authentication.kubernetes.io/node-name'][0].orValue('')
- name: nodeUID
  expression: request.userInfo.extra[?'authentication.kubernetes.io/node-uid'][0].orValue('')
{{- end -}}

{{- define "realmem.policy.claimed" -}}
- expression: variables.node != ''
  message: the token names no node
{{- end -}}

{{/* Annotations of a pod before and after the write, and the keys of realmem's annotations. */}}
{{- define "realmem.policy.podVariables" -}}
- name: before
  expression: oldObject.metadata.?annotations.orValue({})
- name: after
  expression: object.metadata.?annotations.orValue({})
- name: keys
  expression: "['realmem.dev/memory', 'realmem.dev/report']"
{{- end -}}

{{/*
The fields of a pod that a writer of annotations may not change. managedFields are not among them: the API server ignores them in
a write to a sub-resource.
*/}}
{{- define "realmem.policy.restOfPod" -}}
- expression: >-
    object.spec == oldObject.spec && object.?status == oldObject.?status
    && object.metadata.?labels == oldObject.metadata.?labels
    && object.metadata.?finalizers == oldObject.metadata.?finalizers
    && object.metadata.?generateName == oldObject.metadata.?generateName
    && object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences
  message: only annotations may change
{{- end -}}

{{/* The new state of the object (the old one on DELETE), and its labels and annotations before the write. */}}
{{- define "realmem.policy.subject" -}}
- name: subject
  expression: "request.operation == 'DELETE' ? oldObject : object"
- name: labelsBefore
  expression: "request.operation == 'CREATE' ? {} : oldObject.metadata.?labels.orValue({})"
- name: annotationsBefore
  expression: "request.operation == 'CREATE' ? {} : oldObject.metadata.?annotations.orValue({})"
{{- end -}}

{{/*
Limits the metadata of an object that the agent writes.
- A finalizer, or an owner with blockOwnerDeletion, would block the deletion of a node. An owner with another UID would make the
  garbage collector delete the object, or keep it.
- Other controllers act on labels and annotations (they load a dashboard, or copy a ConfigMap elsewhere). So the agent may write
  only the labels in `variables.labels`, with these values, and the annotation keys in `variables.annotations`. It may not change
  labels and annotations that others set.
*/}}
{{- define "realmem.policy.own" -}}
- expression: variables.subject.metadata.?finalizers.orValue([]).size() == 0 || request.operation == 'DELETE'
  message: finalizers are not allowed
- expression: variables.subject.metadata.?generateName.orValue('') == '' || request.operation == 'DELETE'
  message: metadata.generateName is not allowed
- expression: >-
    variables.subject.metadata.?ownerReferences.orValue([]).all(o,
    o.apiVersion == 'v1' && o.kind == 'Node' && o.name == variables.node && o.uid == variables.nodeUID
    && !o.?controller.orValue(false) && !o.?blockOwnerDeletion.orValue(false)
    || (request.operation != 'CREATE' && o in oldObject.metadata.?ownerReferences.orValue([])))
  message: the only owner may be the node of the token, without controller and without blockOwnerDeletion
- expression: >-
    request.operation == 'DELETE'
    || variables.labels.all(k, object.metadata.?labels.orValue({})[?k] == optional.of(variables.labels[k]))
    && object.metadata.?labels.orValue({}).all(k, k in variables.labels
    || variables.labelsBefore[?k] == optional.of(object.metadata.labels[k]))
    && variables.labelsBefore.all(k, k in object.metadata.?labels.orValue({}))
  message: the agent may change only realmem's own labels, and only to realmem's values
- expression: >-
    request.operation == 'DELETE'
    || object.metadata.?annotations.orValue({}).all(k, k in variables.annotations
    || variables.annotationsBefore[?k] == optional.of(object.metadata.annotations[k]))
    && variables.annotationsBefore.all(k, k in object.metadata.?annotations.orValue({}))
  message: the agent may change only realmem's own annotations
{{- end -}}

{{/* Whether a ConfigMap is the history of a node, by its name and labels. */}}
{{- define "realmem.policy.isHistory" -}}
oldObject.metadata.name.startsWith('history-')
    && oldObject.metadata.?labels.orValue({})[?'app.kubernetes.io/managed-by'] == optional.of('realmem')
    && oldObject.metadata.?labels.orValue({})[?'realmem.dev/part'] == optional.of('history')
{{- end -}}

{{/* Arguments: the root, the suffix of the policy's name. */}}
{{- define "realmem.policy.metadata" -}}
name: {{ include "realmem.fullname" (first .) }}-{{ last . }}
labels:
  {{- include "realmem.labels" (first .) | nindent 2 }}
{{- end -}}

{{/* The binding of a policy. Arguments: the root, the suffix of the policy's name. */}}
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
