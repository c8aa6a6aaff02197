package blob

import (
	"net/http"
	"time"
)

// createContainer makes an empty container.
func (s *Server) createContainer(q *request) (*response, error) {
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	public, err := q.publicAccess()
	if err != nil {
		return nil, err
	}
	id, name := q.account.ID, q.location.container
	record := &containerRecord{Metadata: metadata, Access: public}
	err = s.store.update(func(t *transaction) error {
		if c := t.anyContainer(id, name); c != nil && c.record.deleting(q.now) {
			return refuse(containerBeingDeleted)
		} else if c != nil && !c.record.gone(q.now) {
			return refuse(containerAlreadyExists)
		}
		record.ETag, record.Modified = t.stamp(id, q.now)
		t.putContainer(id, name, record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusCreated).stamped(record.ETag, record.Modified), nil
}

// publicAccess reads the access that everyone shall have.
func (q *request) publicAccess() (access, error) {
	const name = "x-ms-blob-public-access"
	value := access(q.Header.Get(name))
	if value != accessPrivate && value != accessBlob && value != accessContainer {
		return "", refuseHeader(invalidHeaderValue, name, string(value), "it is blob, container or absent")
	}
	return value, nil
}

// container reads the record of the request's container, and checks the lease
// that the request names, if any.
func (s *Server) container(q *request) (*containerRecord, error) {
	var record *containerRecord
	err := s.store.view(func(st state) error {
		c, err := st.container(q.account.ID, q.location.container, q.now)
		if err != nil {
			return err
		}
		record = c.record
		return record.Lease.checkRead(q.leaseID(), containerLease, q.now)
	})
	return record, err
}

// getContainerProperties answers two operations: the metadata comes with both.
func (s *Server) getContainerProperties(q *request) (*response, error) {
	record, err := s.container(q)
	if err != nil {
		return nil, err
	}
	r := respond(http.StatusOK).stamped(record.ETag, record.Modified)
	writeMetadata(r.header, record.Metadata)
	if q.operation.comp == "" {
		record.Lease.writeTo(r.header, q.now)
		setNonEmpty(r.header, "x-ms-blob-public-access", string(record.Access))
		r.header.Set("x-ms-has-immutability-policy", "false")
		r.header.Set("x-ms-has-legal-hold", "false")
	}
	return r, nil
}

// setContainerMetadata replaces the metadata.
func (s *Server) setContainerMetadata(q *request) (*response, error) {
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	return s.changeContainer(q, func(record *containerRecord) { record.Metadata = metadata })
}

// changeContainer replaces the record of a container by a changed copy.
func (s *Server) changeContainer(q *request, change func(*containerRecord)) (*response, error) {
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	var record containerRecord
	err = s.store.update(func(t *transaction) error {
		c, err := t.container(q.account.ID, q.location.container, q.now)
		if err != nil {
			return err
		}
		record = *c.record
		if err := cond.checkWrite(record.ETag, record.Modified); err != nil {
			return err
		}
		if err := record.Lease.checkRead(q.leaseID(), containerLease, q.now); err != nil {
			return err
		}
		change(&record)
		record.ETag, record.Modified = t.stamp(q.account.ID, q.now)
		t.putContainer(q.account.ID, q.location.container, &record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusOK).stamped(record.ETag, record.Modified), nil
}

// deleteContainer deletes a container with all that is in it. Its name may stay
// taken for a while.
func (s *Server) deleteContainer(q *request) (*response, error) {
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	id, name := q.account.ID, q.location.container
	err = s.store.update(func(t *transaction) error {
		c, err := t.container(id, name, q.now)
		if err != nil {
			return err
		}
		if err := cond.checkWrite(c.record.ETag, c.record.Modified); err != nil {
			return err
		}
		if err := c.record.Lease.checkWrite(q.leaseID(), containerLease, q.now); err != nil {
			return err
		}
		if s.deletionDelay <= 0 {
			t.deleteContainer(id, name)
			return nil
		}
		t.clearContainer(id, name)
		t.putContainer(id, name, &containerRecord{DeletedUntil: q.now.Add(s.deletionDelay)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusAccepted), nil
}

// getContainerACL answers with the public access and the stored policies.
func (s *Server) getContainerACL(q *request) (*response, error) {
	record, err := s.container(q)
	if err != nil {
		return nil, err
	}
	r, err := document(http.StatusOK, policiesDocument(record.Policies))
	if err != nil {
		return nil, err
	}
	setNonEmpty(r.header, "x-ms-blob-public-access", string(record.Access))
	return r.stamped(record.ETag, record.Modified), nil
}

// setContainerACL replaces the public access and the stored policies.
func (s *Server) setContainerACL(q *request) (*response, error) {
	public, err := q.publicAccess()
	if err != nil {
		return nil, err
	}
	body, err := s.receiveDocument(q, s.limits.Document)
	if err != nil {
		return nil, err
	}
	policies, err := decodePolicies(body)
	if err != nil {
		return nil, err
	}
	return s.changeContainer(q, func(record *containerRecord) {
		record.Access, record.Policies = public, policies
	})
}

// policy returns a stored policy of a container.
func (s *Store) policy(accountID, containerName, id string, now time.Time) (found policy, ok bool) {
	s.view(func(st state) error {
		c, err := st.container(accountID, containerName, now)
		if err != nil {
			return err
		}
		for _, p := range c.record.Policies {
			if p.ID == id {
				found, ok = p, true
			}
		}
		return nil
	})
	return found, ok
}

// access returns the public access of a container: none where there is none.
func (s *Store) access(accountID, containerName string, now time.Time) access {
	found := accessPrivate
	s.view(func(st state) error {
		c, err := st.container(accountID, containerName, now)
		if err != nil {
			return err
		}
		found = c.record.Access
		return nil
	})
	return found
}

// containersOf returns the records of the containers of an account by name.
func (s *Store) containersOf(accountID string) map[string]*containerRecord {
	records := map[string]*containerRecord{}
	s.view(func(st state) error {
		for name, c := range st.account(accountID).containers {
			if c.record.DeletedUntil.IsZero() {
				records[name] = c.record
			}
		}
		return nil
	})
	return records
}
