package servicepackage_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/vipswap/vipswap/internal/servicepackage"
)

const shopDefinition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
  <WebRole name="Web">
    <ConfigurationSettings><Setting name="Banner" /></ConfigurationSettings>
    <Endpoints><InputEndpoint name="HttpIn" protocol="http" port="80" /></Endpoints>
  </WebRole>
</ServiceDefinition>`

const shopConfiguration = `<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Web">
    <Instances count="1" />
    <ConfigurationSettings><Setting name="Baner" value="hello" /></ConfigurationSettings>
  </Role>
</ServiceConfiguration>`

// Pack a service, open the package and find out that a configuration does not
// fit it.
func Example() {
	var file bytes.Buffer
	err := servicepackage.Pack(&file, servicepackage.PackOptions{
		Definition: []byte(shopDefinition),
		Roles:      map[string]fs.FS{"Web": fstest.MapFS{"index.html": {Data: []byte("hello")}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pkg, err := servicepackage.OpenPackage(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := servicepackage.ParseConfiguration([]byte(shopConfiguration))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range pkg.Check(cfg) {
		fmt.Println(problem.Message)
	}
	// Output:
	// Setting 'Baner' for role 'Web' specified in the service configuration file is not declared in the service definition file.
	// One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role 'Web': 'Banner'.
}

// Change an instance count and keep the rest of the file as it is.
func ExampleEditConfiguration() {
	out, err := servicepackage.EditConfiguration([]byte(shopConfiguration), []servicepackage.RoleEdit{
		{Role: "Web", Instances: 3, Settings: map[string]string{"Baner": `50% "off"`}},
	})
	fmt.Println(string(out), err)
	// Output:
	// <ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
	//   <Role name="Web">
	//     <Instances count="3" />
	//     <ConfigurationSettings><Setting name="Baner" value="50% &quot;off&quot;" /></ConfigurationSettings>
	//   </Role>
	// </ServiceConfiguration> <nil>
}
