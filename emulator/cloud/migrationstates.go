package cloud

// A MigrationState is how far the migration of a thing to the newer platform has
// come. No source shows the words on the wire; these are the documented states.
type MigrationState string

// The states. What is in none of them was never prepared, or was aborted.
const (
	NotMigrating  MigrationState = ""
	Preparing     MigrationState = "Preparing"
	Prepared      MigrationState = "Prepared"
	PrepareFailed MigrationState = "PrepareFailed"
	Committing    MigrationState = "Committing"
	CommitFailed  MigrationState = "CommitFailed"
	Aborting      MigrationState = "Aborting"
	AbortFailed   MigrationState = "AbortFailed"
)

// A MigrationStep is one of the three changes of a migration; its name is what
// ?comp= holds.
type MigrationStep string

// The steps.
const (
	PrepareMigration MigrationStep = "prepare"
	CommitMigration  MigrationStep = "commit"
	AbortMigration   MigrationStep = "abort"
)

// A transit is what a step does to the state: from where it may be asked for,
// and where it leads. What is in state after already is left as it is, because
// repeating a step is the documented remedy for all trouble.
type transit struct {
	from                  []MigrationState
	during, after, failed MigrationState
	refusal               string // of all other states
}

// transits is the state machine. Source: Microsoft's articles on the migration
// of cloud services; that an abort is refused once a commit was tried is theirs,
// the texts are ours.
var transits = map[MigrationStep]transit{
	PrepareMigration: {
		from:   []MigrationState{NotMigrating, PrepareFailed},
		during: Preparing, after: Prepared, failed: PrepareFailed,
		refusal: "The migration cannot be prepared because a commit or an abort of it has failed. Repeat that operation.",
	},
	CommitMigration: {
		from:   []MigrationState{Prepared, CommitFailed},
		during: Committing, after: NotMigrating, failed: CommitFailed,
		refusal: "The migration cannot be committed because it has not been prepared.",
	},
	AbortMigration: {
		from:   []MigrationState{Prepared, PrepareFailed, AbortFailed},
		during: Aborting, after: NotMigrating, failed: AbortFailed,
		refusal: "The migration cannot be aborted because a commit of it has been attempted.",
	},
}

// begins reports whether the step does anything in a state; if not, it is either
// done already or refused.
func (t transit) begins(state MigrationState) (bool, *Error) {
	for _, from := range t.from {
		if state == from {
			return true, nil
		}
	}
	if state == t.after && t.during != Committing {
		return false, nil
	}
	return false, Errorf(ConflictError, "%s", t.refusal)
}
