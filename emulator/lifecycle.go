package emulator

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/certificates"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

var errKnownSubscription = errors.New("the subscription is there already")

// AddSubscription makes another subscription, empty, with its own state, clock
// and seed. The emulator's management certificate may manage it. A subscription
// that is there already is an error, and stays as it is.
func (e *Emulator) AddSubscription(id string) error {
	u := cloud.NewUniverse(id, e.config.seed^seedOf(id), e.clock(e.beginning(e.config.clockMode)))
	return e.settle(u, e.furnish)
}

// begin makes a subscription that the emulator is started with. One that is there
// since an earlier start is from now on as the emulator was told.
func (e *Emulator) begin(id string) error {
	if known := e.universes.Universe(id); known != nil {
		return e.setUp(known, e.furnish)
	}
	return e.AddSubscription(id)
}

// setUp gives a universe what furnish gives, and the faults of all.
func (e *Emulator) setUp(u *cloud.Universe, furnish func(*cloud.State)) error {
	if err := u.Update(func(st *cloud.State) *cloud.Error { furnish(st); return nil }); err != nil {
		return err
	}
	return e.befall(u)
}

// settle sets up a new universe, keeps it and lets requests in.
func (e *Emulator) settle(u *cloud.Universe, furnish func(*cloud.State)) error {
	if err := e.setUp(u, furnish); err != nil {
		return err
	}
	e.settling.Lock()
	defer e.settling.Unlock()
	if e.universes.Universe(u.ID()) != nil {
		return fmt.Errorf("add subscription %s: %w", u.ID(), errKnownSubscription)
	}
	if e.store != nil {
		if err := u.SaveTo(e.store.Saver(u.ID())); err != nil {
			return err
		}
	}
	e.universes.add(e.resident(u))
	return nil
}

// befall makes the plan of faults for all subscriptions, if there is one, befall a
// universe.
func (e *Emulator) befall(u *cloud.Universe) error {
	if len(e.config.faults.Rules) == 0 {
		return nil
	}
	return u.SetFaults(e.config.faults)
}

func (e *Emulator) resident(u *cloud.Universe) *resident {
	return &resident{u, journal.New(e.config.journalEntries, e.config.journalBytes)}
}

// furnish gives a subscription what the emulator was told for all of them.
func (e *Emulator) furnish(st *cloud.State) {
	st.Durations, st.Quotas, st.Strict = e.config.durations, e.config.quotas, e.config.strict
	st.Authorize(e.manager)
}

// beginning is where the time of a new universe begins.
func (e *Emulator) beginning(mode cloud.ClockMode) time.Time {
	if mode == cloud.RealTime {
		return e.config.wall().UTC()
	}
	return cloud.Epoch
}

// seedOf makes the identifiers of one subscription differ from those of others.
func seedOf(subscription string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(strings.ToLower(subscription)))
	return h.Sum64()
}

// CreateUniverse makes a subscription, empty, as spec says. The emulator's
// management certificate may manage it, and so may one of its own, which is made
// when it is first asked for with [Emulator.Credentials]. It costs next to nothing,
// so that every test can have one. The error is a *universe.Error when spec cannot
// be followed or the id is taken.
func (e *Emulator) CreateUniverse(spec universe.Spec) (universe.Info, error) {
	if err := spec.Check(); err != nil {
		return universe.Info{}, err
	}
	if spec.ID == "" {
		spec.ID = e.newID()
	}
	setting, chosen := spec.Setting(), spec.Clock != "" || spec.Speed != 0
	if !chosen {
		setting = cloud.ClockSetting{Mode: e.config.clockMode, Speed: e.config.speed}
	}
	seed := e.config.seed ^ seedOf(spec.ID)
	if spec.Seed != nil {
		seed = *spec.Seed
	}
	u := cloud.NewUniverse(spec.ID, seed, cloud.NewClock(setting.Mode, setting.Speed, e.beginning(setting.Mode), e.config.wall))
	if chosen {
		if err := u.SetClock(setting); err != nil {
			return universe.Info{}, err
		}
	}
	err := e.settle(u, func(st *cloud.State) {
		e.furnish(st)
		spec.Furnish(st)
	})
	if errors.Is(err, errKnownSubscription) {
		return universe.Info{}, universe.Errorf(universe.Exists, "there is a universe %s already", u.ID()).WithHint("leave out the id to have one made, or reset the universe")
	}
	if err != nil {
		return universe.Info{}, err
	}
	return e.Universe(u.ID())
}

// newID returns the id of a subscription that is not there yet.
func (e *Emulator) newID() string {
	for {
		e.ids.Lock()
		id := e.ids.ID()
		e.ids.Unlock()
		id = id[:8] + "-" + id[8:12] + "-4" + id[13:16] + "-a" + id[17:20] + "-" + id[20:]
		if e.universes.Universe(id) == nil {
			return id
		}
	}
}

// find returns a universe, or the refusal that says that there is none.
func (e *Emulator) find(id string) (*resident, error) {
	if r := e.universes.resident(id); r != nil {
		return r, nil
	}
	err := universe.Errorf(universe.NotFound, "there is no universe %s", id)
	if all := e.Subscriptions(); len(all) > 0 && len(all) <= 5 {
		err = err.WithHint("there is %s", strings.Join(all, ", "))
	}
	return nil, err
}

// Universe tells how a universe stands. Like all methods that take the id of a
// universe, it returns a *universe.Error of code NotFound when there is none.
func (e *Emulator) Universe(id string) (universe.Info, error) {
	r, err := e.find(id)
	if err != nil {
		return universe.Info{}, err
	}
	return e.describe(r)
}

func (e *Emulator) describe(r *resident) (universe.Info, error) {
	info := universe.Info{ID: r.ID(), ManagementURL: e.ManagementURL(), BlobURL: e.BlobURL(), Requests: r.journal.Last()}
	err := r.View(func(st *cloud.State) *cloud.Error {
		info.Name, info.Seed, info.Strict, info.Authentication = st.Name, st.Source.Seed, st.Strict, st.Access.Mode
		info.Services, info.InProgress = st.Usage().Services, st.InProgress()
		return nil
	})
	info.Clock = universe.ClockOf(r.Timing())
	return info, err
}

// Universes tells how all universes stand, in order of id.
func (e *Emulator) Universes() ([]universe.Info, error) {
	all := []universe.Info{}
	for _, u := range e.universes.Universes() {
		r := e.universes.resident(u.ID())
		if r == nil {
			continue // gone in the meantime
		}
		info, err := e.describe(r)
		if err != nil {
			return nil, err
		}
		all = append(all, info)
	}
	return all, nil
}

// ResetUniverse empties a universe: it is again as it was when it was made, with
// the same seed, clock and credentials, at the beginning of its time. Its journal is
// empty, too.
func (e *Emulator) ResetUniverse(id string) error {
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	r, err := e.find(id)
	if err != nil {
		return err
	}
	var seed uint64
	var accounts []string
	var keep func(*cloud.State)
	err = r.View(func(st *cloud.State) *cloud.Error {
		seed, accounts, keep = st.Source.Seed, accountsOf(r.ID(), st), furnishings(st)
		return nil
	})
	if err != nil {
		return err
	}
	now, contents := r.Timing(), e.freshContents(r.ID())
	clock := cloud.NewClock(now.Mode, now.Speed, e.beginning(now.Mode), e.config.wall)
	// An account that is made anew before the old one's blobs are gone has others.
	err = r.Reset(seed, clock, func(fresh *cloud.State) { keep(fresh); fresh.Contents = contents })
	if err != nil {
		return err
	}
	r.journal.Clear()
	e.packages.Forget()
	return e.blobs.DeleteAccount(accounts...)
}

// furnishings returns what sets up a state like st was set up.
func furnishings(st *cloud.State) func(*cloud.State) {
	durations, quotas, strict, access := st.Durations, st.Quotas, st.Strict, st.Access
	var managers []cloud.ManagementCertificate
	for m := range st.ManagementCertificates {
		managers = append(managers, *m)
	}
	return func(fresh *cloud.State) {
		fresh.Durations, fresh.Quotas, fresh.Strict, fresh.Access = durations, quotas, strict, access
		for _, m := range managers {
			fresh.Authorize(m)
		}
	}
}

// DeleteUniverse forgets a universe with all that it holds, and its snapshots. The subscriptions that
// the emulator was started with stay: deleting one is an error.
func (e *Emulator) DeleteUniverse(id string) error {
	r, err := e.find(id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(e.config.subscriptions, func(s string) bool { return strings.EqualFold(s, id) }) {
		return universe.Errorf(universe.Invalid, "the emulator was started with subscription %s, which stays", r.ID()).WithHint("reset it to empty it")
	}
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	e.settling.Lock() // until all is gone that the next universe of that id would take for its own
	defer e.settling.Unlock()
	if r = e.universes.remove(id); r == nil {
		return nil // somebody else was faster
	}
	r.journal.Close()
	r.Retire()
	err = e.shelf.Delete(r.ID())
	blobs := e.blobs.Accounts(accountID(r.ID(), "", 0))
	return errors.Join(err, e.blobs.DeleteAccount(blobs...), e.config.authority.Forget(r.ID()))
}

// Credentials returns what lets a client into a universe: a management certificate
// of its own, which is made the first time (that takes a part of a second), also as
// a .publishsettings file.
func (e *Emulator) Credentials(id string) (universe.Credentials, error) {
	r, err := e.find(id)
	if err != nil {
		return universe.Credentials{}, err
	}
	m, err := e.config.authority.Management(r.ID())
	if err == nil {
		err = e.stillThere(r)
	}
	if err != nil {
		return universe.Credentials{}, err
	}
	own, err := managerOf(m.Certificate.Certificate[0])
	if err != nil {
		return universe.Credentials{}, err
	}
	name := ""
	err = r.Update(func(st *cloud.State) *cloud.Error {
		name = st.Name
		st.Authorize(own)
		return nil
	})
	return universe.Credentials{
		SubscriptionID: r.ID(), ManagementURL: e.ManagementURL(), Thumbprint: m.Thumbprint(),
		CertPEM: string(m.CertPEM), KeyPEM: string(m.KeyPEM), CAPEM: string(e.config.authority.CAPEM()),
		PublishSettings: string(m.PublishSettings(e.ManagementURL(), name)),
	}, err
}

// stillThere refuses when a universe was deleted while a certificate for it was made,
// and forgets that.
func (e *Emulator) stillThere(r *resident) error {
	e.settling.Lock()
	defer e.settling.Unlock()
	if _, err := e.find(r.ID()); err != nil {
		return errors.Join(err, e.config.authority.Forget(r.ID()))
	}
	return nil
}

// managerOf is a management certificate as a subscription knows it.
func managerOf(der []byte) (cloud.ManagementCertificate, error) {
	c, err := certificates.ReadCER(der)
	return cloud.ManagementCertificate{Thumbprint: c.Thumbprint, Data: c.DER, PublicKey: c.PublicKey}, err
}
