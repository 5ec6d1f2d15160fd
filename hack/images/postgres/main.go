// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command postgres is the entrypoint of the PostgreSQL image. It makes the
// database in an empty PGDATA as POSTGRES_USER, POSTGRES_PASSWORD and
// POSTGRES_DB say, like the well-known image does, and then becomes the server.
//
// It runs as any user, also with a read-only root file system, and reads no
// initialisation scripts.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// bin is where Debian keeps the server's programs.
const bin = "/usr/lib/postgresql/15/bin"

// socketFolder is where Debian's clients look for the server.
const socketFolder = "/var/run/postgresql"

// scratch is a folder that any user may write to, in every container.
const scratch = "/dev/shm"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "postgres image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "postgres" {
		args = args[1:]
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return become(args)
	}
	c, err := readSettings()
	if err != nil {
		return err
	}
	if err := c.ensureDatabase(); err != nil {
		return err
	}
	// An fsGroup gives the group access whenever the volume is mounted, and the
	// server refuses a folder that its group may write to.
	if err := os.Chmod(c.data, 0o700); err != nil {
		return fmt.Errorf("cannot make PGDATA private: %w; it has to belong to user %d", err, os.Getuid())
	}
	server := []string{filepath.Join(bin, "postgres"), "-D", c.data, "-c", "listen_addresses=*", "-c", "unix_socket_directories=" + sockets()}
	return become(append(server, args...))
}

// become replaces this process, so that the server gets the kubelet's SIGTERM.
func become(args []string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return fmt.Errorf("cannot find %s: %w", args[0], err)
	}
	return syscall.Exec(path, args, os.Environ())
}

type settings struct{ data, user, password, database string }

func readSettings() (settings, error) {
	c := settings{data: os.Getenv("PGDATA"), user: os.Getenv("POSTGRES_USER"), password: os.Getenv("POSTGRES_PASSWORD"), database: os.Getenv("POSTGRES_DB")}
	if c.data == "" {
		return c, errors.New("PGDATA is empty: set it to the folder of the database")
	}
	if c.user == "" {
		c.user = "postgres"
	}
	if c.database == "" {
		c.database = c.user
	}
	return c, nil
}

// ensureDatabase makes the database unless it is there. It is made aside and
// renamed: a pod that is killed meanwhile leaves nothing half made.
func (c settings) ensureDatabase() error {
	_, err := os.Stat(filepath.Join(c.data, "PG_VERSION"))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.password == "" {
		return errors.New("POSTGRES_PASSWORD is empty: a new database needs one; set it")
	}
	work := c.data + ".new"
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("cannot remove a half-made database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(work), 0o700); err != nil {
		return fmt.Errorf("cannot make PGDATA: %w; mount a volume that user %d may write to", err, os.Getuid())
	}
	if err := c.initialise(work); err != nil {
		return err
	}
	// Rename replaces an empty folder, and no other.
	if err := os.Rename(work, c.data); err != nil {
		return fmt.Errorf("cannot put the new database into PGDATA: %w; PGDATA must be a folder below a volume, not the volume itself", err)
	}
	return nil
}

// initialise makes a database cluster that asks everybody on the network for a
// password.
func (c settings) initialise(dir string) error {
	passwords, err := writeScratch("password", c.password+"\n")
	if err != nil {
		return err
	}
	defer os.Remove(passwords)

	preload, remove, err := nameUser()
	if err != nil {
		return err
	}
	defer remove()

	environment := append(os.Environ(), preload...)

	// Nothing is in it yet that a crash of the machine could lose.
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata="+dir, "--username="+c.user, "--pwfile="+passwords,
		"--auth-host=scram-sha-256", "--auth-local=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync")
	initdb.Env = environment
	initdb.Stdout, initdb.Stderr = os.Stdout, os.Stderr
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("cannot make a database in %s: %w", dir, err)
	}
	if err := allowNetwork(dir); err != nil {
		return err
	}
	return c.createDatabase(dir, environment)
}

func allowNetwork(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cannot let the network in: %w", err)
	}
	_, err = file.WriteString("\nhost all all all scram-sha-256\n") //nolint:dupword // Database, user, address.
	return errors.Join(err, file.Close())
}

func (c settings) createDatabase(dir string, environment []string) error {
	if c.database == "postgres" {
		return nil
	}
	quoted := strings.ReplaceAll(c.database, `"`, `""`)
	// -F: as with --no-sync above.
	single := exec.Command(filepath.Join(bin, "postgres"), "--single", "-F", "-j", "-D", dir, "postgres")
	single.Stdin = strings.NewReader(`CREATE DATABASE "` + quoted + `";` + "\n\n")
	single.Env = environment
	single.Stderr = os.Stderr
	if err := single.Run(); err != nil {
		return fmt.Errorf("cannot create database %q: %w", c.database, err)
	}
	return nil
}

// nameUser returns the environment that gives this user a name. initdb and the
// single-user server refuse a user without one, and a restricted pod may run as
// any number.
func nameUser() (env []string, remove func(), err error) {
	passwd, err := writeScratch("passwd", fmt.Sprintf("postgres:x:%d:%d:postgres:/:/bin/false\n", os.Getuid(), os.Getgid()))
	if err != nil {
		return nil, nil, err
	}
	group, err := writeScratch("group", fmt.Sprintf("postgres:x:%d:\n", os.Getgid()))
	if err != nil {
		return nil, nil, errors.Join(err, os.Remove(passwd))
	}
	env = []string{"LD_PRELOAD=libnss_wrapper.so", "NSS_WRAPPER_PASSWD=" + passwd, "NSS_WRAPPER_GROUP=" + group}
	return env, func() { os.Remove(passwd); os.Remove(group) }, nil
}

func writeScratch(name, content string) (string, error) {
	file, err := os.CreateTemp(scratch, name+"-")
	if err != nil {
		return "", fmt.Errorf("cannot write a temporary file: %w", err)
	}
	_, err = file.WriteString(content)
	return file.Name(), errors.Join(err, file.Close())
}

// sockets is the folder for the local socket, or nothing if it is read-only:
// the server refuses to start when it cannot make its socket.
func sockets() string {
	probe, err := os.CreateTemp(socketFolder, "probe-")
	if err != nil {
		return ""
	}
	probe.Close()
	os.Remove(probe.Name())
	return socketFolder
}
