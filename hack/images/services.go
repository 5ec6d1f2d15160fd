// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/microstaging/preview-stacks/hack/build"
)

// postgresWithout leaves out the just-in-time compiler, whose LLVM would make
// the image three times as large, and Debian's way to run several servers.
var postgresWithout = []string{"libllvm14", "libz3-4", "postgresql-common", "postgresql-client-common"}

// postgres returns the image of PostgreSQL 15. PGDATA is a folder below the
// volume's mount point: PostgreSQL wants to own its folder, and a volume
// belongs to root.
func postgres(ctx context.Context) (v1.Image, error) {
	entrypoint, err := build.CommandFor(ctx, "./hack/images/postgres", "linux", "amd64")
	if err != nil {
		return nil, err
	}
	hash, err := hashFile(entrypoint)
	if err != nil {
		return nil, err
	}
	packages := []string{"postgresql-15", "libnss-wrapper", "dash", "coreutils", "libc-bin"}
	fill := func(t tree) error {
		if err := addDebian(ctx, t, packages, postgresWithout); err != nil {
			return err
		}
		t.addLink("/usr/bin/sh", "dash")
		for _, client := range []string{"psql", "pg_isready", "pg_dump", "pg_restore"} {
			t.addLink("/usr/bin/"+client, "/usr/lib/postgresql/15/bin/"+client)
		}
		t.addFolder("/var/lib/postgresql/data", os.ModeSticky|0o777)
		t.addFolder("/run/postgresql", os.ModeSticky|0o777)
		t.addLink("/var/run", "/run")
		addUsers(t)
		return t.copyProgram(entrypoint, "/usr/local/bin/docker-entrypoint")
	}
	return recipe{
		name:   "postgres",
		inputs: append(append([]string{debianRelease, hash}, packages...), postgresWithout...),
		arch:   "amd64",
		config: v1.Config{
			Entrypoint: []string{"/usr/local/bin/docker-entrypoint"},
			Cmd:        []string{"postgres"},
			User:       user(),
			// PGUSER because clients such as pg_isready, in a probe, fail for a user
			// without a name unless they are told whom to connect as.
			Env:          []string{searchPath, "PGDATA=/var/lib/postgresql/data/pgdata", "PGUSER=postgres", "LANG=C.UTF-8"},
			ExposedPorts: map[string]struct{}{"5432/tcp": {}},
			StopSignal:   "SIGINT", // a fast shutdown: SIGTERM would wait for clients to leave
		},
		fill: fill,
	}.image()
}

// redis returns the image of Debian's Redis, which keeps its data in /data.
func redis(ctx context.Context) (v1.Image, error) {
	packages := []string{"redis-server", "libc-bin"}
	return recipe{
		name:   "redis",
		inputs: append([]string{debianRelease}, packages...),
		arch:   "amd64",
		config: v1.Config{
			// Without a password Redis answers only to loopback, unless told otherwise.
			Entrypoint:   []string{"/usr/bin/redis-server", "--protected-mode", "no", "--dir", "/data"},
			User:         user(),
			WorkingDir:   "/data",
			Env:          []string{searchPath},
			ExposedPorts: map[string]struct{}{"6379/tcp": {}},
		},
		fill: func(t tree) error {
			if err := addDebian(ctx, t, packages, nil); err != nil {
				return err
			}
			t.addFolder("/data", os.ModeSticky|0o777)
			addUsers(t)
			return nil
		},
	}.image()
}

const (
	wireMockVersion = "3.13.2"
	wireMockHome    = "/home/wiremock"
	wireMockJar     = "/usr/share/wiremock/wiremock.jar"
)

// javaWithout is what the Java runtime needs only to draw, print and play sound.
var javaWithout = []string{
	"ca-certificates", "ca-certificates-java", "openssl", "fonts-dejavu-core", "fontconfig-config", "libfontconfig1", "libfreetype6", "libharfbuzz0b",
	"libglib2.0-0", "libgraphite2-3", "libasound2", "libasound2-data", "libcups2", "libavahi-client3", "libavahi-common3",
	"libavahi-common-data", "libgnutls30", "libpcsclite1",
}

// wireMock returns the image of WireMock, whose stubs are mounted at
// /home/wiremock/mappings and /home/wiremock/__files.
func wireMock(ctx context.Context) (v1.Image, error) {
	packages := []string{"openjdk-17-jre-headless", "libc-bin"}
	fill := func(t tree) error {
		if err := addDebian(ctx, t, packages, javaWithout); err != nil {
			return err
		}
		jar, err := wireMockFile(ctx)
		if err != nil {
			return fmt.Errorf("cannot get WireMock %s: %w", wireMockVersion, err)
		}
		t.addFile(wireMockJar, 0o644, jar)
		t.addFolder(wireMockHome+"/mappings", 0o755)
		t.addFolder(wireMockHome+"/__files", 0o755)
		addUsers(t)
		return nil
	}
	return recipe{
		name:   "wiremock",
		inputs: append(append([]string{debianRelease, wireMockVersion}, packages...), javaWithout...),
		arch:   "amd64",
		config: v1.Config{
			Entrypoint: []string{"/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "-jar", wireMockJar,
				"--port", "8080", "--root-dir", wireMockHome, "--disable-banner"},
			User:       user(),
			WorkingDir: wireMockHome,
			// Small and quick to start: a mock serves few requests for a short time.
			// -UsePerfData because /tmp may be read-only.
			Env:          []string{searchPath, "LANG=C.UTF-8", "JAVA_TOOL_OPTIONS=-Xmx128m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"},
			ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		},
		fill: fill,
	}.image()
}

// wireMockFile returns the jar out of the npm package that carries it. npm
// checks what it downloads against the registry's hash.
func wireMockFile(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "wiremock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if _, err := run(ctx, dir, "npm", "pack", "--silent", "wiremock@"+wireMockVersion); err != nil {
		return nil, fmt.Errorf("%w; npm is in Debian's package npm", err)
	}
	file, err := os.Open(filepath.Join(dir, "wiremock-"+wireMockVersion+".tgz"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return findInArchive(file, func(name string) bool {
		return strings.HasPrefix(path.Base(name), "wiremock-standalone") && path.Ext(name) == ".jar"
	})
}

// findInArchive returns the first file of a compressed archive whose name matches.
func findInArchive(r io.Reader, matches func(name string) bool) ([]byte, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	for tr := tar.NewReader(unzipped); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the archive does not hold the file")
		}
		if err != nil {
			return nil, err
		}
		if matches(header.Name) {
			return io.ReadAll(tr)
		}
	}
}
