package cloud

import "time"

// Durations says how long the platform takes for things, in cloud time. The
// defaults are recorded or documented values where there are any; see each field.
type Durations struct {
	CreateStarted   time.Duration // create a deployment that starts (recorded: at most 31 s)
	CreateSuspended time.Duration // create one that does not (recorded: 46 to 84 s)
	FirstBoot       time.Duration // end of the create until its instances are ready (recorded: up to 8 min)
	AcceptUpgrade   time.Duration // until the fabric has taken an upgrade
	AcceptWalk      time.Duration // until it has taken the order to walk a domain
	GetPackage      time.Duration
	AcceptChange    time.Duration // until it has taken a configuration (recorded: 74 s)
	DomainPause     time.Duration // between two upgrade domains
	DomainUpgrade   time.Duration // one upgrade domain with new code
	DomainRefresh   time.Duration // one upgrade domain with new settings only
	DomainDeadline  time.Duration // an Auto roll-out leaves a domain after this long an instance (documented: 30 min)
	Suspend         time.Duration // recorded: 5 to 30 s
	Start           time.Duration // until the status is Running again
	StartReady      time.Duration // then until the instances are ready
	DeleteRunning   time.Duration
	DeleteSuspended time.Duration // recorded: 6 s
	Swap            time.Duration // documented: ten seconds or more
	Reboot          time.Duration // the operation, for reboot, reimage and rebuild
	RebootReady     time.Duration
	ReimageReady    time.Duration
	Certificate     time.Duration // add or delete (recorded: 5 to 30 s)
	Extension       time.Duration // add or delete (recorded: at most 30 s)
	Migration       time.Duration // each step of a migration
	StorageAccount  time.Duration // create
	Network         time.Duration // reserved IPs, virtual IPs, DNS servers
	Stagger         time.Duration // each further instance of a role starts this much later
}

// DefaultDurations returns the durations that the emulator starts with.
func DefaultDurations() Durations {
	return Durations{
		CreateStarted:   30 * time.Second,
		CreateSuspended: 60 * time.Second,
		FirstBoot:       5 * time.Minute,
		AcceptUpgrade:   30 * time.Second,
		AcceptWalk:      10 * time.Second,
		GetPackage:      10 * time.Second,
		AcceptChange:    60 * time.Second,
		DomainPause:     5 * time.Second,
		DomainUpgrade:   3 * time.Minute,
		DomainRefresh:   20 * time.Second,
		DomainDeadline:  30 * time.Minute,
		Suspend:         15 * time.Second,
		Start:           15 * time.Second,
		StartReady:      3 * time.Minute,
		DeleteRunning:   30 * time.Second,
		DeleteSuspended: 6 * time.Second,
		Swap:            10 * time.Second,
		Reboot:          15 * time.Second,
		RebootReady:     2 * time.Minute,
		ReimageReady:    4 * time.Minute,
		Certificate:     5 * time.Second,
		Extension:       10 * time.Second,
		Migration:       time.Minute,
		StorageAccount:  10 * time.Second,
		Network:         10 * time.Second,
		Stagger:         4 * time.Second,
	}
}
