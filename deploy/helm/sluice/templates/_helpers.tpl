{{/* The name of everything that the chart makes. */}}
{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What does not change from version to version: a selector cannot. */}}
{{- define "sluice.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sluice.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sluice.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sluice.configMapName" -}}
{{- default (include "sluice.fullname" .) .Values.existingConfigMap.name -}}
{{- end -}}

{{/* With a spill each pod has a volume of its own, which outlives it. */}}
{{- define "sluice.kind" -}}
{{- ternary "StatefulSet" "Deployment" .Values.spill.enabled -}}
{{- end -}}

{{- define "sluice.isScaled" -}}
{{- if or .Values.autoscaling.enabled .Values.keda.enabled }}true{{ end -}}
{{- end -}}

{{/* The page of a prometheus pump: on a port of its own, or on that of the health pages (serve_on: admin). */}}
{{- define "sluice.apiMetricsPort" -}}
{{- if ne (int .Values.apiMetrics.port) (int .Values.healthPort) }}api-metrics{{ else }}http{{ end -}}
{{- end -}}
{{- define "sluice.hasApiPort" -}}
{{- if and .Values.apiMetrics.enabled (ne (int .Values.apiMetrics.port) (int .Values.healthPort)) }}true{{ end -}}
{{- end -}}

{{/* Pods are asked by their addresses, which no certificate names. */}}
{{- define "sluice.scheme" -}}
{{- if .Values.admin.tls.secretName -}}
scheme: https
tlsConfig:
  insecureSkipVerify: true
{{- end -}}
{{- end -}}

{{- define "sluice.endpoints" -}}
- port: http
  path: /metrics
  interval: {{ .interval }}
  {{- include "sluice.scheme" .root | nindent 2 }}
{{- if .root.Values.apiMetrics.enabled }}
- port: {{ include "sluice.apiMetricsPort" .root }}
  path: {{ .root.Values.apiMetrics.path }}
  interval: {{ .interval }}
  {{- if eq (include "sluice.apiMetricsPort" .root) "http" }}
  {{- include "sluice.scheme" .root | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What no schema can say. */}}
{{- define "sluice.check" -}}
{{- with .Values -}}
{{- if and .autoscaling.enabled .keda.enabled -}}
{{- fail "autoscaling and keda exclude each other: each would undo what the other does" -}}
{{- end -}}
{{- if and .spill.enabled (or .autoscaling.enabled .keda.enabled) -}}
{{- fail "spill and scaling exclude each other: records on the volume of a pod that is scaled away would wait there until it comes back" -}}
{{- end -}}
{{- if and .serviceMonitor.enabled .podMonitor.enabled -}}
{{- fail "serviceMonitor and podMonitor exclude each other: everything would be scraped, and counted, twice" -}}
{{- end -}}
{{- if and .keda.enabled (not .keda.triggers) (not .keda.prometheus.serverAddress) -}}
{{- fail "keda needs keda.prometheus.serverAddress, or keda.triggers of your own" -}}
{{- end -}}
{{- if or (dig "sluice" "admin" "viewer_token" "" .config) (dig "sluice" "admin" "operator_token" "" .config) -}}
{{- fail "a token in config.sluice.admin would stand in a ConfigMap: use admin.existingSecret" -}}
{{- end -}}
{{- range $name, $_ := .variables -}}
{{- if regexMatch "PASSWORD|SECRET|TOKEN" $name -}}
{{- fail (printf "variables.%s looks like a secret, which would stand in the manifest: use secretVariables" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* As it is given, and otherwise that of the quick start. Never both: a pump of the one beside those of the other would keep
records for a sink that nobody wants. */}}
{{- define "sluice.config" -}}
{{- if .Values.config -}}
{{- .Values.config | toPrettyJson -}}
{{- else -}}
{{- .Files.Get "files/pump.json" | trim -}}
{{- end -}}
{{- end -}}

{{/* Over every instance, the largest: each says the same of what lies in Redis. */}}
{{- define "sluice.lagQuery" -}}
{{- $of := printf "namespace=%q, pod=~%q" .Release.Namespace (printf "%s-.+" (include "sluice.fullname" .)) -}}
max(sluice_route_lag_records{ {{- $of -}} }) + sum(max by (list) (sluice_waiting_records{ {{- $of -}} }))
{{- end -}}

{{/* What is no pump has labels of its own: services and monitors of the pump must not find it. Given the root and the part's name. */}}
{{- define "sluice.partSelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-%s" (default .root.Chart.Name .root.Values.nameOverride) .part | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "sluice.partLabels" -}}
{{ include "sluice.partSelectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Of `image` with a repository, a tag and a chart whose version stands for none. */}}
{{- define "sluice.partImage" -}}
{{ printf "%s:%s" .image.repository (default .root.Chart.AppVersion .image.tag) | quote }}
{{- end -}}

{{/* Where records of what captures go: where the pump takes them from, unless `storage` says something else. As the chart does not know
that of a ConfigMap that is there already, or of variables, it guesses nothing. */}}
{{- define "sluice.captureStorage" -}}
{{- $known := "" -}}
{{- if not .root.Values.existingConfigMap.name -}}
{{- $known = get (include "sluice.config" .root | fromJson) "analytics_storage_config" -}}
{{- end -}}
{{- if not (or .storage $known) -}}
{{- fail (printf "%s.storage is needed: the chart knows of no other Redis than analytics_storage_config of config" .name) -}}
{{- end -}}
{{- default $known .storage | toJson -}}
{{- end -}}

{{/* What sees TLS, as capture.yaml. */}}
{{- define "sluice.ebpfConfig" -}}
{{- $storage := include "sluice.captureStorage" (dict "root" . "storage" .Values.ebpf.storage "name" "ebpf") | fromJson -}}
{{- $source := dict "type" "ebpf" "children" true -}}
{{- if .Values.ebpf.everyProcess -}}
{{- $_ := set $source "every_process" true -}}
{{- else -}}
{{- $_ := set $source "watch" .Values.ebpf.watch -}}
{{- end -}}
{{- $config := dict "storage" $storage "redact" .Values.ebpf.redact "sources" (list $source) -}}
{{- if .Values.clusterName -}}
{{- $_ := set $config "record" (dict "cluster" .Values.clusterName) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* The sidecar of the demo: packets of its pod, without the probes of Kubernetes. */}}
{{- define "sluice.demoConfig" -}}
{{- $sidecar := .Values.demo.sidecar -}}
{{- $storage := include "sluice.captureStorage" (dict "root" . "storage" $sidecar.storage "name" "demo.sidecar") | fromJson -}}
{{- $source := dict "type" "packets" "interface" "any" "filter" "tcp port 8080 or tcp port 8082 or tcp port 8443" -}}
{{- $record := dict "where" "-path:/health" -}}
{{- if .Values.clusterName -}}
{{- $_ := set $record "cluster" .Values.clusterName -}}
{{- end -}}
{{- toYaml (dict "storage" $storage "record" $record "redact" (list "secrets") "sources" (list $source)) -}}
{{- end -}}
