package emulator

import (
	"log"
	"log/slog"
)

// quietLog takes what net/http has to say, mostly of clients that broke off a
// handshake, as debug messages.
func quietLog(to *slog.Logger) *log.Logger { return slog.NewLogLogger(to.Handler(), slog.LevelDebug) }
