{{- /* The type of a field, as YAML has it. */ -}}
{{- define "kindOf" -}}
{{- $of := "" -}}
{{- $type := .type -}}
{{- if $type.KeyType }}{{ $of = "map of " }}{{ $type = $type.ValueType }}{{ end -}}
{{- $of }}{{ template "link" (dict "type" $type "text" (markdownRenderType $type)) -}}
{{- end -}}

{{- /* What a field means. Its default is in the text unless the API server sets it. */ -}}
{{- define "doc" -}}
{{- $text := .Doc | replace "\n" " " | replace "|" "\\|" -}}
{{- $text -}}
{{- if and .Default (not (contains "Default:" $text)) }} Default: `{{ .Default }}`{{ end -}}
{{- end -}}

{{- /* What the API server holds a field to. What is quoted is what it says. */ -}}
{{- define "rules" -}}
{{- $words := list -}}
{{- if not (or (index .Markers "optional") (eq .Name "status")) }}{{ $words = append $words "required" }}{{ end -}}
{{- range .Validation -}}
{{- $parts := splitn ": " 2 . -}}
{{- $name := $parts._0 -}}
{{- if has $name (list "MinLength" "MinItems" "MinProperties") }}{{ $words = append $words "not empty" }}
{{- else if eq $name "MaxLength" }}{{ $words = append $words (printf "at most %s characters" $parts._1) }}
{{- else if has $name (list "MaxItems" "MaxProperties") }}{{ $words = append $words (printf "at most %s entries" $parts._1) }}
{{- else if eq $name "Minimum" }}{{ $words = append $words (printf "at least %s" $parts._1) }}
{{- else if eq $name "Maximum" }}{{ $words = append $words (printf "at most %s" $parts._1) }}
{{- else if eq $name "Enum" }}{{ $words = append $words ($parts._1 | trimAll "[]" | replace " " ", " | printf "one of %s") }}
{{- end -}}
{{- end -}}
{{- range index .Markers "kubebuilder:validation:XValidation" }}{{ $words = append $words (.Message | replace "|" "\\|" | printf "“%s”") }}{{ end -}}
{{- $words | join "; " -}}
{{- end -}}
