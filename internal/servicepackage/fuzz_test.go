package servicepackage

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParseDefinition(f *testing.F) {
	f.Add(testdata(f, "shop.csdef"))
	f.Add(testdata(f, "shop.flat.csdef"))
	f.Add([]byte(def(`<WebRole name="W"><Endpoints><InstanceInputEndpoint name="E" protocol="tcp" localPort="1"><AllocatePublicPortFrom><FixedPortRange min="1" max="2"/></AllocatePublicPortFrom></InstanceInputEndpoint></Endpoints></WebRole>`)))
	f.Add([]byte("<!DOCTYPE a><a/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDefinition(data)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("error %v is no SyntaxError with a place", err)
			}
			return
		}
		flat := d.Flatten()
		again, err := ParseDefinition(d.Marshal())
		if err != nil {
			t.Fatalf("what Marshal wrote cannot be read: %v", err)
		}
		flat.Warnings = nil
		if diff := cmp.Diff(flat, again); diff != "" {
			t.Errorf("written and read mismatch (-want +got):\n%s", diff)
		}
		Check(d, &Configuration{})
	})
}

func FuzzParseConfiguration(f *testing.F) {
	f.Add(testdata(f, "shop.cscfg"))
	f.Add([]byte(odd))
	f.Add([]byte(cfg("")))
	d, err := ParseDefinition(testdata(f, "shop.csdef"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfiguration(data)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("error %v is no SyntaxError with a place", err)
			}
			return
		}
		Check(d, c)
		Warnings(d, c)
		same, err := EditConfiguration(data, nil)
		if err != nil || !bytes.Equal(same, data) {
			t.Errorf("an edit of nothing changed the file: %v", err)
		}
	})
}

func FuzzEditConfiguration(f *testing.F) {
	f.Add(testdata(f, "shop.cscfg"), "new\r\n<value>", 7)
	f.Add([]byte(odd), `"'&`, 2)
	f.Add([]byte(cfg(`<Role name="W"><Instances count="1"/><ConfigurationSettings><Setting name="a" value=""/></ConfigurationSettings></Role>`)), "\t", 1)
	f.Fuzz(func(t *testing.T, data []byte, value string, count int) {
		c, err := ParseConfiguration(data)
		if err != nil || len(data) > 1<<16 || len(value) > 1<<10 {
			return
		}
		var edits []RoleEdit
		for i := range c.Roles {
			r := &c.Roles[i]
			edit := RoleEdit{Role: r.Name, Instances: count, Settings: map[string]string{}, Certificates: map[string]string{}}
			for j := range r.Settings {
				r.Settings[j].Value = value
				edit.Settings[r.Settings[j].Name] = value
			}
			for j := range r.Certificates {
				r.Certificates[j].Thumbprint = value
				edit.Certificates[r.Certificates[j].Name] = value
			}
			if count > 0 {
				r.Instances = count
			}
			edits = append(edits, edit)
		}
		out, err := EditConfiguration(data, edits)
		if err != nil {
			if isXMLText(value) && count >= 0 && count <= math.MaxInt32 {
				t.Fatalf("edit refused: %v", err)
			}
			return
		}
		got, err := ParseConfiguration(out)
		if err != nil {
			t.Fatalf("the edited file cannot be read: %v\n%s", err, out)
		}
		c.Warnings, got.Warnings = nil, nil // an edit moves columns
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("edited mismatch (-want +got):\n%s\n%s", diff, out)
		}
	})
}

func FuzzOpenPackage(f *testing.F) {
	f.Add(packShop(f))
	f.Add(newOlder().build(f))
	encrypted := newOlder()
	encrypted.encrypt, encrypted.outer.keytype = true, "2"
	f.Add(encrypted.build(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := OpenPackage(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		p.Summary()
		listing(t, p)
	})
}

// FuzzManifest mutates the manifest inside a good package, which a mutated zip
// seldom reaches.
func FuzzManifest(f *testing.F) {
	good := packShop(f)
	rezip(f, good, func(entries []entry) []entry {
		for _, e := range entries {
			if e.name == "package.xml" {
				f.Add([]byte(e.data))
			}
		}
		return entries
	})
	f.Fuzz(func(t *testing.T, manifest []byte) {
		data := rezip(t, good, func(entries []entry) []entry {
			for i, e := range entries {
				if e.name == "package.xml" {
					entries[i].data = string(manifest)
				}
			}
			return entries
		})
		if p, err := openBytesOf(data); err == nil {
			listing(t, p)
		}
	})
}
