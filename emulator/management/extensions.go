package management

import (
	"net/http"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	extensionsPath = servicePath + "/extensions"
	extensionPath  = extensionsPath + "/{extension}"
	availablePath  = "/services/extensions"
)

var extensionOperations = []operation{
	{"List Extensions", "GET", extensionsPath, "", "2013-03-01", 200, (*Server).listExtensions, "Microsoft's page; recorded traffic"},
	{"Get Extension", "GET", extensionPath, "", "2013-03-01", 200, (*Server).getExtension, "Microsoft's page"},
	{"Add Extension", "POST", extensionsPath, "", "2013-03-01", http.StatusAccepted, (*Server).addExtension, "Microsoft's page; recorded traffic"},
	{"Delete Extension", "DELETE", extensionPath, "", "2013-03-01", http.StatusAccepted, (*Server).deleteExtension, "Microsoft's page; clients"},
	{"List Available Extensions", "GET", availablePath, "", "2013-03-01", 200, (*Server).listAvailableExtensions, "Microsoft's page"},
	{"List Extension Versions", "GET", availablePath + "/{namespace}/{type}", "", "2013-03-01", 200, (*Server).listExtensionVersions, "Microsoft's page"},
	{"List Publisher Extensions", "GET", "/services/publisherextensions", "", "2013-03-01", 200, (*Server).listPublisherExtensions, "clients"},
}

// extensionsDocument is List Extensions.
type extensionsDocument struct {
	_         wire.Root           `wire:"Extensions"`
	Extension []extensionElements `wire:"Extension,flat"`
}

// extensionDocument is Get Extension.
type extensionDocument struct {
	_ wire.Root `wire:"Extension"`
	extensionElements
}

// extensionElements never hold the private configuration.
type extensionElements struct {
	ProviderNameSpace   string      `wire:"ProviderNameSpace"`
	Type                string      `wire:"Type"`
	ID                  string      `wire:"Id"`
	Version             string      `wire:"Version"`
	Thumbprint          string      `wire:"Thumbprint,omitempty"`
	ThumbprintAlgorithm string      `wire:"ThumbprintAlgorithm,omitempty"`
	PublicConfiguration wire.Base64 `wire:"PublicConfiguration,omitempty"`
}

func extensionOf(e *cloud.Extension) extensionElements {
	return extensionElements{
		ProviderNameSpace: e.ProviderNamespace, Type: e.Type, ID: e.ID, Version: e.Version,
		Thumbprint: e.Thumbprint, ThumbprintAlgorithm: e.ThumbprintAlgorithm, PublicConfiguration: e.PublicConfiguration,
	}
}

func (s *Server) listExtensions(r *request) (answer, error) {
	var doc extensionsDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		service, err := st.Service(r.vars["service"])
		if err != nil {
			return false, err
		}
		for e := range st.Extensions(service) {
			doc.Extension = append(doc.Extension, extensionOf(e))
		}
		return false, nil
	})
	return answer{body: doc}, err
}

func (s *Server) getExtension(r *request) (answer, error) {
	var doc extensionDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		e, err := st.Extension(r.vars["service"], r.vars["extension"])
		if err != nil {
			return false, err
		}
		doc.extensionElements = extensionOf(e)
		return false, nil
	})
	return answer{body: doc}, err
}

// addExtensionRequest holds the private configuration only so that it is checked
// to be base64; it goes no further.
type addExtensionRequest struct {
	ProviderNameSpace    string      `wire:"ProviderNameSpace"`
	Type                 string      `wire:"Type"`
	ID                   string      `wire:"Id"`
	Thumbprint           string      `wire:"Thumbprint"`
	ThumbprintAlgorithm  string      `wire:"ThumbprintAlgorithm"`
	PublicConfiguration  wire.Base64 `wire:"PublicConfiguration"`
	PrivateConfiguration wire.Base64 `wire:"PrivateConfiguration"`
	Version              string      `wire:"Version"`
}

func (s *Server) addExtension(r *request) (answer, error) {
	var body addExtensionRequest
	if err := r.decode("Extension", &body); err != nil {
		return answer{}, err
	}
	e := cloud.Extension{
		ProviderNamespace: strings.TrimSpace(body.ProviderNameSpace), Type: strings.TrimSpace(body.Type),
		ID: strings.TrimSpace(body.ID), Version: strings.TrimSpace(body.Version),
		Thumbprint: strings.TrimSpace(body.Thumbprint), ThumbprintAlgorithm: strings.TrimSpace(body.ThumbprintAlgorithm),
		PublicConfiguration: body.PublicConfiguration,
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.AddExtension(r.id, r.vars["service"], e) })
}

func (s *Server) deleteExtension(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteExtension(r.id, r.vars["service"], r.vars["extension"])
	})
}

// availableExtensionsDocument is List Available Extensions and List Extension
// Versions.
type availableExtensionsDocument struct {
	_              wire.Root                `wire:"ExtensionImages"`
	ExtensionImage []extensionImageElements `wire:"ExtensionImage,flat"`
}

type extensionImageElements struct {
	ProviderNameSpace          string      `wire:"ProviderNameSpace"`
	Type                       string      `wire:"Type"`
	Version                    string      `wire:"Version"`
	Label                      string      `wire:"Label"`
	Description                string      `wire:"Description"`
	HostingResources           string      `wire:"HostingResources"`
	ThumbprintAlgorithm        string      `wire:"ThumbprintAlgorithm"`
	PublicConfigurationSchema  wire.Base64 `wire:"PublicConfigurationSchema"`
	PrivateConfigurationSchema wire.Base64 `wire:"PrivateConfigurationSchema"`
	BlockRoleUponFailure       bool        `wire:"BlockRoleUponFailure"`
	SampleConfig               wire.Base64 `wire:"SampleConfig,since=2013-11-01"`
}

func availableExtensions(list []cloud.AvailableExtension) answer {
	var doc availableExtensionsDocument
	for _, e := range list {
		doc.ExtensionImage = append(doc.ExtensionImage, extensionImageElements{
			ProviderNameSpace: e.ProviderNamespace, Type: e.Type, Version: e.Version, Label: e.Label, Description: e.Description,
			HostingResources: "WebRole|WorkerRole", ThumbprintAlgorithm: thumbprintAlgorithm,
			PublicConfigurationSchema: configurationSchema("PublicConfig", e.Public), PrivateConfigurationSchema: configurationSchema("PrivateConfig", e.Private),
			SampleConfig: sampleConfiguration("PublicConfig", e.Public),
		})
	}
	return answer{body: doc}
}

// configurationSchema returns an XML schema for a configuration with these
// elements, which may hold anything.
func configurationSchema(root string, elements []string) wire.Base64 {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><xs:schema elementFormDefault="qualified" xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="` + root + `"><xs:complexType><xs:all>`)
	for _, name := range elements {
		b.WriteString(`<xs:element name="` + name + `" minOccurs="0"/>`)
	}
	b.WriteString(`</xs:all></xs:complexType></xs:element></xs:schema>`)
	return wire.Base64(b.String())
}

func sampleConfiguration(root string, elements []string) wire.Base64 {
	var b strings.Builder
	b.WriteString("<" + root + ">")
	for _, name := range elements {
		b.WriteString("<" + name + "/>")
	}
	b.WriteString("</" + root + ">")
	return wire.Base64(b.String())
}

func (s *Server) listAvailableExtensions(*request) (answer, error) {
	return availableExtensions(cloud.AvailableExtensions()), nil
}

// listExtensionVersions lists none of an extension that is not available; what
// the real service answers is not documented.
func (s *Server) listExtensionVersions(r *request) (answer, error) {
	return availableExtensions(cloud.ExtensionVersions(r.vars["namespace"], r.vars["type"])), nil
}

// listPublisherExtensions lists what the subscription has published: nothing,
// since publishing is no part of this API.
func (s *Server) listPublisherExtensions(*request) (answer, error) {
	return availableExtensions(nil), nil
}
