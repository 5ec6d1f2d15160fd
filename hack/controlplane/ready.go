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

// answers returns a readiness check: a GET of the URL is answered with 200. The
// components serve it with a certificate that they sign themselves, on loopback,
// and tell nothing secret, so the certificate is not verified.
func (cp *ControlPlane) answers(url string) func(context.Context) error {
	client := &http.Client{
		Timeout: probeTimeout,
		Transport: &http.Transport{
			DialContext:       DialContext(cp.options.NetNS),
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // See above.
		},
	}
	return func(ctx context.Context) error { return get(ctx, client, url) }
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
	return get(ctx, client, cp.Server()+"/readyz")
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
		return fmt.Errorf("GET %s: %s: %s", url, response.Status, body)
	}
	return nil
}
