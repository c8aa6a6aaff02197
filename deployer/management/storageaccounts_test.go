package management_test

import (
	"testing"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

func TestUsable(t *testing.T) {
	for status, want := range map[string]wait.Verdict{"Created": wait.Met, "Creating": wait.NotYet, "ResolvingDns": wait.NotYet, "Deleting": wait.Never} {
		if got, known := (management.StorageAccount{Status: status}).Usable(); got != want || !known {
			t.Errorf("an account that is %s is usable: %v (known: %v), want %v", status, got, known, want)
		}
	}
	if _, known := (management.StorageAccount{Status: "Resting"}).Usable(); known {
		t.Error("a status that the service does not document is known")
	}
}
