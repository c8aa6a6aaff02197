package management

import (
	"context"
	"encoding/xml"
	"net/http"
)

// subscriptionDocument is the answer of Get Subscription. The element is spelt
// SubscriptionID, with a capital ID.
type subscriptionDocument struct {
	XMLName         xml.Name `xml:"http://schemas.microsoft.com/windowsazure Subscription"`
	ID              string   `xml:"SubscriptionID"`
	Name            string   `xml:"SubscriptionName"`
	Status          string   `xml:"SubscriptionStatus"`
	MaxCores        int      `xml:"MaxCoreCount"`
	CurrentCores    int      `xml:"CurrentCoreCount"`
	MaxServices     int      `xml:"MaxHostedServices"`
	CurrentServices int      `xml:"CurrentHostedServices"`
}

// Subscription reads the client's subscription: its name, its quotas and their
// use (Get Subscription). It is the cheapest way to find out whether URL,
// subscription and certificate are right.
func (c *Client) Subscription(ctx context.Context) (Subscription, error) {
	var doc subscriptionDocument
	if _, err := c.do(ctx, call{operation: "Get Subscription", action: "read the subscription", method: http.MethodGet, into: &doc}); err != nil {
		return Subscription{}, err
	}
	return Subscription{
		ID:              doc.ID,
		Name:            doc.Name,
		Status:          doc.Status,
		MaxCores:        doc.MaxCores,
		CurrentCores:    doc.CurrentCores,
		MaxServices:     doc.MaxServices,
		CurrentServices: doc.CurrentServices,
	}, nil
}

type locationsDocument struct {
	XMLName   xml.Name `xml:"http://schemas.microsoft.com/windowsazure Locations"`
	Locations []struct {
		Name        string `xml:"Name"`
		DisplayName string `xml:"DisplayName"`
	} `xml:"Location"`
}

// Locations lists the places where the subscription can create services (List
// Locations), in the service's order.
func (c *Client) Locations(ctx context.Context) ([]Location, error) {
	var doc locationsDocument
	_, err := c.do(ctx, call{operation: "List Locations", action: "list locations", method: http.MethodGet, path: []string{"locations"}, into: &doc})
	if err != nil {
		return nil, err
	}
	var locations []Location
	for _, l := range doc.Locations {
		locations = append(locations, Location{Name: l.Name, DisplayName: l.DisplayName})
	}
	return locations, nil
}

type operatingSystemsDocument struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure OperatingSystems"`
	Systems []struct {
		Version string `xml:"Version"`
		Active  bool   `xml:"IsActive"`
	} `xml:"OperatingSystem"`
}

// OperatingSystems lists the releases of the guest operating system that a
// configuration may name as its osVersion: those that List Operating Systems
// calls active, in the service's order.
func (c *Client) OperatingSystems(ctx context.Context) ([]string, error) {
	var doc operatingSystemsDocument
	_, err := c.do(ctx, call{action: "list operating systems", method: http.MethodGet, path: []string{"operatingsystems"}, into: &doc})
	if err != nil {
		return nil, err
	}
	var releases []string
	for _, s := range doc.Systems {
		if s.Active {
			releases = append(releases, s.Version)
		}
	}
	return releases, nil
}

// availabilityDocument answers the name checks of services and storage accounts.
// Reason is a sentence, or nil for a free name; Microsoft's page promises a code
// word, recorded traffic has the sentence.
type availabilityDocument struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure AvailabilityResponse"`
	Result  bool     `xml:"Result"`
	Reason  string   `xml:"Reason"`
}

// nameChecks are the words for what has a name that can be checked.
var nameChecks = map[string]string{hostedServices: "Cloud Service", storageServices: "Storage Account"}

func (c *Client) nameAvailable(ctx context.Context, kind, what, name string) (bool, string, error) {
	var doc availabilityDocument
	_, err := c.do(ctx, call{
		operation: "Check " + nameChecks[kind] + " Name Availability",
		action:    "check the name of " + what + " " + name,
		method:    http.MethodGet,
		path:      []string{"services", kind, "operations", "isavailable", name},
		into:      &doc,
	})
	return doc.Result && err == nil, doc.Reason, err
}
