// Package provision makes and deletes what deployments need around them: cloud
// services, and storage accounts for packages.
//
//	provider := provision.Provider{Cloud: client}
//	err := provider.CreateService(ctx, management.NewService{Name: "shop", Location: "West Europe"})
//
// No plan and no journal settles here what an answer that was lost leaves open. So each
// change looks for itself whether it was made, and is sent again only when it was not.
//
// An [Account] keeps packages in a storage account, which is made with the first of
// them.
package provision
