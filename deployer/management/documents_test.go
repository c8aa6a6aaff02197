package management_test

import (
	"context"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/management"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata/requests")

const configuration = `<?xml version="1.0" encoding="utf-16"?>
<ServiceConfiguration serviceName="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Web"><Instances count="2"/></Role>
</ServiceConfiguration>
`

// TestCalls checks for every call the request that it sends and what it makes of
// the answer.
func TestCalls(t *testing.T) {
	for name, tt := range map[string]struct {
		answer reply
		call   func(context.Context, *management.Client) (any, error)
		want   any
	}{
		"subscription": {document(t, "subscription"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Subscription(ctx)
		}, management.Subscription{ID: subscription, Name: "Rehearsal", Status: "Active", MaxCores: 20, CurrentCores: 6, MaxServices: 20, CurrentServices: 2}},

		"locations": {document(t, "locations"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Locations(ctx)
		}, []management.Location{{Name: "West Europe", DisplayName: "West Europe"}, {Name: "East US", DisplayName: "East US (Virginia)"}}},

		"operating-systems": {document(t, "operating-systems"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.OperatingSystems(ctx)
		}, []string{"WA-GUEST-OS-3.80_202001-01", "WA-GUEST-OS-4.75_202002-01"}},

		"reserved-addresses": {document(t, "reserved-addresses"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.ReservedIPs(ctx)
		}, []management.ReservedIP{
			{Name: "back", Address: "198.51.100.7", Location: "West Europe"},
			{Name: "front", Address: "198.51.100.8", Location: "West Europe", InUse: true, Service: "shop", Deployment: "blue"},
		}},

		"reserved-addresses-none": {document(t, "reserved-addresses-none"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.ReservedIPs(ctx)
		}, []management.ReservedIP(nil)},

		"virtual-networks": {document(t, "virtual-networks"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.VirtualNetworks(ctx)
		}, []management.VirtualNetwork{{Name: "office", Subnets: []string{"front", "back"}}, {Name: "bare"}}},

		"services": {document(t, "services"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Services(ctx)
		}, []management.Service{shop(), intern()}},

		"services-empty": {document(t, "services-empty"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Services(ctx)
		}, []management.Service(nil)},

		"service": {document(t, "service"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Service(ctx, "shop")
		}, shop()},

		"service-detail": {document(t, "service-detail"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.ServiceDetail(ctx, "shop")
		}, management.ServiceDetail{Service: shop(), Deployments: []management.Deployment{*blue()}}},

		"service-detail-empty": {document(t, "service-detail-empty"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.ServiceDetail(ctx, "shop")
		}, management.ServiceDetail{Service: shop()}},

		"create-service": {reply{status: 201}, func(ctx context.Context, c *management.Client) (any, error) {
			return nil, c.CreateService(ctx, management.NewService{
				Name: "shop", Label: "The shop & more", Description: `for "all" & <everyone>`, Location: "West Europe",
				Properties: []management.Property{{Name: "team", Value: "checkout"}},
			})
		}, nil},

		"create-service-minimal": {reply{status: 201}, func(ctx context.Context, c *management.Client) (any, error) {
			return nil, c.CreateService(ctx, management.NewService{Name: "shop", AffinityGroup: "near"})
		}, nil},

		"update-service": {reply{status: 200}, func(ctx context.Context, c *management.Client) (any, error) {
			empty := ""
			return nil, c.UpdateService(ctx, "shop", management.ServiceUpdate{Label: "Shop", Description: &empty})
		}, nil},

		"update-service-label": {reply{status: 200}, func(ctx context.Context, c *management.Client) (any, error) {
			return nil, c.UpdateService(ctx, "shop", management.ServiceUpdate{Label: "Shop"})
		}, nil},

		"delete-service": {reply{status: 200}, func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeleteService(ctx, "shop", false)
		}, operationID},

		"delete-service-media": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeleteService(ctx, "shop", true)
		}, operationID},

		"service-name-available": {document(t, "available"), func(ctx context.Context, c *management.Client) (any, error) {
			free, reason, err := c.ServiceNameAvailable(ctx, "shop")
			return []any{free, reason}, err
		}, []any{true, ""}},

		"service-name-taken": {document(t, "taken"), func(ctx context.Context, c *management.Client) (any, error) {
			free, reason, err := c.ServiceNameAvailable(ctx, "shop")
			return []any{free, reason}, err
		}, []any{false, "A hosted service with the specified name already exists."}},

		"deployment": {document(t, "deployment"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Deployment(ctx, "shop", management.Production)
		}, blue()},

		"deployment-upgrading": {document(t, "deployment-upgrading"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeploymentByName(ctx, "shop", "green")
		}, green()},

		"deployment-empty-slot": {refusal(t, 404, "error-empty-slot"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Deployment(ctx, "shop", management.Staging)
		}, (*management.Deployment)(nil)},

		"deployment-gone": {refusal(t, 404, "error-empty-slot"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeploymentByName(ctx, "shop", "name with / and ä")
		}, (*management.Deployment)(nil)},

		"create-deployment": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.CreateDeployment(ctx, "shop", management.Staging, management.NewDeployment{
				Name: "green", PackageURL: "https://packages.blob.core.windows.net/p/shop.cspkg?sv=1&sig=x", Label: "shop v1.1.0 – grün",
				Configuration: []byte(configuration), Start: true, TreatWarningsAsError: true,
				Properties: []management.Property{{Name: "commit", Value: "abc"}, {Name: "by", Value: "a & b"}},
			})
		}, operationID},

		"upgrade-deployment": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.UpgradeDeployment(ctx, "shop", "green", management.Upgrade{
				PackageURL: "https://packages.blob.core.windows.net/p/shop.cspkg", Label: "shop v1.1.0", Configuration: []byte(configuration),
			})
		}, operationID},

		"upgrade-role-by-force": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.UpgradeDeployment(ctx, "shop", "green", management.Upgrade{
				Mode: "Simultaneous", PackageURL: "https://packages.blob.core.windows.net/p/shop.cspkg", Label: "shop v1.1.0",
				Configuration: []byte(configuration), Role: "Web", Force: true, Properties: []management.Property{{Name: "commit", Value: "abd"}},
			})
		}, operationID},

		"delete-deployment": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeleteDeployment(ctx, "shop", "blue")
		}, operationID},

		"delete-slot": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.DeleteSlot(ctx, "shop", management.Staging)
		}, operationID},

		"swap": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Swap(ctx, "shop", "blue", "green")
		}, operationID},

		"swap-into-empty": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Swap(ctx, "shop", "", "green")
		}, operationID},

		"change-configuration": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.ChangeConfiguration(ctx, "shop", "blue", management.ConfigurationChange{Configuration: []byte(configuration)})
		}, operationID},

		"update-status": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.UpdateStatus(ctx, "shop", "blue", management.StatusSuspended)
		}, operationID},

		"operation-in-progress": {document(t, "operation-in-progress"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Operation(ctx, operationID)
		}, management.Operation{ID: operationID, Status: management.InProgress}},

		"operation-succeeded": {document(t, "operation-succeeded"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Operation(ctx, "EF4FD168-1471-922F-A0DE-4F7300DCA46D")
		}, management.Operation{ID: operationID, Status: management.Succeeded, HTTPStatus: 200}},

		"operation-failed": {document(t, "operation-failed"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.Operation(ctx, operationID)
		}, management.Operation{ID: operationID, Status: management.Failed, HTTPStatus: 400, Err: &management.Error{
			HTTPStatus: 400, Code: "BadRequest", RequestID: operationID,
			Message: "Port 22 is already in use by one of the endpoints in this deployment.",
		}}},

		"storage-accounts": {document(t, "storages"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.StorageAccounts(ctx)
		}, []management.StorageAccount{packages()}},

		"storage-account": {document(t, "storage"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.StorageAccount(ctx, "packages")
		}, packages()},

		"storage-keys": {document(t, "storage-keys"), func(ctx context.Context, c *management.Client) (any, error) {
			return c.StorageKeys(ctx, "packages")
		}, management.StorageKeys{
			Primary:   base64.StdEncoding.EncodeToString([]byte("primary-key-of-the-documentprimary-key-of-the-document")),
			Secondary: base64.StdEncoding.EncodeToString([]byte("secondary-key-of-the-document")),
		}},

		"create-storage-account": {accepted(), func(ctx context.Context, c *management.Client) (any, error) {
			return c.CreateStorageAccount(ctx, management.NewStorageAccount{Name: "packages", Label: "Packages", Location: "West Europe"})
		}, operationID},

		"delete-storage-account": {reply{status: 200}, func(ctx context.Context, c *management.Client) (any, error) {
			return nil, c.DeleteStorageAccount(ctx, "packages")
		}, nil},

		"storage-name-available": {document(t, "available"), func(ctx context.Context, c *management.Client) (any, error) {
			free, reason, err := c.StorageNameAvailable(ctx, "packages")
			return []any{free, reason}, err
		}, []any{true, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, tt.answer)
			c, _ := s.client()
			got, err := tt.call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result mismatch (-want +got):\n%s", diff)
			}
			if asked := s.asked(); len(asked) != 1 {
				t.Errorf("%d requests were sent, want 1", len(asked))
			} else {
				golden(t, name, asked[0])
			}
		})
	}
}

// golden compares a request with its file, or rewrites the file with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "requests", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("request mismatch (-want +got):\n%s", diff)
	}
}

func shop() management.Service {
	return management.Service{
		Name: "shop", URL: "https://management.example.com/" + subscription + "/services/hostedservices/shop",
		Label: "The shop & more", Location: "West Europe", Status: "Created",
		Created: at("16:45:20"), LastModified: at("16:45:22"),
		Properties: []management.Property{{Name: "team", Value: "checkout <1>"}},
	}
}

func intern() management.Service {
	return management.Service{
		Name: "intern", URL: "https://management.example.com/" + subscription + "/services/hostedservices/intern",
		Label: "intern", Description: "for us only", AffinityGroup: "near", Status: "Created",
		Created: at("16:45:20"), LastModified: at("16:45:22"),
	}
}

func packages() management.StorageAccount {
	return management.StorageAccount{
		Name: "packages", Label: "Packages", Location: "West Europe", Status: "Created",
		BlobEndpoint: "https://packages.blob.core.windows.net/",
	}
}

func blue() *management.Deployment {
	return &management.Deployment{
		Name: "blue", Slot: management.Production, PrivateID: "16aeb3508e87482abb30ffd0d1cf6600",
		Status: management.StatusRunning, Label: "shop v1.0.0", URL: "http://shop.cloudapp.net/",
		Configuration: []byte(configuration),
		Instances: []management.Instance{
			webInstance("Web_IN_0", "100.74.174.7", 0), webInstance("Web_IN_1", "100.74.174.8", 1),
		},
		Roles: []management.Role{{
			Name: "Web", OSVersion: "WA-GUEST-OS-4.20_201506-01",
			InputEndpoints: []management.InputEndpoint{{Port: 80, Protocol: "http", VIP: "104.42.98.103"}},
		}},
		UpgradeDomains: 2, SDKVersion: "2.6.6496.2",
		Created: at("02:02:28"), LastModified: at("02:03:12"),
		Properties: []management.Property{{Name: "commit", Value: "abc"}},
		VirtualIPs: []management.VirtualIP{{Address: "104.42.98.103", Name: "ShopContractContract"}},
	}
}

func green() *management.Deployment {
	d := blue()
	d.Name, d.Slot, d.Status = "green", management.Staging, management.StatusRunningTransitioning
	d.Label = "shop v1.1.0 – grün, with a label long enough to fold"
	d.URL = "http://0f8c3f6e4a424c2b8f0e1d2b3c4d5e6f.cloudapp.net/"
	d.Upgrade = &management.UpgradeStatus{Type: "Auto", DomainState: "During", CurrentDomain: 1}
	d.ReservedIPName = "front"
	i := webInstance("Web_IN_0", "100.74.174.7", 0)
	i.Status, i.PowerState, i.Endpoints = "StartingRole", "Starting", nil
	d.Instances = []management.Instance{i}
	return d
}

func webInstance(name, ip string, domain int) management.Instance {
	return management.Instance{
		Role: "Web", Name: name, Status: management.InstanceReady, UpgradeDomain: domain, FaultDomain: domain,
		Size: "Small", IPAddress: ip, PowerState: "Started",
		Endpoints: []management.Endpoint{{Name: "Http", VIP: "104.42.98.103", PublicPort: 80, LocalPort: 8080, Protocol: "http"}},
	}
}

// at is a time of the day that the documents are from.
func at(clock string) time.Time {
	t, err := time.Parse(time.RFC3339, "2015-07-02T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return t
}
