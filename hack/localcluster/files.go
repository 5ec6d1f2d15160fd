// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed config manifests
var embedded embed.FS

// values are what the files of config and manifests are filled in with.
type values struct {
	// Dir is the folder of the node's files.
	Dir string

	// Namespace names the network namespace, the CNI network and the cgroup.
	Namespace string

	// Node is the node's address.
	Node string

	// Registry is the name of the registry to pods and to containerd.
	Registry string

	// Socket is containerd's.
	Socket string

	CNIPlugins      string
	ProxyKubeconfig string
}

// render fills in an embedded file and writes it.
func (v values) render(name, path string) error {
	parsed, err := template.ParseFS(embedded, name)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer file.Close()
	if err := parsed.Execute(file, v); err != nil {
		return fmt.Errorf("cannot fill in %s: %w", name, err)
	}
	return file.Close()
}
