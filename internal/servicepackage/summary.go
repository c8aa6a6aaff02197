package servicepackage

import "time"

// Summary describes a package for people and programs; it holds no file
// content and is ready for encoding/json.
type Summary struct {
	Format         Format        `json:"format"`
	Encrypted      bool          `json:"encrypted"`
	ProductVersion string        `json:"productVersion"`
	SizeBytes      int64         `json:"sizeBytes"`
	Service        string        `json:"service"`
	SchemaVersion  string        `json:"schemaVersion,omitempty"`
	UpgradeDomains int           `json:"upgradeDomains"`
	Roles          []RoleSummary `json:"roles"`
	Warnings       []string      `json:"warnings,omitempty"`
}

// RoleSummary describes one role of a package. Files and FileBytes are zero
// for an encrypted package.
type RoleSummary struct {
	Name             string            `json:"name"`
	Kind             RoleKind          `json:"kind"`
	VMSize           string            `json:"vmSize"`
	Endpoints        []EndpointSummary `json:"endpoints"`
	Settings         []string          `json:"settings"`
	Certificates     []string          `json:"certificates"`
	LocalStorage     []StorageSummary  `json:"localStorage"`
	OSFamilies       []string          `json:"osFamilies,omitempty"`
	RequiredFeatures []string          `json:"requiredFeatures,omitempty"`
	Files            int               `json:"files"`
	FileBytes        int64             `json:"fileBytes"`
	LastModified     *time.Time        `json:"lastModified,omitempty"`
}

// EndpointSummary describes one endpoint. Port is the public port or range of
// input and instance input endpoints, and the fixed ports of internal ones;
// "*" where the platform assigns it.
type EndpointSummary struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"` // input, internal or instanceInput
	Protocol    string `json:"protocol"`
	Port        string `json:"port"`
	LocalPort   string `json:"localPort,omitempty"`
	Certificate string `json:"certificate,omitempty"`
}

// StorageSummary describes one local storage folder.
type StorageSummary struct {
	Name           string `json:"name"`
	SizeMB         int    `json:"sizeMB"`
	CleanOnRecycle bool   `json:"cleanOnRecycle"`
}

// Summary returns the description of the package.
func (p *Package) Summary() Summary {
	d := p.Definition
	s := Summary{
		Format: p.Format, Encrypted: p.Encrypted, ProductVersion: p.ProductVersion, SizeBytes: p.Size,
		Service: d.Name, SchemaVersion: d.SchemaVersion, UpgradeDomains: d.UpgradeDomainCount, Roles: []RoleSummary{},
	}
	for _, w := range d.Warnings {
		s.Warnings = append(s.Warnings, w.String())
	}
	for _, r := range d.Roles {
		s.Roles = append(s.Roles, p.role(r))
	}
	return s
}

func (p *Package) role(r Role) RoleSummary {
	s := RoleSummary{
		Name: r.Name, Kind: r.Kind, VMSize: r.VMSize,
		Endpoints:        r.endpointSummaries(),
		Settings:         append([]string{}, r.Settings...),
		Certificates:     []string{},
		LocalStorage:     []StorageSummary{},
		OSFamilies:       p.SupportedOSFamilies[r.Name],
		RequiredFeatures: p.RequiredFeatures[r.Name],
	}
	for _, c := range r.Certificates {
		s.Certificates = append(s.Certificates, c.Name)
	}
	for _, l := range r.LocalStorage {
		s.LocalStorage = append(s.LocalStorage, StorageSummary(l))
	}
	for _, f := range p.files {
		if f.Role != r.Name {
			continue
		}
		s.Files++
		s.FileBytes += f.Size
		if !f.Modified.IsZero() && (s.LastModified == nil || f.Modified.After(*s.LastModified)) {
			modified := f.Modified
			s.LastModified = &modified
		}
	}
	return s
}

func (r *Role) endpointSummaries() []EndpointSummary {
	list := []EndpointSummary{}
	for _, e := range r.InputEndpoints {
		list = append(list, EndpointSummary{e.Name, "input", e.Protocol, portOrStar(e.Port), portOrStar(e.LocalPort), e.Certificate})
	}
	for _, e := range r.InstanceInputEndpoints {
		list = append(list, EndpointSummary{e.Name, "instanceInput", e.Protocol, e.PublicPorts.String(), portOrStar(e.LocalPort), ""})
	}
	for _, e := range r.InternalEndpoints {
		list = append(list, EndpointSummary{Name: e.Name, Kind: "internal", Protocol: e.Protocol, Port: e.portText()})
	}
	return list
}

func (e *InternalEndpoint) portText() string {
	text := ""
	for i, r := range e.Ports {
		if i > 0 {
			text += ","
		}
		text += r.String()
	}
	if text == "" {
		return "*"
	}
	return text
}
