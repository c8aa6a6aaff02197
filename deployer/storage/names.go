package storage

import (
	"path"
	"strings"
)

// DefaultContainer is where packages go unless told otherwise.
const DefaultContainer = "vipswap-packages"

const packageExtension = ".cspkg"

// BlobName returns the name under which a package is stored: the file's name
// without folder and extension, the version, and the SHA-256 of the content in
// hex, such as "Shop.1.1.0_9f86d081....cspkg". An empty version is left out.
// Characters that would need escaping in an address become hyphens.
func BlobName(file, version, sha256 string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if ext := path.Ext(base); strings.EqualFold(ext, packageExtension) {
		base = strings.TrimSuffix(base, ext)
	}
	name := plain(base)
	if version != "" {
		name += "." + plain(version)
	}
	return name + "_" + strings.ToLower(sha256) + packageExtension
}

// maxNamePart keeps names well below the service's limit of 1,024 characters.
const maxNamePart = 200

func plain(text string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._-", r):
			return r
		}
		return '-'
	}, text)
	kept = strings.Trim(kept[:min(len(kept), maxNamePart)], ".")
	if kept == "" {
		return "package"
	}
	return kept
}
