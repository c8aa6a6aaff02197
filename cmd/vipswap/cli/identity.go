package cli

import (
	"bytes"
	"cmp"
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
	// envWho is what the program calls itself in locks and audits, and who asks for
	// deployments and answers questions.
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

// user says who works here: what the environment says, or the user.
func (p *program) user() string {
	if who := cmp.Or(p.Getenv(envWho), p.Getenv("USER"), p.Getenv("USERNAME")); who != "" {
		return who
	}
	if u, err := osuser.Current(); err == nil {
		return u.Username
	}
	return "somebody"
}

// whoami is user with the machine and the process, unless the environment says it.
func (p *program) whoami() string {
	name := p.user()
	if name == p.Getenv(envWho) {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	return fmt.Sprintf("%s at %s, process %d", name, host, os.Getpid())
}
