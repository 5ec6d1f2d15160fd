// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
)

// probeTimeout bounds one look at whether something is ready.
const probeTimeout = 5 * time.Second

// newProber makes the client of the readiness checks. The components serve them
// with certificates that they sign themselves, on loopback, and tell nothing
// secret, so the certificates are not verified.
func newProber(netNS string) *http.Client {
	return &http.Client{
		Timeout: probeTimeout,
		Transport: &http.Transport{
			DialContext:       DialContext(netNS),
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // See above.
		},
	}
}

// answers returns a readiness check: a GET of the URL is answered with 200.
func (cp *ControlPlane) answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := get(ctx, cp.prober, url)
		return err
	}
}

// apiReady checks that the API server is ready for the administrator, so that
// its default roles are there too.
func (cp *ControlPlane) apiReady(ctx context.Context) error {
	config := cp.RESTConfig()
	config.Timeout = probeTimeout
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	_, err = get(ctx, client, cp.Server()+"/readyz")
	return err
}

// get returns the body of an answer, and fails unless its status is 200.
func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s: %s", url, response.Status, body)
	}
	return body, nil
}
