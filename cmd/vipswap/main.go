// Command vipswap tells what a VIP swap will do before it is run for real, and
// runs it. See package cli for its commands, or run "vipswap --help".
package main

import (
	"os"

	"github.com/vipswap/vipswap/cmd/vipswap/cli"
)

func main() { os.Exit(cli.Main()) }
