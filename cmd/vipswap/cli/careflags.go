package cli

import (
	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
)

// careFlags say which warnings are refusals.
type careFlags struct{ keepPrevious, careful bool }

func (f *careFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.keepPrevious, "keep-previous", false, "refuse to replace the only deployment that production could be swapped back to")
	flags.BoolVar(&f.careful, "careful", false, "refuse what is only warned of otherwise: production getting an older, suspended or unready deployment, fewer instances or the settings of staging, an upgrade of the live slot, the loss of the rollback copy")
}

// codes lists the warnings that are refusals.
func (f careFlags) codes() []deployer.Code {
	switch {
	case f.careful:
		return deployer.Careful()
	case f.keepPrevious:
		return []deployer.Code{deployer.RollbackCopyLost}
	}
	return nil
}
