package stage

import (
	"embed"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/vipswap/vipswap/internal/servicepackage"
)

// shop has the files of the cloud service that scripts begin with.
//
//go:embed shop
var shop embed.FS

// packages are made of the shop, by the variable that has the path of each.
var packages = map[string]struct{ file, definition, web string }{
	"V1":    {"shop-1.0.0.cspkg", "shop.csdef", "web-1.0.0"},
	"V2":    {"shop-1.1.0.cspkg", "shop.csdef", "web-1.1.0"},
	"ADMIN": {"shop-admin.cspkg", "shop-two-endpoints.csdef", "web-1.1.0"},
}

// layOut writes the shop's files and packages into a folder. It returns the paths
// of packages by variable.
func layOut(dir string) (map[string]string, error) {
	files, err := fs.Sub(shop, "shop")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for variable, p := range packages {
		paths[variable] = filepath.Join(dir, p.file)
		if err := pack(paths[variable], files, p.definition, p.web); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func pack(file string, files fs.FS, definition, web string) error {
	csdef, err := fs.ReadFile(files, definition)
	if err != nil {
		return err
	}
	roles := map[string]fs.FS{}
	for role, folder := range map[string]string{"Web": web, "Orders": "orders"} {
		if roles[role], err = fs.Sub(files, path.Clean(folder)); err != nil {
			return err
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := servicepackage.Pack(f, servicepackage.PackOptions{Definition: csdef, Roles: roles}); err != nil {
		return err
	}
	return f.Close()
}

// Project returns the vipswap.yaml of the shop.
func Project() []byte {
	// The file is embedded.
	data, _ := shop.ReadFile("shop/vipswap.yaml")
	return data
}
