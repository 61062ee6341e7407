{{/*
The alerts that are enabled, as YAML. In the expression and the texts of an alert the word FACTOR stands for its value `factor`, and
REAL_PERCENT for `realPercent`.
*/}}
{{- define "realmem.alerts" -}}
{{- $groups := list -}}
{{- range (.Files.Get "files/monitoring/alerts.yaml" | fromYaml).groups -}}
{{- $rules := list -}}
{{- range .rules -}}
{{- $values := get (default dict $.Values.prometheusRule.alerts) .alert | default dict -}}
{{- if $values.enabled -}}
{{- $text := toYaml . -}}
{{- range $name, $value := omit $values "enabled" -}}
{{- $text = replace (snakecase $name | upper) (toString $value) $text -}}
{{- end -}}
{{- /* Last, because names and the URL may contain such words. */ -}}
{{- $rule := $text | replace "JOB" (include "realmem.job" $) | replace "RUNBOOKS" $.Values.prometheusRule.runbookUrl | fromYaml -}}
{{- /* YAML would read the text `yes` or `1` as something else. */ -}}
{{- $_ := set $rule.labels "severity" $values.severity -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- with $rules -}}
{{- $groups = append $groups (dict "name" "realmem" "rules" .) -}}
{{- end -}}
{{- end -}}
{{- with $groups -}}
{{- dict "groups" . | toYaml -}}
{{- end -}}
{{- end -}}
