// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// glance is how often a browser looks that waits for a page or watches one.
const glance = 50 * time.Millisecond

// A Browser opens URLs of stacks through the gateway, as a person's would.
type Browser struct {
	client *http.Client
}

// Browser resolves hosts below the gateway's domain to the gateway. Each request
// is a connection of its own, so that none rides on one from better times.
func (p *Place) Browser() *Browser {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, "."+p.Gateway.Domain) {
			address = p.Gateway.Address
		}
		return dialer.DialContext(ctx, network, address)
	}
	return &Browser{client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
	}}
}

// Get fetches a page. Any answer but 200 is an error.
func (b *Browser) Get(ctx context.Context, url string) (string, error) {
	return b.do(ctx, http.MethodGet, url, nil, http.StatusOK, nil)
}

// GetAs fetches a page with the headers of somebody else, such as a robot's.
func (b *Browser) GetAs(ctx context.Context, url string, headers http.Header) (string, error) {
	return b.do(ctx, http.MethodGet, url, nil, http.StatusOK, func(r *http.Request) { r.Header = headers })
}

// do sends a request and returns the answer's body if its status is as wanted.
func (b *Browser) do(ctx context.Context, method, url string, body []byte, want int, change func(*http.Request)) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	if change != nil {
		change(request)
	}
	response, err := b.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", method, url, err)
	}
	if response.StatusCode != want {
		return "", fmt.Errorf("%s %s: %s: %s", method, url, response.Status, strings.TrimSpace(string(text)))
	}
	return string(text), nil
}

// Await fetches a page until it answers and holds a text.
func (b *Browser) Await(ctx context.Context, url, text string, timeout time.Duration) (string, error) {
	var page string
	var last error
	err := wait.PollUntilContextTimeout(ctx, glance, timeout, true, func(ctx context.Context) (bool, error) {
		page, last = b.Get(ctx, url)
		return last == nil && strings.Contains(page, text), nil
	})
	if err != nil {
		return page, fmt.Errorf("%s does not answer with %q within %s: last: %v", url, text, timeout, last) //nolint:errorlint // The last answer says more than that time is up.
	}
	return page, nil
}

// A Watch is what a browser saw that kept looking at pages.
type Watch struct {
	// Requests and how many of them Failed.
	Requests, Failed int

	// FirstFailure is the first of them.
	FirstFailure error

	// Versions that the version page named, with the requests that saw them.
	Versions map[string]int
}

// Watch looks at a page and at one that names the version, over and over, until
// the returned function is called.
func (b *Browser) Watch(ctx context.Context, page, version string) (stop func() Watch) {
	ctx, cancel := context.WithCancel(ctx)
	seen := Watch{Versions: map[string]int{}}
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(glance)
		defer ticker.Stop()
		for ctx.Err() == nil {
			seen.look(ctx, b, page)
			if text, ok := seen.look(ctx, b, version); ok {
				seen.Versions[strings.TrimSpace(text)]++
			}
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	})
	return func() Watch {
		cancel()
		running.Wait()
		return seen
	}
}

// look counts a request, unless the watch was stopped meanwhile.
func (w *Watch) look(ctx context.Context, b *Browser, url string) (string, bool) {
	text, err := b.Get(ctx, url)
	if ctx.Err() != nil {
		return "", false
	}
	w.Requests++
	if err == nil {
		return text, true
	}
	w.Failed++
	if w.FirstFailure == nil {
		w.FirstFailure = err
	}
	return "", false
}
