{{- define "notar.labels" -}}
app.kubernetes.io/name: notar
{{- end }}

{{/* A cluster that is covered whole cannot start again: the namespaces it needs are never covered. */}}
{{- define "notar.excluded" -}}
{{- $names := list "kube-system" "kube-public" "kube-node-lease" .Release.Namespace }}
{{- if has .Release.Namespace (list "default" "kube-public" "kube-node-lease") }}
{{- fail (printf "notar must have a namespace of its own, not %s: its namespace is excluded from checking" .Release.Namespace) }}
{{- end }}
{{- range .Values.excludedNamespaces }}{{ $names = append $names . }}{{ end }}
{{- toJson (uniq $names) }}
{{- end }}

{{- define "notar.rules" -}}
- apiGroups: [""]
  apiVersions: [v1]
  operations: [CREATE, UPDATE]
  resources: [pods, pods/ephemeralcontainers, pods/resize, podtemplates, replicationcontrollers]
  scope: Namespaced
- apiGroups: [apps]
  apiVersions: [v1]
  operations: [CREATE, UPDATE]
  resources: [deployments, replicasets, statefulsets, daemonsets]
  scope: Namespaced
- apiGroups: [batch]
  apiVersions: [v1]
  operations: [CREATE, UPDATE]
  resources: [jobs, cronjobs]
  scope: Namespaced
{{- end }}

{{- define "notar.conditions" -}}
- name: not-a-mirror-pod
  expression: >-
    !(request.userInfo.username.startsWith('system:node:') && object != null &&
    has(object.metadata) && has(object.metadata.annotations) &&
    'kubernetes.io/config.mirror' in object.metadata.annotations)
- name: not-being-deleted
  expression: >-
    !(object != null && has(object.metadata) && has(object.metadata.deletionTimestamp))
{{- end }}

{{- define "notar.secret" -}}
{{- default "notar-tls" .Values.tls.existingSecret }}
{{- end }}
