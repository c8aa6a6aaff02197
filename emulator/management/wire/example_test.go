package wire_test

import (
	"fmt"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

func ExampleMarshal() {
	type availability struct {
		_      wire.Root `wire:"AvailabilityResponse"`
		Result bool      `wire:"Result"`
		Reason *string   `wire:"Reason,since=2013-03-01,nil"`
	}
	for _, version := range []wire.Version{"2012-03-01", "2014-10-01"} {
		body, err := wire.Marshal(availability{Result: true}, version)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%s\n", body[len(`<AvailabilityResponse xmlns="http://schemas.microsoft.com/windowsazure" `):])
	}
	// Output:
	// xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Result>true</Result></AvailabilityResponse>
	// xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Result>true</Result><Reason i:nil="true"/></AvailabilityResponse>
}

func ExampleUnmarshal() {
	var body struct {
		Production       *string `wire:"Production"`
		SourceDeployment string  `wire:"SourceDeployment"`
	}
	request := `<Swap xmlns="http://schemas.microsoft.com/windowsazure">
		<SourceDeployment>green</SourceDeployment>
	</Swap>`
	err := wire.Unmarshal([]byte(request), "Swap", &body)
	fmt.Println(body.SourceDeployment, body.Production == nil, err)

	err = wire.Unmarshal([]byte(request), "CreateDeployment", &body)
	fmt.Println(err)
	// Output:
	// green true <nil>
	// line 1: the root element is not CreateDeployment
}
