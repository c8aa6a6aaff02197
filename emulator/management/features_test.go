package management_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management"
)

// featureMatrix is when the elements of answers came: "Element since" or
// "Element since..until", by document. Source: the version remarks on
// Microsoft's pages of the operations and the page on versioning; InputEndpoint's
// VirtualIPName is from recorded traffic.
var featureMatrix = map[string][]string{
	"Get Operation Status": nil,
	"Get Deployment": {
		"Deployment/RoleInstanceList/RoleInstance/InstanceUpgradeDomain 2011-06-01",
		"Deployment/RoleInstanceList/RoleInstance/InstanceFaultDomain 2011-06-01",
		"Deployment/RoleInstanceList/RoleInstance/InstanceSize 2011-06-01",
		"Deployment/RoleInstanceList/RoleInstance/InstanceStateDetails 2011-10-01",
		"Deployment/RoleInstanceList/RoleInstance/IpAddress 2012-03-01",
		"Deployment/RoleInstanceList/RoleInstance/InstanceEndpoints 2012-03-01",
		"Deployment/RoleInstanceList/RoleInstance/InstanceEndpoints/InstanceEndpoint/Vip 2011-06-01",
		"Deployment/RoleInstanceList/RoleInstance/PowerState 2012-03-01",
		"Deployment/UpgradeDomainCount 2011-06-01",
		"Deployment/RoleList/Role/ConfigurationSets 2012-03-01",
		"Deployment/RoleList/Role/ConfigurationSets/ConfigurationSet/InputEndpoints/InputEndpoint/VirtualIPName 2015-09-01",
		"Deployment/SdkVersion 2011-06-01",
		"Deployment/InputEndpointList 2011-06-01..2012-03-01",
		"Deployment/Locked 2011-06-01",
		"Deployment/RollbackAllowed 2011-06-01",
		"Deployment/VirtualNetworkName 2012-03-01",
		"Deployment/ExtendedProperties 2012-03-01",
		"Deployment/Dns 2012-03-01",
		"Deployment/ExtensionConfiguration 2013-03-01",
		"Deployment/ExtensionConfiguration/AllRoles/Extension/State 2014-06-01",
		"Deployment/ExtensionConfiguration/NamedRoles/Role/Extensions/Extension/State 2014-06-01",
		"Deployment/VirtualIPs 2012-03-01",
		"Deployment/VirtualIPs/VirtualIP/IsReserved 2014-05-01",
		"Deployment/VirtualIPs/VirtualIP/ReservedIPName 2014-05-01",
		"Deployment/ReservedIPName 2014-05-01",
		"Deployment/LoadBalancers 2014-05-01",
	},
	"Get Cloud Service Properties": {
		"HostedService/HostedServiceProperties/Status 2012-03-01",
		"HostedService/HostedServiceProperties/DateCreated 2012-03-01",
		"HostedService/HostedServiceProperties/DateLastModified 2012-03-01",
		"HostedService/HostedServiceProperties/ExtendedProperties 2012-03-01",
		"HostedService/HostedServiceProperties/ReverseDnsFqdn 2014-06-01",
	},
	"List Cloud Services": {
		"HostedServices/HostedService/HostedServiceProperties/Status 2012-03-01",
		"HostedServices/HostedService/HostedServiceProperties/DateCreated 2012-03-01",
		"HostedServices/HostedService/HostedServiceProperties/DateLastModified 2012-03-01",
		"HostedServices/HostedService/HostedServiceProperties/ExtendedProperties 2012-03-01",
		"HostedServices/HostedService/HostedServiceProperties/ReverseDnsFqdn 2014-06-01",
		"HostedServices/HostedService/ComputeCapabilities 2014-05-01",
	},
	"List Affinity Groups":                    {"AffinityGroups/AffinityGroup/ComputeCapabilities 2014-05-01"},
	"Get Storage Account Properties":          {"StorageService/StorageServiceProperties/GeoReplicationEnabled ..2014-06-01"},
	"List Storage Accounts":                   {"StorageServices/StorageService/StorageServiceProperties/GeoReplicationEnabled ..2014-06-01"},
	"List Available Extensions":               {"ExtensionImages/ExtensionImage/SampleConfig 2013-11-01"},
	"List Extension Versions":                 {"ExtensionImages/ExtensionImage/SampleConfig 2013-11-01"},
	"List Publisher Extensions":               {"ExtensionImages/ExtensionImage/SampleConfig 2013-11-01"},
	"Check Cloud Service Name Availability":   {"AvailabilityResponse/Reason 2013-03-01"},
	"Check Storage Account Name Availability": {"AvailabilityResponse/Reason 2013-03-01"},
}

func TestFeatureMatrix(t *testing.T) {
	for _, operation := range management.Answers() {
		want, documented := featureMatrix[operation]
		if operation == "Get Cloud Service Properties" {
			want = append(slices.Clone(want), under("HostedService/Deployments/", featureMatrix["Get Deployment"])...)
		}
		var got []string
		for _, f := range management.Features(operation) {
			line := f.Path + " " + string(f.Since)
			if f.Until != "" {
				line += ".." + string(f.Until)
			}
			got = append(got, line)
		}
		if !documented && len(got) == 0 {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("features of %s mismatch (-want +got):\n%s", operation, diff)
		}
	}
	for operation := range featureMatrix {
		if !slices.Contains(management.Answers(), operation) {
			t.Errorf("%s answers with no document", operation)
		}
	}
}

func under(prefix string, features []string) []string {
	var all []string
	for _, f := range features {
		all = append(all, prefix+f)
	}
	return all
}

// TestOperationsAreDocumented checks what the published list says of each row.
func TestOperationsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range management.Operations() {
		row := op.Method + " " + op.Path + " " + op.Comp
		if seen[row] {
			t.Errorf("%s is in the table twice", row)
		}
		seen[row] = true
		if op.Name == "" || op.Sources == "" || op.Since == "" || !strings.HasPrefix(op.Path, "/") || op.Status < 200 || op.Status > 202 {
			t.Errorf("row is incomplete: %+v", op)
		}
		if op.Async != (op.Status == 202) {
			t.Errorf("%s answers %d and is asynchronous: %v", op.Name, op.Status, op.Async)
		}
	}
}
