package management

import (
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

var subscriptionOperations = []operation{
	{"List Subscriptions", "GET", "/subscriptions", "", "2013-08-01", 200, (*Server).listSubscriptions, "clients"},
	{"Get Subscription", "GET", "", "", "2011-06-01", 200, (*Server).getSubscription, "Microsoft's page; recorded traffic"},
	{"List Locations", "GET", "/locations", "", "2010-10-28", 200, (*Server).listLocations, "Microsoft's page; recorded traffic"},
}

// subscriptionDocument is Get Subscription, in recorded order.
type subscriptionDocument struct {
	_ wire.Root `wire:"Subscription"`
	subscriptionElements
}

type subscriptionElements struct {
	SubscriptionID                  string    `wire:"SubscriptionID"`
	SubscriptionName                string    `wire:"SubscriptionName"`
	SubscriptionStatus              string    `wire:"SubscriptionStatus"`
	AccountAdminLiveEmailID         string    `wire:"AccountAdminLiveEmailId"`
	ServiceAdminLiveEmailID         string    `wire:"ServiceAdminLiveEmailId"`
	MaxCoreCount                    int       `wire:"MaxCoreCount"`
	MaxStorageAccounts              int       `wire:"MaxStorageAccounts"`
	MaxHostedServices               int       `wire:"MaxHostedServices"`
	CurrentCoreCount                int       `wire:"CurrentCoreCount"`
	CurrentHostedServices           int       `wire:"CurrentHostedServices"`
	CurrentStorageAccounts          int       `wire:"CurrentStorageAccounts"`
	MaxVirtualNetworkSites          int       `wire:"MaxVirtualNetworkSites"`
	MaxLocalNetworkSites            int       `wire:"MaxLocalNetworkSites"`
	MaxDNSServers                   int       `wire:"MaxDnsServers"`
	OfferCategories                 string    `wire:"OfferCategories"`
	AADTenantID                     string    `wire:"AADTenantID"`
	CreatedTime                     time.Time `wire:"CreatedTime"`
	MaxReservedIPs                  int       `wire:"MaxReservedIPs"`
	CurrentReservedIPs              int       `wire:"CurrentReservedIPs"`
	MaxPublicIPCount                int       `wire:"MaxPublicIPCount"`
	CurrentNetworkSecurityGroups    int       `wire:"CurrentNetworkSecurityGroups"`
	MaxNetworkSecurityGroups        int       `wire:"MaxNetworkSecurityGroups"`
	MaxNetworkSecurityRulesPerGroup int       `wire:"MaxNetworkSecurityRulesPerGroup"`
	MaxRouteTables                  int       `wire:"MaxRouteTables"`
	MaxRoutesPerRouteTable          int       `wire:"MaxRoutesPerRouteTable"`
}

// subscriptionsDocument is the list of the subscriptions that the caller manages.
type subscriptionsDocument struct {
	_            wire.Root              `wire:"Subscriptions"`
	Subscription []subscriptionElements `wire:"Subscription,flat"`
}

// serviceAdministrator is who manages every subscription, where somebody is to be
// named.
const serviceAdministrator = "service@vipswap.invalid"

// subscriptionOf describes a subscription. The numbers that nothing here makes
// use of are those of a plain subscription (recorded).
func subscriptionOf(st *cloud.State) subscriptionElements {
	used := st.Usage()
	return subscriptionElements{
		SubscriptionID: st.Subscription, SubscriptionName: st.Name, SubscriptionStatus: "Active",
		AccountAdminLiveEmailID: "account@vipswap.invalid", ServiceAdminLiveEmailID: serviceAdministrator,
		MaxCoreCount: st.Quotas.Cores, MaxStorageAccounts: st.Quotas.StorageAccounts, MaxHostedServices: st.Quotas.Services,
		CurrentCoreCount: used.Cores, CurrentHostedServices: used.Services, CurrentStorageAccounts: used.StorageAccounts,
		MaxVirtualNetworkSites: 50, MaxLocalNetworkSites: 20, MaxDNSServers: 9,
		AADTenantID: "00000000-0000-0000-0000-000000000000", CreatedTime: cloud.Epoch,
		MaxReservedIPs: st.Quotas.ReservedIPs, CurrentReservedIPs: used.ReservedIPs, MaxPublicIPCount: 5, MaxNetworkSecurityGroups: 100, MaxNetworkSecurityRulesPerGroup: 200,
		MaxRouteTables: 100, MaxRoutesPerRouteTable: 100,
	}
}

func (s *Server) getSubscription(r *request) (answer, error) {
	var doc subscriptionDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		doc.subscriptionElements = subscriptionOf(st)
		return false, nil
	})
	return answer{body: doc}, err
}

func (s *Server) listSubscriptions(r *request) (answer, error) {
	var doc subscriptionsDocument
	for _, u := range s.subscriptions.Universes() {
		if !r.client.mayManage(u) {
			continue
		}
		err := u.View(func(st *cloud.State) *cloud.Error {
			doc.Subscription = append(doc.Subscription, subscriptionOf(st))
			return nil
		})
		if err != nil {
			return answer{}, err
		}
	}
	return answer{body: doc}, nil
}

// locationsDocument is List Locations.
type locationsDocument struct {
	_        wire.Root          `wire:"Locations"`
	Location []locationElements `wire:"Location,flat"`
}

type locationElements struct {
	Name                string              `wire:"Name"`
	DisplayName         string              `wire:"DisplayName"`
	AvailableServices   []string            `wire:"AvailableServices>AvailableService"`
	ComputeCapabilities computeCapabilities `wire:"ComputeCapabilities"`
}

func (s *Server) listLocations(*request) (answer, error) {
	var doc locationsDocument
	for _, l := range cloud.Locations() {
		doc.Location = append(doc.Location, locationElements{l.Name, l.Name, l.Services, allSizes})
	}
	return answer{body: doc}, nil
}
