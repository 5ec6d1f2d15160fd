// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/crossplane/function-sdk-go/logging"
)

// Options say how a function is served. They are flags for kong; the names and
// defaults are those of other Crossplane functions where there are any.
type Options struct {
	Debug bool `help:"Emit debug logs in addition to info logs." short:"d"`

	Network            string        `default:"tcp"   help:"Network on which to listen for gRPC connections."`
	Address            string        `default:":9443" help:"Address at which to listen for gRPC connections."`
	TLSServerCertsDir  string        `env:"TLS_SERVER_CERTS_DIR" help:"Folder with the server's certificate (tls.crt, tls.key) and the CA that signs clients (ca.crt). Read again when it changes."`
	Insecure           bool          `help:"Serve without mTLS credentials. For development and tests: whoever reaches the port can then call the function."`
	MaxRecvMessageSize int           `default:"64"    help:"Largest request to accept, in MB. gRPC's own default of 4 is too little for a composite with a few hundred resources."`
	MaxConcurrent      int           `help:"How many calls may run at once; others wait within their deadline. 0 means twice the CPUs the process may use, at least 4."`
	MetricsAddress     string        `default:":8080" help:"Address at which to serve /metrics, /healthz and /readyz over HTTP. Empty: none."`
	DrainTimeout       time.Duration `default:"20s"   help:"How long running calls may take to finish after SIGTERM. Keep it below the pod's terminationGracePeriodSeconds."`
}

// concurrency is the bound on calls that run at once.
func (o Options) concurrency() int {
	if o.MaxConcurrent > 0 {
		return o.MaxConcurrent
	}
	return max(4, 2*goruntime.GOMAXPROCS(0))
}

const megabyte = 1 << 20

// check refuses options that make no sense together.
func (o Options) check() error {
	if !o.Insecure && o.TLSServerCertsDir == "" {
		return errors.New("no credentials: set --tls-server-certs-dir (or TLS_SERVER_CERTS_DIR) to a folder with tls.crt, tls.key and ca.crt, or --insecure to serve without mTLS")
	}
	if o.MaxRecvMessageSize < 1 || o.MaxRecvMessageSize > 1024 {
		return fmt.Errorf("--max-recv-message-size is %d: choose from 1 to 1024 MB", o.MaxRecvMessageSize)
	}
	if o.MaxConcurrent < 0 {
		return fmt.Errorf("--max-concurrent is %d: choose a positive number, or 0 for the default", o.MaxConcurrent)
	}
	return nil
}

func (o Options) credentials(log logging.Logger) (credentials.TransportCredentials, error) {
	if o.Insecure {
		return insecure.NewCredentials(), nil
	}
	c := &certificates{dir: o.TLSServerCertsDir, log: log}
	if _, err := c.current(); err != nil {
		return nil, err
	}
	return c.credentials(), nil
}
