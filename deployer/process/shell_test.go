package process_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

func machine(t *testing.T) process.Machine {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("skipped, because there is no sh here")
	}
	return process.Machine{Environ: []string{"PATH=" + os.Getenv("PATH")}, TempDir: t.TempDir()}
}

func TestMachine(t *testing.T) {
	m := machine(t)
	d := variables.NewDictionary(variables.Variable{Name: "Octopus.Environment.Name", Value: "it's Staging"}, variables.Variable{Name: "9 lives", Value: "cat"},
		variables.Variable{Name: "Password", Value: "swordfish", Sensitive: true}, variables.Variable{Name: "Big", Value: strings.Repeat("big ", 64<<10)},
		variables.Variable{Name: "Odd[1].`name'", Value: "a 'b'\n$c `d` \\"})
	tests := []struct {
		name, body string
		want       []string
		set        []process.Variable
		fails      string
	}{
		{"environment", `echo "$Octopus_Environment_Name $_9_lives"`, []string{"it's Staging cat"}, nil, ""},
		{"functions", "get_octopusvariable 'octopus.ENVIRONMENT.name'\nset_octopusvariable Greeting \"h\u00e9llo $(get_octopusvariable '9 lives')\"\nset_octopusvariable Key 12345678 -sensitive\necho 12345678", []string{"it's Staging", "********"}, []process.Variable{
			{Name: "Greeting", Value: "h\u00e9llo cat"}, {Name: "Key", Value: "12345678", Sensitive: true}}, ""},
		{"secrets", `echo "$Password"`, []string{"********"}, nil, ""},
		{"big values", "echo ${#Big}\nget_octopusvariable Big | wc -c | tr -d ' '", []string{"0", "262144"}, nil, ""},
		{"odd values", "get_octopusvariable \"odd[1].\\`NAME'\"; echo; echo \"$Odd_1___name_\"", []string{"a 'b'", "$c `d` \\", "a 'b'", "$c `d` \\"}, nil, ""},
		{"a long script", strings.Repeat("# a word\n", 32<<10) + "echo end", []string{"end"}, nil, ""},
		{"its own files", "exec 3>&1 4>&3\necho three >&3; echo four >&4", []string{"three", "four"}, nil, ""},
		{"its name", "test -n \"$0\" && dirname \"${BASH_SOURCE-$0}\" > /dev/null && echo named", []string{"named"}, nil, ""},
		{"errors are output, too", "echo oops >&2; exit 4", []string{"oops"}, nil, "exit code 4"},
		{"a secret by two hyphens", "set_octopusvariable Key 12345678 --sensitive\necho 12345678", []string{"********"}, []process.Variable{{Name: "Key", Value: "12345678", Sensitive: true}}, ""},
		{"a misspelt third argument", "set_octopusvariable Key 12345678 -secret\necho 12345678", []string{"set_octopusvariable Key: the third argument is -sensitive or nothing"}, nil, "exit code 2"},
		{"ended by a signal", "kill -9 $$", nil, nil, "ended by a signal: killed"},
		{"windows lines", "echo a\r\necho b\r\n", []string{"a", "b"}, nil, ""},
		{"no line end", "printf last", []string{"last"}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			set, err := process.Exec(t.Context(), m, process.ScriptRun{Shell: "sh", Dir: t.TempDir(), Body: test.body}, d, func(line string) { got = append(got, line) })
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("got %v, want %q", err, test.fails)
			}
			if diff := cmp.Diff(strings.Join(test.want, ""), strings.Join(got, "")); diff != "" {
				t.Errorf("output: mismatch (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.set, set); diff != "" {
				t.Errorf("variables: mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// TestOddNames hands variables on whose names are none for a shell.
func TestOddNames(t *testing.T) {
	m := machine(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("skipped, because there is no bash here, and other shells drop such names themselves")
	}
	odd := []string{"Logging.Level=warn", "ConnectionStrings:Shop=a b", "NODE-ENV=production"}
	m.Environ = append(m.Environ, odd...)
	var got []string
	run := process.ScriptRun{Shell: "sh", Dir: t.TempDir(), Body: "env | grep -E '^(Logging|Connection|NODE)' | sort"}
	err := m.Run(t.Context(), run, func(line string) { got = append(got, line) })
	if diff := cmp.Diff([]string{odd[1], odd[0], odd[2]}, got); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got)\n%s", err, diff)
	}
}

// TestBackground leaves something behind that has the script's output open.
func TestBackground(t *testing.T) {
	m := machine(t)
	m.Listen = 50 * time.Millisecond
	var got []string
	run := process.ScriptRun{Shell: "sh", Dir: t.TempDir(), Body: "sleep 2 & echo begun"}
	err := m.Run(t.Context(), run, func(line string) { got = append(got, line) })
	if err != nil || len(got) == 0 || got[len(got)-1] != "(what the script left in the background is no longer listened to, 50ms after its end)" {
		t.Errorf("got %v, %q", err, got)
	}
}

func TestMachineErrors(t *testing.T) {
	m := machine(t)
	dir := t.TempDir()
	silent := func(string) {}
	if err := m.Run(t.Context(), process.ScriptRun{Shell: "cmd", Dir: dir}, silent); err == nil || !strings.Contains(err.Error(), "sh, pwsh, python") {
		t.Errorf("unknown shell: got %v", err)
	}
	if err := m.Run(t.Context(), process.ScriptRun{Shell: "sh", Dir: dir, File: filepath.Join(dir, "none.sh")}, silent); err == nil || !strings.Contains(err.Error(), "read the script") {
		t.Errorf("missing file: got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := m.Run(ctx, process.ScriptRun{Shell: "sh", Dir: dir, Body: "exec sleep 60"}, silent); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("killed: got %v", err)
	}
	left, err := os.ReadDir(m.TempDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFindPackaged(t *testing.T) {
	tests := []struct {
		names []string
		want  string
		fails bool
	}{
		{nil, "", false},
		{[]string{"predeploy.PS1"}, "predeploy.PS1", false},
		{[]string{"PreDeploy.ps1", "PreDeploy.sh", "PreDeploy.py", "Deploy.sh"}, "PreDeploy.sh", false},
		{[]string{"PreDeploy.txt", "sub/PreDeploy.sh"}, "", false},
		{[]string{"PreDeploy.csx"}, "", true},
		{[]string{"PreDeploy.csx", "PreDeploy.py"}, "PreDeploy.py", false},
	}
	for _, test := range tests {
		got, err := process.FindPackaged(test.names, "PreDeploy")
		if got != test.want || (err != nil) != test.fails {
			t.Errorf("%v: got %q, %v; want %q", test.names, got, err, test.want)
		}
	}
}
