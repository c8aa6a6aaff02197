package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/vipswap/vipswap/deployer/release"
)

// chooseAccount returns the account to use: the one named, else the subscription's
// only one.
func (c *connection) chooseAccount(ctx context.Context, named string) (string, error) {
	if named != "" {
		if err := release.CheckAccount(named); err != nil {
			return "", usage("", "%w", err)
		}
		return named, nil
	}
	accounts, err := c.StorageAccounts(ctx)
	if err != nil {
		return "", err
	}
	switch len(accounts) {
	case 0:
		return "", usage("--account NAME names one, which is made when it is missing; so does storageAccount in a project, for the releases that are created from then on", "the subscription has no storage account for packages")
	case 1:
		return accounts[0].Name, nil
	}
	var names []string
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	return "", usage("--account NAME chooses one; so does storageAccount in a project, for the releases that are created from then on", "the subscription has several storage accounts: %s", strings.Join(names, ", "))
}

// bytesOf writes a size for people.
func bytesOf(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	value, names := float64(n)/unit, []string{"KB", "MB", "GB"}
	for value >= unit && len(names) > 1 {
		value, names = value/unit, names[1:]
	}
	return fmt.Sprintf("%.1f %s", value, names[0])
}

// sayTo returns a function that writes lines about what is being done.
func sayTo(w io.Writer) func(string, ...any) {
	return func(words string, args ...any) { fmt.Fprintf(w, "  "+words+"\n", args...) }
}
