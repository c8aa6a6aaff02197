package cloud

// A Location is a place where services are made.
type Location struct {
	Name     string
	Services []string
}

// Locations returns the places that every subscription has.
func Locations() []Location {
	services := []string{"Compute", "Storage", "PersistentVMRole", "HighMemory"}
	places := make([]Location, len(regions))
	for i, name := range regions {
		places[i] = Location{Name: name, Services: services}
	}
	return places
}

var regions = []string{
	"Central US", "South Central US", "East US", "West US", "East US 2", "North Central US",
	"North Europe", "West Europe", "Southeast Asia", "East Asia", "Japan West", "Japan East",
	"Brazil South", "Australia Southeast", "Australia East", "Central India", "West India", "South India",
	"Canada Central", "Canada East", "UK South", "UK West", "West Central US", "West US 2",
}

func knownLocation(name string) bool {
	_, ok := foldIn(regions, name)
	return ok
}

// WebWorkerSizes are the sizes of role instances of cloud services, sorted as
// text (recorded in 2016).
var WebWorkerSizes = []string{
	"A10", "A11", "A5", "A6", "A7", "A8", "A9", "ExtraLarge", "ExtraSmall", "Large", "Medium", "Small",
	"Standard_D1", "Standard_D1_v2", "Standard_D11", "Standard_D11_v2", "Standard_D12", "Standard_D12_v2",
	"Standard_D13", "Standard_D13_v2", "Standard_D14", "Standard_D14_v2", "Standard_D2", "Standard_D2_v2",
	"Standard_D3", "Standard_D3_v2", "Standard_D4", "Standard_D4_v2", "Standard_D5_v2",
}

// VirtualMachineSizes are the sizes of virtual machines: those of cloud services
// and the ones that only machines can have.
var VirtualMachineSizes = append([]string{"Basic_A0", "Basic_A1", "Basic_A2", "Basic_A3", "Basic_A4"}, WebWorkerSizes...)
