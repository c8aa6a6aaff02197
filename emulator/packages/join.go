package packages

import (
	"bytes"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// join makes the model of a package and a configuration, or says what does not
// fit. Source of the wording for misfits: users' reports of the real service.
func join(p *contents, q Request) (*cloud.Model, *cloud.Error) {
	text := normalize(q.Configuration)
	cfg, err := servicepackage.ParseConfiguration(text)
	if err != nil {
		return nil, cloud.Errorf(cloud.BadRequest, "The provided configuration file contains XML that could not be parsed. Ensure that you have specified a valid configuration file. %v", err)
	}
	problems := p.check(cfg)
	if q.WarningsAsErrors {
		problems = append(problems, servicepackage.Warnings(p.definition, cfg)...)
	}
	if len(problems) > 0 {
		return nil, cloud.Errorf(cloud.BadRequest, "%s The long running operation tracking ID was: %s.", servicepackage.ValidationMessage(problems), q.Operation)
	}
	if refused := cloud.CheckOSVersion(cfg.OSVersion); refused != nil {
		return nil, refused
	}
	m := &cloud.Model{
		Digest:        digest(p.kept.Digest, string(text)),
		Package:       p.kept,
		Configuration: string(text),
		ServiceName:   cfg.ServiceName,
		OSFamily:      cfg.GuestOSFamily(),
		OSVersion:     cfg.OSVersion,
	}
	addNetwork(m, cfg.Network)
	for _, r := range p.definition.Roles {
		m.Roles = append(m.Roles, role(r, cfg.Role(r.Name)))
		m.Roles[len(m.Roles)-1].Subnets = subnets(cfg.Network, r.Name)
	}
	return m, nil
}

// normalize turns CRLF into LF, as the real service does with what it stores
// (recorded).
func normalize(configuration []byte) []byte {
	return bytes.ReplaceAll(configuration, []byte("\r\n"), []byte("\n"))
}

func addNetwork(m *cloud.Model, n *servicepackage.NetworkConfiguration) {
	if n == nil {
		return
	}
	m.VirtualNetwork = n.VirtualNetworkSite
	if len(n.ReservedIPs) > 0 {
		m.ReservedIP = n.ReservedIPs[0]
	}
	for _, d := range n.DNSServers {
		m.DNSServers = append(m.DNSServers, cloud.DNSServer{Name: d.Name, Address: d.IPAddress})
	}
}

// subnets lists the subnets that the instances of a role are in.
func subnets(n *servicepackage.NetworkConfiguration, role string) []string {
	var names []string
	if n != nil {
		for _, a := range n.InstanceAddresses {
			if a.RoleName == role {
				names = append(names, a.Subnets...)
			}
		}
	}
	return names
}

// role joins a role's definition with its configuration.
func role(def servicepackage.Role, cfg *servicepackage.RoleConfiguration) cloud.Role {
	r := cloud.Role{Name: def.Name, VMName: cfg.VMName, Size: def.VMSize, Instances: cfg.Instances, Settings: settingsDigest(cfg)}
	if size, ok := servicepackage.LookupSize(def.VMSize); ok {
		r.Cores = size.Cores
	}
	for _, e := range def.InputEndpoints {
		r.Inputs = append(r.Inputs, cloud.Input{Name: e.Name, Protocol: strings.ToLower(e.Protocol), Port: e.Port, LocalPort: e.LocalPort})
	}
	for _, e := range def.InstanceInputEndpoints {
		r.InstanceInputs = append(r.InstanceInputs, cloud.InstanceInput{
			Name: e.Name, Protocol: strings.ToLower(e.Protocol), LocalPort: e.LocalPort, Min: e.PublicPorts.Min, Max: e.PublicPorts.Max,
		})
	}
	for _, s := range def.LocalStorage {
		r.Storage = append(r.Storage, cloud.LocalStorage{Name: s.Name, MB: s.SizeMB})
	}
	for _, c := range cfg.Certificates {
		r.Certificates = append(r.Certificates, strings.ToUpper(c.Thumbprint))
	}
	return r
}

// settingsDigest changes when a setting or a certificate of the role does.
func settingsDigest(cfg *servicepackage.RoleConfiguration) string {
	var lines []string
	for _, s := range cfg.Settings {
		lines = append(lines, "setting\n"+s.Name+"\n"+s.Value)
	}
	for _, c := range cfg.Certificates {
		lines = append(lines, "certificate\n"+c.Name+"\n"+strings.ToUpper(c.Thumbprint))
	}
	slices.Sort(lines)
	return digest(lines...)
}
