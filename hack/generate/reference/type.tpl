{{- /* Links to types carry the folder of their group; two groups may have types of one name. */ -}}
{{- define "link" -}}
{{- $path := .type.Package | splitList "/" -}}
{{- if and (lt (len $path) 2) .type.UnderlyingType }}{{ $path = .type.UnderlyingType.Package | splitList "/" }}{{ end -}}
{{- $folder := "" -}}
{{- if gt (len $path) 1 }}{{ $folder = index $path (sub (len $path) 2) | replace "apis" "microstaging" }}{{ end -}}
{{- .text | replace "generated/kubernetes-api/v1.35/#quantity-resource-api" "kubernetes-api/common-definitions/quantity/" | replace "](#" (printf "](#%s-" $folder) -}}
{{- end -}}

{{- define "type" -}}
{{- $gv := .gv -}}
{{- $type := .type -}}
{{- if markdownShouldRenderType $type }}

<a id="{{ $gv.Group | splitList "." | first }}-{{ $type.Name | lower }}"></a>

### {{ $type.Name }}

{{ $type.Doc }}
{{- if $type.References }}

Used by {{ range $i, $ref := $type.SortedReferences }}{{ if $i }}, {{ end }}{{ template "link" (dict "type" $ref "text" (markdownRenderTypeLink $ref)) }}{{ end }}.
{{- end }}
{{- range index $type.Markers "kubebuilder:validation:XValidation" }}

Refused with: “{{ .Message }}”
{{- end }}
{{- if $type.EnumValues }}

| Value | Meaning |
| --- | --- |
{{- range $type.EnumValues }}
| `{{ .Name }}` | {{ markdownRenderFieldDoc .Doc }} |
{{- end }}
{{- else if $type.Members }}

| Field | Type | Meaning | Rules |
| --- | --- | --- | --- |
{{- if $type.GVK }}
| `apiVersion` | string | `{{ $type.GVK.Group }}/{{ $type.GVK.Version }}` | |
| `kind` | string | `{{ $type.GVK.Kind }}` | |
| `metadata` | object | [As of every object](https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/). | |
{{- end }}
{{- range $type.Members }}{{ if not (and $type.GVK (eq .Name "metadata")) }}
| `{{ .Name }}` | {{ template "kindOf" (dict "gv" $gv "type" .Type) }} | {{ template "doc" . }} | {{ template "rules" . }} |
{{- end }}{{ end }}
{{- end }}
{{ end -}}
{{- end -}}
