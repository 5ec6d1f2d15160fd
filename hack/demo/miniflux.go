// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Commits of Miniflux: releases 2.2.12, which the example starts with, and
// 2.2.13, whose schema is three migrations newer.
const (
	Miniflux12 = "459b1bf1eec2674ebc67bba116cb0165e46be051"
	Miniflux13 = "10b2b36895ddbd3b29687a459fa7cb3ad04c5028"
)

// A Miniflux is one that runs in a stack.
type Miniflux struct {
	// URL of it, without a slash at its end.
	URL string

	place   *Place
	browser *Browser
}

// Miniflux is the one behind a URL.
func (p *Place) Miniflux(url string) *Miniflux {
	return &Miniflux{URL: strings.TrimSuffix(url, "/"), place: p, browser: p.Browser()}
}

// LoginText is on the login page and on no other.
const LoginText = `action="/login"`

// VersionURL is a page that names the version, for everybody.
func (m *Miniflux) VersionURL() string { return m.URL + "/version" }

// Subscribe has Miniflux fetch a feed.
func (m *Miniflux) Subscribe(ctx context.Context, feed string) error {
	body, err := json.Marshal(map[string]any{"feed_url": feed})
	if err != nil {
		return err
	}
	_, err = m.browser.do(ctx, http.MethodPost, m.URL+"/v1/feeds", body, http.StatusCreated, asAdmin)
	return err
}

// An Entry is one of a feed.
type Entry struct {
	Title string `json:"title"`
	Feed  struct {
		Title string `json:"title"`
	} `json:"feed"`
}

// Entries of all feeds.
func (m *Miniflux) Entries(ctx context.Context) ([]Entry, error) {
	text, err := m.browser.do(ctx, http.MethodGet, m.URL+"/v1/entries", nil, http.StatusOK, asAdmin)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Entries []Entry `json:"entries"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, fmt.Errorf("cannot read Miniflux's entries: %w", err)
	}
	return answer.Entries, nil
}

// A Version is what Miniflux says about itself.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Version of the Miniflux that answers.
func (m *Miniflux) Version(ctx context.Context) (Version, error) {
	var v Version
	text, err := m.browser.do(ctx, http.MethodGet, m.URL+"/v1/version", nil, http.StatusOK, asAdmin)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("cannot read Miniflux's version: %w", err)
	}
	return v, nil
}

// Schema is the version of the database's schema.
func (m *Miniflux) Schema(ctx context.Context, namespace string) (string, error) {
	out, err := m.place.Kubectl(ctx, nil, "exec", "--namespace", namespace, "deployment/db", "--",
		"env", "PGPASSWORD=miniflux", "psql", "-h", "127.0.0.1", "-U", "miniflux", "-d", "miniflux", "-tAc", "SELECT version FROM schema_version")
	if err != nil {
		return "", fmt.Errorf("cannot read the version of the schema: %w", err)
	}
	return strings.TrimSpace(out), nil
}

// asAdmin logs in as the example's blueprint notes.
func asAdmin(r *http.Request) { r.SetBasicAuth("admin", "test123") }
