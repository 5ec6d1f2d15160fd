// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// A MockEngine is a program that plays a third party.
//
// +kubebuilder:validation:Enum=WireMock;Hoverfly;OpenAPI
type MockEngine string

// Mock engines.
const (
	MockWireMock MockEngine = "WireMock"
	MockHoverfly MockEngine = "Hoverfly"
	MockOpenAPI  MockEngine = "OpenAPI"
)

// A Mock stands in for a third party or a legacy system. Its address is
// ${mocks.NAME.url}.
type Mock struct {
	// Engine that plays it. Default: WireMock
	// +optional
	Engine MockEngine `json:"engine,omitempty"`

	// Files of the engine, keyed by path below its root: for WireMock
	// mappings/*.json and __files/*, for Hoverfly one simulation *.json, for
	// OpenAPI one openapi.yaml or .json.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$') && !k.contains('..') && !k.contains('//') && !k.endsWith('/'))",message="files has a path that cannot be used: write a relative path of letters, digits, dots, underscores and hyphens, for example mappings/pay.json",messageExpression="'files has the path \"' + self.filter(k, !(k.matches('^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$') && !k.contains('..') && !k.contains('//') && !k.endsWith('/')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write a relative path of letters, digits, dots, underscores and hyphens, for example mappings/pay.json'"
	Files map[string]MockFile `json:"files,omitempty"`

	// ConfigMapRef takes the files from a ConfigMap in the claim's namespace;
	// of its keys, a double underscore stands for a slash
	// (mappings__pay.json), because a key cannot hold one.
	// +optional
	ConfigMapRef *ConfigMapReference `json:"configMapRef,omitempty"`

	// Resources requested and the limits. Default: the class's.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
}

// A MockFile is the content of one file of a mock, at most 64 KiB.
//
// +kubebuilder:validation:MaxLength=65536
type MockFile string
