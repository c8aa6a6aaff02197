package blob

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

// Settings of the blob service of an account: body of Set Blob Service
// Properties and of the answer to Get. They are kept and given back; none of
// them has an effect here. Source: Microsoft's page "Set Blob Service
// Properties".
type (
	serviceProperties struct {
		XMLName               xml.Name         `xml:"StorageServiceProperties" json:"-"`
		Logging               *logging         `json:",omitempty"`
		HourMetrics           *metrics         `json:",omitempty"`
		MinuteMetrics         *metrics         `json:",omitempty"`
		Cors                  *cors            `json:",omitempty"`
		DefaultServiceVersion string           `xml:",omitempty" json:",omitempty"`
		DeleteRetentionPolicy *retentionPolicy `json:",omitempty"`
		StaticWebsite         *staticWebsite   `json:",omitempty"`
	}
	logging struct {
		Version             string
		Delete, Read, Write bool
		RetentionPolicy     retentionPolicy
	}
	metrics struct {
		Version         string
		Enabled         bool
		IncludeAPIs     *bool `xml:",omitempty"`
		RetentionPolicy retentionPolicy
	}
	retentionPolicy struct {
		Enabled              bool
		Days                 int   `xml:",omitempty"`
		AllowPermanentDelete *bool `xml:",omitempty"`
	}
	cors struct {
		CorsRule []corsRule
	}
	corsRule struct {
		AllowedOrigins, AllowedMethods string
		MaxAgeInSeconds                int
		ExposedHeaders, AllowedHeaders string
	}
	staticWebsite struct {
		Enabled                  bool
		IndexDocument            string `xml:",omitempty"`
		DefaultIndexDocumentPath string `xml:",omitempty"`
		ErrorDocument404Path     string `xml:",omitempty"`
	}
)

// Limits of service properties.
const (
	mostRules     = 5
	longestDays   = 365
	firstMetrics  = "1.0" // the only version of logs and metrics
	servicePrefix = "StorageServiceProperties"
)

// servicePaths are the elements of a body of Set Blob Service Properties.
func servicePaths() []string {
	children := map[string][]string{
		"":                      {"Logging", "HourMetrics", "MinuteMetrics", "Cors", "DefaultServiceVersion", "DeleteRetentionPolicy", "StaticWebsite"},
		"Logging":               {"Version", "Delete", "Read", "Write", "RetentionPolicy", "RetentionPolicy/Enabled", "RetentionPolicy/Days"},
		"HourMetrics":           {"Version", "Enabled", "IncludeAPIs", "RetentionPolicy", "RetentionPolicy/Enabled", "RetentionPolicy/Days"},
		"MinuteMetrics":         {"Version", "Enabled", "IncludeAPIs", "RetentionPolicy", "RetentionPolicy/Enabled", "RetentionPolicy/Days"},
		"Cors":                  {"CorsRule"},
		"Cors/CorsRule":         {"AllowedOrigins", "AllowedMethods", "MaxAgeInSeconds", "ExposedHeaders", "AllowedHeaders"},
		"DeleteRetentionPolicy": {"Enabled", "Days", "AllowPermanentDelete"},
		"StaticWebsite":         {"Enabled", "IndexDocument", "DefaultIndexDocumentPath", "ErrorDocument404Path"},
	}
	paths := []string{servicePrefix}
	for parent, names := range children {
		for _, name := range names {
			if parent != "" {
				name = parent + "/" + name
			}
			paths = append(paths, servicePrefix+"/"+name)
		}
	}
	return paths
}

// decodeServiceProperties reads and checks a body of Set Blob Service Properties.
func decodeServiceProperties(data []byte) (serviceProperties, error) {
	var p serviceProperties
	if err := scan(data, servicePaths(), ignore); err != nil {
		return p, err
	}
	if err := xml.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &p); err != nil {
		return p, refuse(invalidXMLNodeValue, "Reason", "an element that holds a number or true or false holds something else")
	}
	return p, p.check()
}

// check refuses values that the service does not take.
func (p serviceProperties) check() error {
	if p.DefaultServiceVersion != "" {
		if _, err := time.Parse(time.DateOnly, p.DefaultServiceVersion); err != nil {
			return refuse(invalidXMLNodeValue, "XmlNodeName", "DefaultServiceVersion", "XmlNodeValue", p.DefaultServiceVersion)
		}
	}
	if p.Cors != nil && len(p.Cors.CorsRule) > mostRules {
		return refuse(invalidXMLDocument, "Reason", fmt.Sprintf("there are at most %d rules in Cors", mostRules))
	}
	for _, r := range p.retentions() {
		if r.Enabled && (r.Days < 1 || r.Days > longestDays) {
			return refuse(invalidXMLNodeValue, "XmlNodeName", "Days", "XmlNodeValue", fmt.Sprint(r.Days))
		}
	}
	return nil
}

// retentions returns all retention policies that are given.
func (p serviceProperties) retentions() []retentionPolicy {
	var all []retentionPolicy
	if p.Logging != nil {
		all = append(all, p.Logging.RetentionPolicy)
	}
	for _, m := range []*metrics{p.HourMetrics, p.MinuteMetrics} {
		if m != nil {
			all = append(all, m.RetentionPolicy)
		}
	}
	if p.DeleteRetentionPolicy != nil {
		all = append(all, *p.DeleteRetentionPolicy)
	}
	return all
}

// over returns p with the settings of old in the place of those that p leaves
// out.
func (p serviceProperties) over(old serviceProperties) serviceProperties {
	return serviceProperties{
		Logging:               orDefault(p.Logging, old.Logging),
		HourMetrics:           orDefault(p.HourMetrics, old.HourMetrics),
		MinuteMetrics:         orDefault(p.MinuteMetrics, old.MinuteMetrics),
		Cors:                  orDefault(p.Cors, old.Cors),
		DefaultServiceVersion: orDefault(p.DefaultServiceVersion, old.DefaultServiceVersion),
		DeleteRetentionPolicy: orDefault(p.DeleteRetentionPolicy, old.DeleteRetentionPolicy),
		StaticWebsite:         orDefault(p.StaticWebsite, old.StaticWebsite),
	}
}

// standardProperties are those of an account where nothing was set.
func standardProperties() serviceProperties {
	return serviceProperties{
		Logging:               &logging{Version: firstMetrics},
		HourMetrics:           &metrics{Version: firstMetrics},
		MinuteMetrics:         &metrics{Version: firstMetrics},
		Cors:                  &cors{},
		DeleteRetentionPolicy: &retentionPolicy{},
		StaticWebsite:         &staticWebsite{},
	}
}

// getServiceProperties answers with all settings.
func (s *Server) getServiceProperties(q *request) (*response, error) {
	var p serviceProperties
	err := s.store.view(func(st state) error {
		p = st.account(q.account.ID).record.Properties
		return nil
	})
	if err != nil {
		return nil, err
	}
	return document(http.StatusOK, p.over(standardProperties()))
}

// setServiceProperties replaces the settings that the request has, and leaves
// the others.
func (s *Server) setServiceProperties(q *request) (*response, error) {
	body, err := s.receiveDocument(q, s.limits.Document)
	if err != nil {
		return nil, err
	}
	p, err := decodeServiceProperties(body)
	if err != nil {
		return nil, err
	}
	err = s.store.update(func(t *transaction) error {
		record := *t.account(q.account.ID).record
		record.Properties = p.over(record.Properties)
		t.putAccount(q.account.ID, &record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusAccepted), nil
}
