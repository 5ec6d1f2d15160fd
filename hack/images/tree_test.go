// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pkg is the archive of a package that uses all that packages use.
func pkg(t *testing.T) []byte {
	t.Helper()
	buffer := &bytes.Buffer{}
	tw := tar.NewWriter(buffer)
	for _, header := range []*tar.Header{
		{Name: "./", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "./lib/libz.so.1", Typeflag: tar.TypeSymlink, Linkname: "libz.so.1.2"},
		{Name: "./lib/libz.so.1.2", Typeflag: tar.TypeReg, Mode: 0o644, Uid: 7, Size: 1},
		{Name: "./usr/bin/perl", Typeflag: tar.TypeReg, Mode: 0o4755, Size: 1},
		{Name: "./usr/bin/perl5", Typeflag: tar.TypeLink, Linkname: "./usr/bin/perl"},
		{Name: "./usr/share/doc/zlib/changelog.gz", Typeflag: tar.TypeReg, Mode: 0o644, Size: 1},
		{Name: "./usr/share/doc/zlib/copyright", Typeflag: tar.TypeReg, Mode: 0o644, Size: 1},
	} {
		if err := tw.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(make([]byte, header.Size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

type written struct {
	Name, Link string
	Type       byte
	Mode       int64
	UID        int
}

func TestPackageToLayer(t *testing.T) {
	files := tree{}
	if err := files.readTar(bytes.NewReader(pkg(t))); err != nil {
		t.Fatal(err)
	}
	files.addFolder("/tmp", fs.ModeSticky|0o777)
	layer := &bytes.Buffer{}
	if err := files.writeTar(layer); err != nil {
		t.Fatal(err)
	}

	want := []written{
		{Name: "tmp/", Type: tar.TypeDir, Mode: 0o1777},
		{Name: "usr/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/bin/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/bin/perl", Type: tar.TypeReg, Mode: 0o755},
		{Name: "usr/bin/perl5", Type: tar.TypeReg, Mode: 0o755},
		{Name: "usr/lib/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/lib/libz.so.1", Type: tar.TypeSymlink, Mode: 0o777, Link: "libz.so.1.2"},
		{Name: "usr/lib/libz.so.1.2", Type: tar.TypeReg, Mode: 0o644},
		{Name: "usr/share/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/share/doc/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/share/doc/zlib/", Type: tar.TypeDir, Mode: 0o755},
		{Name: "usr/share/doc/zlib/copyright", Type: tar.TypeReg, Mode: 0o644},
	}
	if diff := cmp.Diff(want, read(t, layer)); diff != "" {
		t.Errorf("sorted, below one /usr, without owners, setuid and documentation: -want, +got:\n%s", diff)
	}
}

func TestLayerIsReproducible(t *testing.T) {
	var layers [2]bytes.Buffer
	for i := range layers {
		files := tree{}
		addUsers(files)
		addCertificates(files)
		if err := files.writeTar(&layers[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(layers[0].Bytes(), layers[1].Bytes()) {
		t.Error("writeTar(...): two layers of the same files differ")
	}
}

func TestClosure(t *testing.T) {
	const printed = `Reading package lists...
'http://mirror.example.org/pool/z/zlib1g_1.2.13.dfsg-1_amd64.deb' zlib1g_1%3a1.2.13.dfsg-1_amd64.deb 86684 MD5Sum:ec42
'http://mirror.example.org/pool/t/tzdata_2026f-0+deb12u1_all.deb' tzdata_2026f-0+deb12u1_all.deb 307832 
`
	want := []string{"zlib1g=1:1.2.13.dfsg-1", "tzdata=2026f-0+deb12u1"}
	if diff := cmp.Diff(want, parseClosure(printed)); diff != "" {
		t.Errorf("apt escapes the colon of an epoch: parseClosure(...): -want, +got:\n%s", diff)
	}
}

func read(t *testing.T, layer io.Reader) []written {
	t.Helper()
	var all []written
	for tr := tar.NewReader(layer); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, written{Name: header.Name, Link: header.Linkname, Type: header.Typeflag, Mode: header.Mode, UID: header.Uid})
	}
}
