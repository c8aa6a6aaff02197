package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// Digest returns a hash, in hex, of what a deployment of a release to an environment
// depends on beside the slots: the release with its files, whether it is blocked, what
// was deployed to the environment, and the environments and lifecycle of the project
// as it is now.
func (h *History) Digest(r Release, environment string, p *Project) (string, error) {
	parts := []any{r, p.Name, p.Environments, p.Lifecycle}
	err := h.view(func(tx *bbolt.Tx) error {
		deployments, err := all[Deployment](tx, deploymentBucket)
		for _, d := range deployments {
			if (Filter{Environment: environment}).matches(d) {
				parts = append(parts, d.ID, d.Release, d.State)
			}
		}
		return err
	})
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("digest of release %s: %w", r.Number, err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
