package servicepackage

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// samplesDir holds definitions, configurations and a package from public
// projects. They are not part of this module.
const samplesDir = "../../../shared/samples"

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samplesDir, name))
	if err != nil {
		t.Skipf("skipped, because the samples are not beside the checkout: %v", err)
	}
	return data
}

// counts is what a sample has, in its files as the author wrote them.
type counts struct {
	web, worker, in, instanceIn, internal, https, certs, storage, tasks, imports, probes, sites, programs, contents, settings int
	cfgCerts, networks, vnets                                                                                                 int
}

func count(d *Definition, c *Configuration) counts {
	n := counts{probes: len(d.Probes)}
	for _, r := range d.Roles {
		if r.Kind == WebRole {
			n.web++
		} else {
			n.worker++
		}
		n.in += len(r.InputEndpoints)
		n.instanceIn += len(r.InstanceInputEndpoints)
		n.internal += len(r.InternalEndpoints)
		n.certs += len(r.Certificates)
		n.storage += len(r.LocalStorage)
		n.tasks += len(r.Startup)
		n.imports += len(r.Imports)
		n.sites += len(r.Sites)
		n.contents += len(r.Contents)
		n.settings += len(r.Settings)
		for _, e := range r.InputEndpoints {
			if e.Protocol == "https" {
				n.https++
			}
		}
		if r.EntryPoint != nil && r.EntryPoint.CommandLine != "" {
			n.programs++
		}
	}
	for _, r := range c.Roles {
		n.cfgCerts += len(r.Certificates)
	}
	if c.Network != nil {
		n.networks++
		if c.Network.VirtualNetworkSite != "" {
			n.vnets++
		}
	}
	return n
}

// sampleCounts is by folder; the counts are of the Cloud configuration.
var sampleCounts = map[string]counts{
	"NuGet-NuGetGallery/src/NuGetGallery.Cloud":                              {web: 1, in: 2, instanceIn: 2, https: 1, certs: 3, storage: 1, tasks: 3, imports: 3, probes: 1, sites: 1, settings: 41, cfgCerts: 4},
	"NuGet-NuGet.Services.Metadata/src/NuGet.Services.Metadata.CloudService": {web: 1, in: 2, https: 1, certs: 1, sites: 1, settings: 10, cfgCerts: 1},
	"microsoft-BotBuilder-RealTimeMediaCalling/Samples/AudioVideoPlayerBot":  {worker: 1, in: 1, instanceIn: 2, certs: 1, tasks: 2, settings: 6, cfgCerts: 1, networks: 1},
	"OrchardCMS-Orchard/src/Orchard.Azure/Orchard.Azure.CloudService":        {web: 1, in: 1, storage: 1, tasks: 1, imports: 1, sites: 1, settings: 9},
	"mspnp-cloud-design-patterns/pipes-and-filters/PipesAndFilters.Cloud":    {worker: 4, settings: 8},
	"mspnp-cqrs-journey/source/Migrations/MigrationToV3.Azure":               {worker: 1, imports: 1, settings: 8},
	"mspnp-data-pipeline/src/DeployToCloud/SimulatorDeployment":              {worker: 1, storage: 1, tasks: 1, settings: 7},
	"SysSurge-vera/CloudService":                                             {web: 1, worker: 1, in: 1, internal: 1, storage: 3, sites: 1, settings: 2},
	"Blackmist-rubyrole":                                                     {worker: 1, in: 1, storage: 1, tasks: 2, programs: 1},
	"mspnp-cloud-design-patterns/valet-key/ValetKey.Cloud":                   {web: 1, in: 1, sites: 1, settings: 2},
	"smarx-pythonrole": {worker: 1, in: 1, storage: 1, tasks: 2, programs: 1},
	"Azure-Samples-cloud-services-extended-support/101-cses-singlerole-certificate": {web: 1, in: 1, certs: 1, sites: 1, contents: 1, cfgCerts: 1, networks: 1, vnets: 1},
	"Azure-azure-sdk-for-node/examples/ASM/helloruntime":                            {worker: 1, in: 1, programs: 1},
	"mooso-BlueCoffee/TestServices/ElectricBlobs/ElectricBlobs":                     {web: 1, worker: 4, in: 4, internal: 4, storage: 6, tasks: 3, sites: 1, settings: 10},
	"dfct-AzurePowerShellWorkerRole/CloudService":                                   {worker: 1, tasks: 1},
	"SignalR-SignalR/src/Microsoft.AspNet.SignalR.CrankWorker.Azure":                {worker: 1, imports: 1, networks: 1, vnets: 1},
	"RobBlackwell-AzureRunMe/AzureRunMe":                                            {worker: 1, in: 3, tasks: 1, settings: 18},
}

// refusedSamples are the pairs that Check rightly refuses.
var refusedSamples = map[string][]string{
	// Its network configuration gives a subnet to a role of another project;
	// the definition has only Microsoft.AspNet.SignalR.CrankWorker.WorkerRole.
	"SignalR-SignalR/src/Microsoft.AspNet.SignalR.CrankWorker.Azure/ServiceConfiguration.Cloud.cscfg": {
		"Role 'ClientWorkerRole' named in the network configuration of the service configuration file is not declared in the service definition file."},
}

func TestSamplePairs(t *testing.T) {
	pairs := 0
	for folder, want := range sampleCounts {
		definition := sample(t, folder+"/ServiceDefinition.csdef")
		d := mustDefinition(t, string(definition))
		if len(d.Warnings) > 0 {
			t.Errorf("%s: warnings %v", folder, d.Warnings)
		}
		p := packSample(t, definition, d)
		configurations, err := filepath.Glob(filepath.Join(samplesDir, folder, "*.cscfg"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range configurations {
			name := folder + "/" + filepath.Base(file)
			t.Run(name, func(t *testing.T) {
				c := checkSample(t, name, d, p)
				if filepath.Base(file) == "ServiceConfiguration.Cloud.cscfg" {
					if diff := cmp.Diff(want, count(d, c), cmp.AllowUnexported(counts{})); diff != "" {
						t.Errorf("counts mismatch (-want +got):\n%s", diff)
					}
				}
			})
			pairs++
		}
	}
	if pairs < 30 {
		t.Errorf("only %d pairs were tried", pairs)
	}
}

// checkSample checks a configuration against the author's definition and the
// packed one, and edits it.
func checkSample(t *testing.T, name string, d *Definition, p *Package) *Configuration {
	data := sample(t, name)
	c := mustConfiguration(t, string(data))
	want := refusedSamples[name]
	if diff := cmp.Diff(want, messages(Check(d, c))); diff != "" {
		t.Errorf("Check of the author's definition mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, messages(p.Check(c))); diff != "" {
		t.Errorf("Check of the package mismatch (-want +got):\n%s", diff)
	}
	same, err := EditConfiguration(data, []RoleEdit{{Role: c.Roles[0].Name, Instances: c.Roles[0].Instances}})
	if err != nil || !bytes.Equal(same, data) {
		t.Errorf("an edit that changes nothing changed the file: %v", err)
	}
	more, err := EditConfiguration(data, []RoleEdit{{Role: c.Roles[0].Name, Instances: 7}})
	if err != nil {
		t.Fatal(err)
	}
	old := fmt.Sprintf(`<Instances count="%d" />`, c.Roles[0].Instances)
	if want := strings.Replace(string(data), old, `<Instances count="7" />`, 1); string(more) != want {
		t.Errorf("edited mismatch (-want +got):\n%s", cmp.Diff(want, string(more)))
	}
	return c
}

// packSample packs a definition with small folders and opens the package.
func packSample(t *testing.T, definition []byte, d *Definition) *Package {
	t.Helper()
	folders := map[string]fs.FS{}
	for _, r := range d.Roles {
		folders[r.Name] = fstest.MapFS{r.Name + ".dll": {Data: []byte("assembly of " + r.Name)}}
	}
	var buf bytes.Buffer
	if err := Pack(&buf, PackOptions{Definition: definition, Roles: folders}); err != nil {
		t.Fatal(err)
	}
	p, err := openBytesOf(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.Flatten(), p.Definition); diff != "" {
		t.Errorf("definition in the package mismatch (-want +got):\n%s", diff)
	}
	return p
}

const realPackage = "OctopusDeploy-Calamari/SampleCloudService.cspkg"

func TestRealPackage(t *testing.T) {
	data := sample(t, realPackage)
	p, err := openBytesOf(data)
	if err != nil {
		t.Fatal(err)
	}
	if p.Format != Legacy || p.Encrypted || p.ProductVersion != "2.9.8699.20" {
		t.Errorf("format %s, encrypted %v, version %s", p.Format, p.Encrypted, p.ProductVersion)
	}
	want := &Definition{
		Name: "SampleCloudService", SchemaVersion: "2015-04.2.6", TopologyChangeDiscovery: "UpgradeDomainWalk", UpgradeDomainCount: 5,
		Roles: []Role{{
			Name: "WorkerRole1", Kind: WorkerRole, VMSize: "ExtraSmall", NativeCodeExecution: true, ExecutionContext: "limited",
			LocalStorage: []LocalStorage{{"DiagnosticStore", 4096, false}},
		}},
	}
	if diff := cmp.Diff(want, p.Definition); diff != "" {
		t.Errorf("definition mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"WorkerRole1": {"3", "4", "5"}}, p.SupportedOSFamilies); diff != "" {
		t.Errorf("OS families mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"WorkerRole1": {"NetFx451"}}, p.RequiredFeatures); diff != "" {
		t.Errorf("features mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(SupportData{"2.9.8699.20", "v4.5.1", false, false, nil}, p.Support["WorkerRole1"]); diff != "" {
		t.Errorf("support data mismatch (-want +got):\n%s", diff)
	}
	if n := len(listing(t, p)); n != 36 {
		t.Errorf("%d files, want 36", n)
	}
	a := outerArchive(t, data)
	if len(a.order) != 7 {
		t.Errorf("%d outer entries, want 7", len(a.order))
	}
	c := mustConfiguration(t, string(sample(t, "OctopusDeploy-Calamari/ServiceConfiguration.Cloud.cscfg")))
	if problems := p.Check(c); len(problems) > 0 {
		t.Errorf("Check: %v", problems)
	}
}

func outerArchive(t *testing.T, data []byte) *archive {
	t.Helper()
	a, err := openArchive(bytes.NewReader(data), int64(len(data)), "", newBudget())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What the real tool wrote for this definition is what we write.
func TestWeWriteWhatTheRealToolWrote(t *testing.T) {
	a := outerArchive(t, sample(t, realPackage))
	p := mustDefinition(t, string(innerPart(t, a, ".csdx", "ServiceDefinition.csdef")))
	if diff := cmp.Diff(string(innerPart(t, a, ".csdx", "ServiceDefinition.csdef")), string(p.Marshal())); diff != "" {
		t.Errorf("definition mismatch (-want +got):\n%s", diff)
	}
	// Two attributes hold GUIDs of the moment.
	moment := regexp.MustCompile(` (Id|software)="[^"]*"`)
	want := moment.ReplaceAllString(string(innerPart(t, a, ".csmx", "ServiceDefinition.rd")), "")
	got := moment.ReplaceAllString(string(writeModel(p)), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("model mismatch (-want +got):\n%s", diff)
	}
}

// innerPart reads a part of the inner package with that extension.
func innerPart(t *testing.T, a *archive, extension, name string) []byte {
	t.Helper()
	i := slices.IndexFunc(a.order, func(f *zip.File) bool { return strings.HasSuffix(f.Name, extension) })
	inner, err := a.inner(a.order[i], newBudget())
	if err != nil {
		t.Fatal(err)
	}
	data, err := inner.read(inner.find(name), maxDocumentBytes)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A real package with one byte of a file changed is refused.
func TestRealPackageDamaged(t *testing.T) {
	data := sample(t, realPackage)
	for _, at := range []int{2000, len(data) / 2, len(data) * 2 / 3} {
		damaged := slices.Clone(data)
		damaged[at] ^= 0x20
		if _, err := openBytesOf(damaged); err == nil {
			t.Errorf("with the byte at %d changed the package opens", at)
		}
	}
}
