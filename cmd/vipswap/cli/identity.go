package cli

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	osuser "os/user"
)

// The environment variables that make runs of the program comparable.
const (
	// envSeed decides the names that the program makes up, with the ids of the
	// service's answers; so they are the same each time against an emulator with a
	// seed. Without it they are random.
	envSeed = "VIPSWAP_SEED"
	// envWho is what the program calls itself in locks and audits.
	envWho = "VIPSWAP_WHO"
)

// random returns what a name is made of. With a seed it follows from that and from
// the newest answer, whose id the service gives only once.
func (p *program) random(conn *connection) io.Reader {
	seed := p.Getenv(envSeed)
	if seed == "" {
		return rand.Reader
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", seed, conn.LastRequestID()))
	return bytes.NewReader(sum[:])
}

// whoami says who is at work: what the environment says, or user, machine and process.
func (p *program) whoami() string {
	if who := p.Getenv(envWho); who != "" {
		return who
	}
	name := "somebody"
	if u, err := osuser.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	return fmt.Sprintf("%s at %s, process %d", name, host, os.Getpid())
}
