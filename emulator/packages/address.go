package packages

import (
	"net"
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// address is where a package lies.
type address struct {
	account, container, blob string
	query                    string // a shared access signature, or ""
	shown                    string // for messages: without the query
}

// parseAddress takes a package's URL apart. The account is in the host
// (ACCOUNT.blob.core.windows.net, ACCOUNT.blob.localhost) or, when the host is a
// bare address or name, the first segment of the path.
func parseAddress(text string) (address, *cloud.Error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return address{}, cloud.Errorf(cloud.BadRequest, "The package URL is not the address of a blob.")
	}
	a := address{query: u.RawQuery, shown: u.Scheme + "://" + u.Host + u.EscapedPath()}
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	if label, rest, _ := strings.Cut(u.Hostname(), "."); strings.HasPrefix(rest, "blob.") && net.ParseIP(u.Hostname()) == nil {
		a.account = strings.ToLower(label)
	} else {
		a.account, path, _ = strings.Cut(path, "/")
	}
	container, blob, _ := strings.Cut(path, "/")
	if a.container, err = url.PathUnescape(container); err == nil {
		a.blob, err = url.PathUnescape(blob)
	}
	if err != nil || a.account == "" || a.container == "" || a.blob == "" {
		return address{}, cloud.Errorf(cloud.BadRequest, "The package URL '%s' does not name an account, a container and a blob.", a.shown)
	}
	return a, nil
}
