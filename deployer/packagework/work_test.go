package packagework_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vipswap/vipswap/deployer/packagework"
	"github.com/vipswap/vipswap/deployer/variables"
)

// utf16LE writes ASCII text as Windows editors do.
func utf16LE(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for i := range len(text) {
		b.WriteByte(text[i])
		b.WriteByte(0)
	}
	return b.String()
}

func dictionary() *variables.Dictionary {
	vars := map[string]string{
		"Env": "Production", "Level": "Warning", "Logging:Level": "#{Level}", "Port": "8080", "On": "True", "Shop": "a<b & \"c\"",
		"Db": "server=#{Env};", "Nobody:Else": "#{Missing}", "List:1": "second", "Deep:Object": `{"x":1}`, "Accent": "déjà €", "Smile": "☺",
		"/configuration/mail/@host": "smtp.#{Env}", "//note": "<hello>", "/configuration/item[2]": "two", "/configuration/add[@key='k']/@value": "v2",
	}
	var list []variables.Variable
	for name, value := range vars {
		list = append(list, variables.Variable{Name: name, Value: value})
	}
	list = append(list, variables.Variable{Name: "Key", Value: "swordfish", Sensitive: true}, variables.Variable{Name: "Blank", Null: true})
	return variables.NewDictionary(list...)
}

func TestApply(t *testing.T) {
	const config = `<?xml version="1.0" encoding="utf-8"?>
<!-- kept --><configuration>
  <appSettings><add key='env' value="local"/><add value='1' key="PORT" /><add key="None" value="n"/></appSettings>
  <connectionStrings><add name="Db" connectionString="x" providerName="p" /></connectionStrings>
  <applicationSettings><My.Settings><setting name="Shop" serializeAs="String"><value>old</value></setting>
    <setting name="Key"><value /></setting></My.Settings></applicationSettings>
</configuration>`
	configured := strings.NewReplacer(`value="local"`, `value="Production"`, `value='1'`, `value='8080'`, `connectionString="x"`, `connectionString="server=Production;"`,
		"<value>old</value>", "<value>a&lt;b &amp; &#34;c&#34;</value>", "<value />", "<value >swordfish</value>").Replace(config)
	all := packagework.Work{ConfigurationVariables: true}
	structured := packagework.Work{Structured: []string{"**/*"}}
	tests := []struct {
		name, file string
		work       packagework.Work
		in, want   string
		changes    []string
		warnings   []string
	}{
		{"substitute", "LocalContent/Web/a.txt", packagework.Work{Substitute: []string{`LocalContent\WEB\*.txt`}}, "env=#{Env} #{ not\r\n", "env=Production #{ not\r\n", []string{"LocalContent/Web/a.txt: variables are substituted"}, nil},
		{"substitute keeps the unknown", "a.txt", packagework.Work{Substitute: []string{"*.txt"}}, "#{Missing}", "#{Missing}", nil, []string{"a.txt: #{Missing} is not defined and stays as it is"}},
		{"substitute with byte order mark", "a.txt", packagework.Work{Substitute: []string{"*.txt"}}, "\xef\xbb\xbf#{Env}", "\xef\xbb\xbfProduction", []string{"a.txt: variables are substituted"}, nil},
		{"substitute in UTF-16", "a.txt", packagework.Work{Substitute: []string{"*.txt"}}, utf16LE("#{Env}\r\n"), utf16LE("Production\r\n"), []string{"a.txt: variables are substituted"}, nil},
		{"no such file", "a.txt", packagework.Work{Substitute: []string{"*.md"}}, "#{Env}", "#{Env}", nil, []string{"no file of the package matches *.md"}},
		{"configuration", "x/Web.config", all, config, configured, []string{"x/Web.config: Db, Key, PORT, Shop, env set"}, nil},
		{"configuration that is a transform", "Web.Release.config", all, `<configuration xmlns:xdt="http://schemas.microsoft.com/XML-Document-Transform"><appSettings><add key="Env" value="x"/></appSettings></configuration>`,
			`<configuration xmlns:xdt="http://schemas.microsoft.com/XML-Document-Transform"><appSettings><add key="Env" value="x"/></appSettings></configuration>`, nil,
			[]string{"Web.Release.config is a configuration transform (XDT); transforms are not applied: write the values as variables instead"}},
		{"configuration elsewhere", "a.xml", all, config, config, nil, nil},
		{"blanked", "Web.config", all, `<c><appSettings><add key="Blank" value="x"/></appSettings></c>`, `<c><appSettings><add key="Blank" value=""/></appSettings></c>`, []string{"Web.config: Blank set"}, nil},
		{"json", "a.json", structured, `{ "Logging": {"Level": "Info", "Other": "\"Level\""}, "Port": 80, "On": false, "List": ["a", "b"] }`, `{ "Logging": {"Level": "Warning", "Other": "\"Level\""}, "Port": 8080, "On": true, "List": ["a", "second"] }`, []string{"a.json: List:1, Logging:Level, On, Port set"}, nil},
		{"json other types", "a.json", structured, `{"Env": 1, "Port": "80", "Shop": null, "Deep": {"Object": [1, {"x": 2}]}, "Level": true}`, `{"Env": "Production", "Port": "8080", "Shop": "a<b & \"c\"", "Deep": {"Object": {"x":1}}, "Level": "Warning"}`, []string{"a.json: Deep:Object, Env, Level, Port, Shop set"}, nil},
		{"json unresolved", "a.json", structured, `{"Nobody":{"Else":""}}`, `{"Nobody":{"Else":"#{Missing}"}}`, []string{"a.json: Nobody:Else set"}, []string{"a.json: #{Missing} is not defined and stays as it is"}},
		{"yaml", "a.yml", structured, "# comment\nlogging:\n  level: Info # why\nport: 80\non: false\nlist:\n- a\n- 'b''s'\nenv: \"x\"\n", "# comment\nlogging:\n  level: \"Warning\" # why\nport: 8080\non: true\nlist:\n- a\n- \"second\"\nenv: \"Production\"\n", []string{"a.yml: env, list:1, logging:level, on, port set"}, nil},
		{"yaml in one line", "a.yaml", structured, "{logging: {level: Info}, port: 80}\n", "{logging: {level: \"Warning\"}, port: 8080}\n", []string{"a.yaml: logging:level, port set"}, nil},
		{"yaml documents", "a.yaml", structured, "port: 1\n---\nport: 2\n", "port: 8080\n---\nport: 8080\n", []string{"a.yaml: port set"}, nil},
		{"yaml blocks", "a.yaml", structured, "env: | # why\n  one\n\n    two\n\n# kept\nport: >-\n  1\nlist:\n- |+\n x\n\n- |\n  y\n", "env: \"Production\" # why\n\n# kept\nport: \"8080\"\nlist:\n- |+\n x\n\n- \"second\"\n", []string{"a.yaml: env, list:1, port set"}, nil},
		{"yaml block with a given indentation", "a.yaml", structured, "logging:\n  level: |1-\n    x\n   y\n  other: 1\n", "logging:\n  level: \"Warning\"\n  other: 1\n", []string{"a.yaml: logging:level set"}, nil},
		{"yaml block with tag, CR LF, at the end", "a.yaml", structured, "env: &e !!str |\r\n  x\r\nport: >\r\n\r\n  y", "env: &e !!str \"Production\"\r\nport: \"8080\"\r\n", []string{"a.yaml: env, port set"}, nil},
		{"yaml block without text", "a.yaml", structured, "env: |\nport: >-\n\nother: 1\n", "env: \"Production\"\nport: \"8080\"\n\nother: 1\n", []string{"a.yaml: env, port set"}, nil},
		{"yaml block in documents", "a.yaml", structured, "env: |\n  x\n...\n---\nport: |\n  x\n---\na: 1\n", "env: \"Production\"\n...\n---\nport: \"8080\"\n---\na: 1\n", []string{"a.yaml: env, port set"}, nil},
		{"yaml lines without quotes", "a.yaml", structured, "env: one\n  two\n\n  three # why\nport: 1\n", "env: \"Production\" # why\nport: 8080\n", []string{"a.yaml: env, port set"}, nil},
		{"yaml values left out", "a.yaml", structured, "env:\nport: # why\nlogging: {level: , other: }\nlist:\n- a\n-\n", "env: \"Production\"\nport: \"8080\" # why\nlogging: {level: \"Warning\" , other: }\nlist:\n- a\n- \"second\"\n", []string{"a.yaml: env, list:1, logging:level, port set"}, nil},
		{"yaml alias", "a.yaml", structured, "base: &long x\nenv: *long\nother: *long\n", "base: &long x\nenv: \"Production\"\nother: *long\n", []string{"a.yaml: env set"}, nil},
		{"json with comments", "a.json", structured, "// \"Port\": 1\r\n{ /* { */ \"Port\": 80, // , }\n \"Env\" /* : */ : \"//x/*\", \"List\": [\"a\", \"b\" /* last */ , ], // caf\xc3\xa9\n} // end",
			"// \"Port\": 1\r\n{ /* { */ \"Port\": 8080, // , }\n \"Env\" /* : */ : \"Production\", \"List\": [\"a\", \"second\" /* last */ , ], // caf\xc3\xa9\n} // end", []string{"a.json: Env, List:1, Port set"}, nil},
		{"json with comments in what is replaced", "a.json", structured, `{"Deep": {"Object": [1, /* x */ 2,],}, }`, `{"Deep": {"Object": {"x":1},}, }`, []string{"a.json: Deep:Object set"}, nil},
		{"substitute in windows-1252", "a.html", packagework.Work{Substitute: []string{"*"}}, "caf\xe9 \x80 \x81 #{Env} #{Accent}\r\n", "caf\xe9 \x80 \x81 Production d\xe9j\xe0 \x80\r\n", []string{"a.html: variables are substituted"}, nil},
		{"configuration in windows-1252", "Web.config", all, "<?xml version=\"1.0\" encoding=\"windows-1252\"?><c><!-- caf\xe9 --><appSettings><add key=\"Accent\" value=\"\"/></appSettings></c>",
			"<?xml version=\"1.0\" encoding=\"windows-1252\"?><c><!-- caf\xe9 --><appSettings><add key=\"Accent\" value=\"d\xe9j\xe0 \x80\"/></appSettings></c>", []string{"Web.config: Accent set"}, nil},
		{"json in windows-1252", "a.json", structured, "{\"Env\": \"caf\xe9\", \"Other\": \"\xe9\"}", "{\"Env\": \"Production\", \"Other\": \"\xe9\"}", []string{"a.json: Env set"}, nil},
		{"xml", "a.xml", structured, `<configuration><mail host='x'/><note/><item>1</item><item>2</item><add key="k" value="1"/><add key="l" value="1"/></configuration>`,
			`<configuration><mail host='smtp.Production'/><note>&lt;hello&gt;</note><item>1</item><item>two</item><add key="k" value="v2"/><add key="l" value="1"/></configuration>`,
			[]string{"a.xml: //note, /configuration/add[@key='k']/@value, /configuration/item[2], /configuration/mail/@host set"}, nil},
		{"json without any of the values", "a.json", structured, `{"Nothing": 1}`, `{"Nothing": 1}`, nil, []string{"a.json: no variable names a value in it"}},
		{"nothing to do", "a.json", packagework.Work{}, "{}", "{}", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, report, err := apply(t, test.work, test.file, test.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("file: mismatch (-want +got)\n%s", diff)
			}
			want := packagework.Report{Changes: test.changes, Warnings: test.warnings}
			if diff := cmp.Diff(want, report, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("report: mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// apply works on one file in a new folder.
func apply(t *testing.T, work packagework.Work, file, in string) (string, packagework.Report, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(in), 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	report, workErr := work.Apply(root, dictionary())
	out, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), report, workErr
}

func TestApplyErrors(t *testing.T) {
	structured := packagework.Work{Structured: []string{"*"}}
	config := packagework.Work{ConfigurationVariables: true}
	tests := []struct {
		name, file string
		work       packagework.Work
		in, want   string
	}{
		{"binary", "a.txt", packagework.Work{Substitute: []string{"*"}}, "a\x00b", "substitute variables in a.txt: it is not text"},
		{"character that windows-1252 does not have", "a.txt", packagework.Work{Substitute: []string{"*"}}, "caf\xe9 #{Shop} #{Smile}", "a.txt: a variable's value has a character that the file's encoding, windows-1252, does not have\nhint: save the file as UTF-8"},
		{"mark of UTF-8 that is none", "a.txt", packagework.Work{Substitute: []string{"*"}}, "\xef\xbb\xbfcaf\xe9 #{Env}", "a.txt: it is not text"},
		{"half a character of UTF-16", "a.txt", packagework.Work{Substitute: []string{"*"}}, "\xff\xfea", "it is not text"},
		{"unresolved", "a.txt", packagework.Work{Substitute: []string{"*"}, FailUnresolved: true}, "#{Missing}", "a.txt: #{Missing} cannot be resolved"},
		{"unresolved value", "a.json", packagework.Work{Structured: []string{"*"}, FailUnresolved: true}, `{"Nobody":{"Else":1}}`, "#{Missing} cannot be resolved"},
		{"unknown format", "a.ini", structured, "x=1", "structured variables in a.ini: its extension is none of"},
		{"broken json", "a.json", structured, "{\n\"a\": }", "it is not JSON, near line 2"},
		{"short json", "a.json", structured, `{"a": [`, "it ends too early"},
		{"two json values", "a.json", structured, `{} {}`, "there is more behind the value"},
		{"deep json", "a.json", structured, strings.Repeat("[", 300) + strings.Repeat("]", 300), "it nests deeper than 200"},
		{"broken yaml", "a.yaml", structured, "a: [1\nb: 2", "it is not YAML"},
		{"deep yaml", "a.yaml", structured, "a:\n" + strings.Repeat("- ", 200) + "1", "it is not YAML: a line begins with too many dashes"},
		{"comment without end", "a.json", structured, `{"a": /* 1}`, "it is not JSON, near line 1"},
		{"two commas", "a.json", structured, `{"Port": 1,,}`, "it is not JSON, near line 1"},
		{"comma alone", "a.json", structured, `[,]`, "it is not JSON, near line 1"},
		{"comma without a value", "a.json", structured, `{"Port":,}`, "it is not JSON, near line 1"},
		{"comma behind everything", "a.json", structured, `{"Port": 1},`, "it is not JSON"},
		{"comment in the middle of a number", "a.json", structured, `{"Port": 1/* */2}`, "it is not JSON, near line 1"},
		{"many openings of comments", "a.json", structured, strings.Repeat("/*", 4<<20), "it is not JSON"},
		{"yaml value without its colon", "a.yaml", structured, "{x: 1, port}\n", "the value of port, in line 1, cannot be replaced where it stands"},
		{"yaml value left out behind a tag", "a.yaml", structured, "port: !!str\n", "its values cannot be replaced where they stand"},
		{"broken xml", "a.xml", structured, "<a><b></a>", "it is not XML"},
		{"short xml", "a.xml", structured, "<a>", "it is not XML"},
		{"entities", "Web.config", config, `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "it is not XML"},
		{"deep xml", "a.xml", structured, strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300), "it nests deeper than 200"},
		{"broken config", "Web.config", config, "<a", "configuration variables in Web.config: it is not XML"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := apply(t, test.work, test.file, test.in)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
			if got != test.in {
				t.Errorf("the file was changed: %q", got)
			}
		})
	}
}

func TestReportHasNoSecrets(t *testing.T) {
	_, report, err := apply(t, packagework.Work{Structured: []string{"*"}}, "a.json", `{"Key":"x"}`)
	if err != nil || strings.Contains(strings.Join(report.Changes, ""), "swordfish") || len(report.Changes) != 1 {
		t.Errorf("got %v, %v", report, err)
	}
}
