{{- /* One API group: its kinds, then the types they are made of. */ -}}
{{- define "gvDetails" }}
## {{ .GroupVersionString }}
{{ $gv := . -}}
{{ range .SortedKinds }}{{ template "type" (dict "gv" $gv "type" ($gv.TypeForKind .)) }}{{ end -}}
{{- range .SortedTypes }}{{ if not .GVK }}{{ template "type" (dict "gv" $gv "type" .) }}{{ end }}{{ end -}}
{{- end -}}
