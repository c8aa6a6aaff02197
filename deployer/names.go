package deployer

import (
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

// maxLabel is the longest label in characters, before it is encoded (Microsoft's
// page for Create Deployment).
const maxLabel = 100

// maxName is the longest deployment name that the deployer gives. The service
// documents the rules of a DNS label.
const maxName = 63

var validName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// NewName returns a name for a new deployment: 32 lower-case hexadecimal digits
// from random, as the guide's step does it. The error is that of random.
func NewName(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("make a deployment name: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// DefaultLabel is the label of a release's deployments: the step's name, " v" and
// the release number. Two slots belong to the same release when their labels are
// equal, so a label must not contain anything that differs between environments.
func DefaultLabel(step, release string) string { return step + " v" + release }

// checkLabel returns why a label is unusable, or "".
func checkLabel(label string) string {
	switch n := utf8.RuneCountInString(label); {
	case label == "":
		return "the deployment label is empty"
	case !utf8.ValidString(label):
		return "the deployment label is not valid UTF-8"
	case n > maxLabel:
		return fmt.Sprintf("the deployment label has %d characters; the service allows %d", n, maxLabel)
	}
	return ""
}

// checkName returns why a deployment name is unusable, or "".
func checkName(name string) string {
	switch {
	case len(name) > maxName:
		return fmt.Sprintf("the deployment name %q has %d characters; %d are allowed", name, len(name), maxName)
	case !validName.MatchString(name):
		return fmt.Sprintf("the deployment name %q is not valid: letters, digits and hyphens, with a letter or digit at both ends", name)
	}
	return ""
}
