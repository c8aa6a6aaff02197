package stage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

// What a universe begins with, unless it begins empty.
const (
	ServiceName = "shop"     // a cloud service with empty slots
	AccountName = "packages" // a storage account
	Location    = "West Europe"
)

// PollInterval is how often the program looks in scripts: time is automatic, so
// pauses only cost.
const PollInterval = time.Millisecond

// A Beginning is how a universe begins. The zero Beginning has an automatic clock,
// the service and the storage account.
type Beginning struct {
	Empty  bool             // without service and storage account
	Clock  cloud.ClockMode  // "" is cloud.AutoTime
	Speed  float64          // of a real clock; 0 is 1
	Seed   *uint64          // nil follows from the stage's seed and the universe's name
	Quotas *universe.Quotas // nil is no limits
	Strict bool             // enforce what is documented but was not enforced
}

// A Universe is a script's own subscription.
type Universe struct {
	stage *Stage
	id    string
	name  string
	began time.Time
}

// Enter makes a universe. Its id follows from its name and the stage's seed, so
// there is one of a name at a time. The caller leaves it.
func (s *Stage) Enter(ctx context.Context, name string, b Beginning) (*Universe, error) {
	u := &Universe{stage: s, id: s.idOf(name), name: name}
	if err := u.make(ctx, b); err != nil {
		return nil, fmt.Errorf("make a universe for %s: %w", name, err)
	}
	return u, nil
}

// idOf makes a subscription id of a name.
func (s *Stage) idOf(name string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", s.seed, name))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// seedOf makes a seed of a name.
func (s *Stage) seedOf(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return s.seed ^ binary.LittleEndian.Uint64(sum[:])
}

// Begin makes the universe anew, as b says. Everything in it is lost, its journal
// and faults, too.
func (u *Universe) Begin(ctx context.Context, b Beginning) error {
	if err := u.stage.emulator.DeleteUniverse(u.id); err != nil {
		return err
	}
	return u.make(ctx, b)
}

func (u *Universe) make(ctx context.Context, b Beginning) error {
	seed := u.stage.seedOf(u.name)
	if b.Seed != nil {
		seed = *b.Seed
	}
	e := u.stage.emulator
	_, err := e.CreateUniverse(universe.Spec{
		ID: u.id, Name: u.name, Seed: &seed, Clock: cloud.AutoTime, Quotas: b.Quotas, Strict: &b.Strict,
	})
	if err != nil {
		return err
	}
	if !b.Empty {
		if err := u.furnish(ctx); err != nil {
			return err
		}
	}
	j, err := u.Journal()
	if err != nil {
		return err
	}
	j.Clear()
	u.began = e.Now(u.id)
	if b.Clock == "" || b.Clock == cloud.AutoTime && b.Speed == 0 {
		return nil
	}
	_, err = e.SetClock(u.id, b.Clock, b.Speed)
	return err
}

// furnish makes the cloud service and the storage account.
func (u *Universe) furnish(ctx context.Context) error {
	c, err := u.Client()
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	if err := c.CreateService(ctx, management.NewService{Name: ServiceName, Location: Location}); err != nil {
		return err
	}
	id, err := c.CreateStorageAccount(ctx, management.NewStorageAccount{Name: AccountName, Label: AccountName, Location: Location})
	if err != nil {
		return err
	}
	return c.WaitOperation(ctx, id)
}

// Leave deletes the universe with all that is in it.
func (u *Universe) Leave() error {
	err := u.stage.emulator.DeleteUniverse(u.id)
	if removed := os.Remove(u.publishSettings()); err == nil && !os.IsNotExist(removed) {
		err = removed
	}
	return err
}

// ID returns the subscription's id.
func (u *Universe) ID() string { return u.id }

// Stage returns where the universe is.
func (u *Universe) Stage() *Stage { return u.stage }

// Client returns a client of the subscription. The caller closes its connections.
func (u *Universe) Client() (*management.Client, error) {
	e := u.stage.emulator
	return management.New(management.Config{
		URL: e.ManagementURL(), SubscriptionID: u.id, Certificate: e.Management().Certificate, RootCAs: e.CertPool(), PollMin: PollInterval,
	})
}

// State returns what the universe holds. No time passes by looking.
func (u *Universe) State() (universe.State, error) { return u.stage.emulator.State(u.id) }

// Journal returns what was asked of the universe since it began.
func (u *Universe) Journal() (*journal.Journal, error) { return u.stage.emulator.Journal(u.id) }

// Passed returns how much time has passed in the universe since it began.
func (u *Universe) Passed() time.Duration { return u.stage.emulator.Now(u.id).Sub(u.began) }

// Watch tells w of every management request until stop is called.
func (u *Universe) Watch(w Watcher) (stop func()) { return u.stage.gates.watch(u.id, w) }

// publishSettings is the file of that name.
func (u *Universe) publishSettings() string {
	return filepath.Join(u.stage.dir, u.id+".publishsettings")
}

// A Variable is an environment variable.
type Variable struct{ Name, Value string }

// String joins name and value as os/exec wants them.
func (v Variable) String() string { return v.Name + "=" + v.Value }

// Environment returns the variables that connect a client to the universe, and
// lead to the files of the shop. It writes the publish settings.
func (u *Universe) Environment() ([]Variable, error) {
	s, e := u.stage, u.stage.emulator
	m := *e.Management() // it may manage every universe of the stage
	m.SubscriptionID = u.id
	if err := os.WriteFile(u.publishSettings(), m.PublishSettings(e.ManagementURL(), u.name), 0o600); err != nil {
		return nil, err
	}
	variables := []Variable{
		{"VIPSWAP_MANAGEMENT_URL", e.ManagementURL()},
		{"VIPSWAP_SUBSCRIPTION_ID", u.id},
		{"VIPSWAP_CERT", m.CertFile},
		{"VIPSWAP_KEY", m.KeyFile},
		{"VIPSWAP_CA", e.Authority().CAFile()},
		{"VIPSWAP_PUBLISH_SETTINGS", u.publishSettings()},
		{"VIPSWAP_BLOB_URL", e.BlobURL()},
		{"VIPSWAP_CONTROL_URL", e.ControlURL()},
		{"VIPSWAP_POLL_INTERVAL", PollInterval.String()},
		{"VIPSWAP_SEED", strconv.FormatUint(s.seed, 10)},
		{"VIPSWAP_WHO", u.name},
		{"CONFIG", filepath.Join(s.files, "shop.cscfg")},
		{"DEFINITION", filepath.Join(s.files, "shop.csdef")},
		{"FILES", s.files},
	}
	for _, name := range []string{"V1", "V2", "ADMIN"} {
		variables = append(variables, Variable{name, s.packages[name]})
	}
	if s.bin != "" {
		variables = append(variables, Variable{"PATH", s.bin + string(os.PathListSeparator) + os.Getenv("PATH")})
	}
	return variables, nil
}

// Masks returns what differs from run to run in what clients print, with a name for
// each: addresses, and the folder of the stage.
func (u *Universe) Masks() []Variable {
	e := u.stage.emulator
	host := func(address string) string { return address[strings.Index(address, "//")+2:] }
	return []Variable{
		{"MANAGEMENT", host(e.ManagementURL())}, {"BLOBS", host(e.BlobURL())}, {"CONTROL", host(e.ControlURL())},
		{"STAGE", u.stage.dir}, {"SUBSCRIPTION", u.id},
	}
}
