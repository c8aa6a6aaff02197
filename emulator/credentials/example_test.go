package credentials_test

import (
	"crypto/tls"
	"fmt"

	"github.com/vipswap/vipswap/emulator/credentials"
)

func ExampleEphemeral() {
	const id = "6e0c9c5a-7a1b-4a60-9d9b-2f1d8c0f5e11"
	authority, err := credentials.Ephemeral(credentials.WithSubscriptions(id))
	if err != nil {
		fmt.Println(err)
		return
	}
	management, err := authority.Management(id)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A client that the emulator knows, and that trusts the emulator.
	client := &tls.Config{
		RootCAs:      authority.Pool(),
		Certificates: []tls.Certificate{management.Certificate},
	}
	fmt.Println(len(client.Certificates), len(management.Thumbprint()))
	// Output: 1 40
}
