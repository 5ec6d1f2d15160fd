// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/crossplane/function-sdk-go/logging"
)

// Names of the files in the certificates folder, as Crossplane mounts it.
const (
	fileCertificate = "tls.crt"
	fileKey         = "tls.key"
	fileCA          = "ca.crt"
)

// certificates serve what is in a folder at the time of each handshake. A
// mounted secret changes in place when Crossplane renews it, and a function
// that went on with the old one would be cut off once that expires.
type certificates struct {
	dir string
	log logging.Logger

	mu     sync.Mutex
	loaded *tls.Config
	stamp  stamp
}

// A stamp tells versions of the folder's files apart.
type stamp [3]struct {
	modified time.Time
	size     int64
}

func (c *certificates) credentials() credentials.TransportCredentials {
	return credentials.NewTLS(&tls.Config{
		MinVersion:         tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current() },
	})
}

// current returns the configuration for the next handshake. While the folder
// cannot be read, for example half-written, the last good one stays in use.
func (c *certificates) current() (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	now, err := c.stat()
	if err == nil && c.loaded != nil && now == c.stamp {
		return c.loaded, nil
	}
	var fresh *tls.Config
	if err == nil {
		fresh, err = c.load()
	}
	switch {
	case err == nil:
		c.log.Info("Loaded certificates", "dir", c.dir)
		c.loaded, c.stamp = fresh, now
	case c.loaded == nil:
		return nil, err
	default:
		c.log.Info("Cannot load new certificates, serving the old ones", "dir", c.dir, "error", err)
	}
	return c.loaded, nil
}

func (c *certificates) stat() (stamp, error) {
	var s stamp
	for i, name := range []string{fileCertificate, fileKey, fileCA} {
		info, err := os.Stat(filepath.Join(c.dir, name))
		if err != nil {
			return stamp{}, fmt.Errorf("cannot find server certificates: %w", err)
		}
		s[i].modified, s[i].size = info.ModTime(), info.Size()
	}
	return s, nil
}

func (c *certificates) load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(c.dir, fileCertificate), filepath.Join(c.dir, fileKey))
	if err != nil {
		return nil, fmt.Errorf("cannot load server certificate from %s: %w", c.dir, err)
	}
	ca, err := os.ReadFile(filepath.Join(c.dir, fileCA))
	if err != nil {
		return nil, fmt.Errorf("cannot read CA of clients: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("cannot read CA of clients: %s holds no PEM certificate", filepath.Join(c.dir, fileCA))
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		NextProtos:   []string{"h2"},
	}, nil
}
