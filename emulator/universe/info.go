package universe

import (
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// Info tells what a universe is and how it stands.
type Info struct {
	ID             string           `json:"id"`
	Name           string           `json:"name"`
	Seed           uint64           `json:"seed"`
	Clock          Clock            `json:"clock"`
	Strict         bool             `json:"strict"`
	Authentication cloud.AccessMode `json:"authentication"` // "" is as the emulator has it
	Services       int              `json:"services"`
	InProgress     int              `json:"operationsInProgress"`
	Requests       uint64           `json:"requests"` // how many the journal was told of
	ManagementURL  string           `json:"managementURL"`
	BlobURL        string           `json:"blobURL"`
}

// Clock is how time passes in a universe.
type Clock struct {
	Mode    cloud.ClockMode `json:"mode"`
	Speed   float64         `json:"speed"` // matters to a real clock
	Now     time.Time       `json:"now"`
	Next    *time.Time      `json:"next,omitempty"` // when the next pending thing happens; nil when nothing is pending
	Pending int             `json:"pending"`
}

// ClockOf describes a universe's time.
func ClockOf(t cloud.Timing) Clock {
	c := Clock{Mode: t.Mode, Speed: t.Speed, Now: t.Now.UTC(), Pending: t.Pending}
	if t.Pending > 0 {
		next := t.Next.UTC()
		c.Next = &next
	}
	return c
}

// A Snapshot tells of a universe as it was kept under a name.
type Snapshot struct {
	Name            string    `json:"name"`
	Time            time.Time `json:"time"` // in the universe's time, when it was taken
	Services        int       `json:"services"`
	StorageAccounts int       `json:"storageAccounts"`
	Operations      int       `json:"operations"` // that are remembered, in progress or not
	Pending         int       `json:"pending"`    // things that will happen by themselves
}

// Credentials let a client into a universe. They are secret.
type Credentials struct {
	SubscriptionID  string `json:"subscriptionID"`
	ManagementURL   string `json:"managementURL"`
	Thumbprint      string `json:"thumbprint"`
	CertPEM         string `json:"certPEM"`
	KeyPEM          string `json:"keyPEM"`
	CAPEM           string `json:"caPEM"`           // of the authority that the emulator's own certificate chains to
	PublishSettings string `json:"publishSettings"` // a .publishsettings file
}
