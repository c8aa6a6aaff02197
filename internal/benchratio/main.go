// Command benchratio runs the benchmarks that have an aim and prints, for each one,
// what was measured, what was aimed at, and whether it was met:
//
//	go run ./internal/benchratio [-bench PATTERN] [-benchtime T] [PACKAGES]
//
// An aim that was missed is no failure; the command fails when a benchmark does.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

func main() {
	pattern := flag.String("bench", ".", "run only benchmarks matching `PATTERN`")
	benchtime := flag.String("benchtime", "3s", "run each benchmark for `T`")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./emulator", "./emulator/cloud", "./emulator/management", "./emulator/control", "./internal/servicepackage", "./deployer/variables", "./scenarios", "./internal/benchratio/ratio"}
	}
	if err := run(*pattern, *benchtime, packages); err != nil {
		fmt.Fprintln(os.Stderr, "benchratio:", err)
		os.Exit(1)
	}
}

// run runs the benchmarks of the packages, one package at a time so that none
// disturbs another, and prints the results as they come.
func run(pattern, benchtime string, packages []string) error {
	test := exec.Command("go", append([]string{"test", "-p", "1", "-run", "^$", "-bench", pattern, "-benchtime", benchtime}, packages...)...)
	test.Stderr = os.Stderr
	out, err := test.StdoutPipe()
	if err != nil {
		return err
	}
	if err := test.Start(); err != nil {
		return err
	}
	rest := print(out)
	if err := test.Wait(); err != nil {
		return fmt.Errorf("go test: %w\n%s", err, rest)
	}
	return nil
}

// print prints the results among the lines of out, and returns all other lines.
func print(out io.Reader) (rest []byte) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if r, ok := ratio.ParseLine(lines.Text()); ok {
			fmt.Println(r)
			continue
		}
		rest = append(append(rest, lines.Bytes()...), '\n')
	}
	return rest
}
