// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// validity of what is issued: longer than any run, short enough to be useless
// when it leaks. The start lies in the past for clocks that differ a little.
const (
	validity = 30 * 24 * time.Hour
	skew     = time.Hour
)

// A CA signs certificates.
type CA struct {
	// PEM is its own certificate.
	PEM []byte

	certificate *x509.Certificate
	key         crypto.Signer
}

// A KeyPair is a certificate and its private key, as PEM.
type KeyPair struct {
	Certificate, Key []byte
}

// A Subject says whom a certificate is for.
type Subject struct {
	// Name is the common name, which the API server takes for the user.
	Name string

	// Groups are what the API server takes for the user's groups.
	Groups []string

	// Hosts are DNS names and IP addresses that a server answers at. A subject
	// without any gets a certificate for clients only.
	Hosts []string
}

// NewCA makes a self-signed certificate authority.
func NewCA(name string) (*CA, error) {
	template := certificate(Subject{Name: name})
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = nil
	pair, err := sign(template, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot make the certificate authority %s: %w", name, err)
	}
	return ParseCA(pair)
}

// ParseCA makes a CA of an existing one's certificate and key.
func ParseCA(pair KeyPair) (*CA, error) {
	parsed, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return nil, fmt.Errorf("cannot read a certificate authority: %w", err)
	}
	key, ok := parsed.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("cannot sign with a key of type %T", parsed.PrivateKey)
	}
	return &CA{PEM: pair.Certificate, certificate: parsed.Leaf, key: key}, nil
}

// keyPEM is the CA's private key, for a program that signs on its own.
func (ca *CA) keyPEM() ([]byte, error) {
	private, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return nil, fmt.Errorf("cannot write the key of a certificate authority: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), nil
}

// Issue makes a key and signs a certificate for it.
func (ca *CA) Issue(s Subject) (KeyPair, error) {
	pair, err := sign(certificate(s), ca)
	if err != nil {
		return KeyPair{}, fmt.Errorf("cannot issue a certificate for %s: %w", s.Name, err)
	}
	return pair, nil
}

// IssueFiles issues a certificate into a folder: tls.crt, tls.key and the CA's
// ca.crt, the names that Kubernetes' TLS secrets and Crossplane's SDKs use.
func (ca *CA) IssueFiles(dir string, s Subject) error {
	pair, err := ca.Issue(s)
	if err != nil {
		return err
	}
	return writeFiles(dir, map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key, "ca.crt": ca.PEM})
}

func certificate(s Subject) *x509.Certificate {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: s.Name, Organization: s.Groups},
		NotBefore:             time.Now().Add(-skew),
		NotAfter:              time.Now().Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range s.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, host)
	}
	if len(s.Hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	return template
}

// sign makes a key and a certificate for it, signed by a CA, or by the key
// itself if there is none.
func sign(template *x509.Certificate, by *CA) (KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, err
	}
	if by == nil {
		by = &CA{certificate: template, key: key}
	}
	// Clients refuse two certificates of one CA with the same serial number.
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return KeyPair{}, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	if err != nil {
		return KeyPair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}

// writeFiles writes files that only their owner may read.
func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
