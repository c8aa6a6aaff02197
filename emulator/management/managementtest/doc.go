// Package managementtest is a suite of tests for the Service Management API of
// classic cloud services that any implementation can take.
//
// You have something that claims to answer that API, the emulator of this
// project or another, and want to know whether a deployer can trust it. Say where
// it is and what it may deploy, and run the suite from a test:
//
//	managementtest.Run(t, managementtest.Target{
//		URL:          "https://management.core.windows.net",
//		Subscription: id, Certificate: certificate, Service: "some-free-name",
//		Packages:     [2]string{v1, v2}, Configuration: cscfg, Scaled: other,
//	})
//
// It speaks HTTP and XML by itself and knows nothing of the implementation. It
// makes one hosted service, deploys to staging, swaps, swaps back, changes and
// upgrades, and removes all again; and it asks for what must be refused.
package managementtest
