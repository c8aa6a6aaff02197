package release

import (
	"encoding/binary"
	"testing"

	"go.etcd.io/bbolt"
)

// plant puts bytes into the history as the records of one release and one deployment.
func plant(t testing.TB, h *History, release, deployment []byte) {
	t.Helper()
	key := binary.BigEndian.AppendUint64(nil, 1)
	err := h.update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(releasesBucket).Put(key, release); err != nil {
			return err
		}
		return tx.Bucket(deploymentBucket).Put(key, deployment)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// FuzzHistory has any bytes as records, and asks the history all that commands ask:
// what cannot be read is an error, and what is written leaves what can be read.
func FuzzHistory(f *testing.F) {
	const fine = `{"number":"1.0.0","projectFile":"cHJvamVjdDogU2hvcA==","blocks":[{}]}`
	for _, pair := range [][2]string{
		{fine, `{"id":"Deployments-1","release":"1.0.0","environment":"Staging","state":"Executing","journal":[{"step":"plan","state":"intent","detail":"{"}]}`},
		{fine, `{"id":"Deployments-1","release":"1.0.0","environment":"Staging","state":"Queued"}`},
		{fine, `{"id":"Deployments-2","release":"1.0.0","environment":"Production","state":"Success","journal":[{"secrets":["A"],"sealed":"AA=="}]}`},
		{`{"number":""}`, `{"state":"Dancing","created":"2026-03-05T14:07:09Z"}`}, {`{"number":1}`, `[]`}, {`null`, `null`}, {`{`, ``},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	project, err := ParseProject("vipswap.yaml", []byte(smallProject))
	if err != nil {
		f.Fatal(err)
	}
	h, err := OpenHistory(f.TempDir(), Options{Now: newClock().Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { h.Close() })
	h.noSync = true
	f.Fuzz(func(t *testing.T, release, deployment []byte) {
		plant(t, h, release, deployment)
		deployments, err := h.Deployments(Filter{Environment: "Staging"})
		if _, unfinishedErr := h.Unfinished(); (err == nil) != (unfinishedErr == nil) {
			t.Errorf("deployments are read with %v, and the unfinished ones with %v", err, unfinishedErr)
		}
		Overview(project, deployments)
		for _, d := range deployments {
			d.OpenIntents()
			for _, e := range d.Journal {
				h.Secrets(d.ID, e)
			}
		}
		releases, err := h.Releases()
		if err != nil {
			return
		}
		for _, r := range releases {
			askAll(t, h, project, r)
		}
		h.RecordIntent("Deployments-1", "swap", "")
		h.StartDeployment("Deployments-1")
		h.FinishDeployment("Deployments-1", Ending{State: Failed})
		if _, again := h.Releases(); again != nil {
			t.Errorf("what was written cannot be read: %v", again)
		}
	})
}

// askAll asks what is known of a release.
func askAll(t *testing.T, h *History, project *Project, r Release) {
	t.Helper()
	r.Project()
	h.Files(r)
	h.Facts(r.Number)
	h.Progress(r.Number, project.Lifecycle)
	h.Run(r, Deployment{Environment: "Staging"})
	one, oneErr := h.Digest(r, "Staging", project)
	two, twoErr := h.Digest(r, "Staging", project)
	if one != two || (oneErr == nil) != (twoErr == nil) {
		t.Errorf("two digests differ: %s, %v and %s, %v", one, oneErr, two, twoErr)
	}
}
