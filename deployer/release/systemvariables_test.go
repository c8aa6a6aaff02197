package release

import (
	"strings"
	"testing"
	"time"
)

func TestSystemVariables(t *testing.T) {
	h, p := openHistory(t, t.TempDir()), mustProject(t, smallProject+"storageAccount: packages\n")
	createRelease(t, h, "1.0.0", p)
	createRelease(t, h, "1.1.0", p)
	deploy(t, h, p, "1.0.0", "Staging", Success)
	deploy(t, h, p, "1.1.0", "Staging", Failed)
	d, err := h.QueueDeployment(NewDeployment{Release: "1.1.0", Environment: "Staging", Project: p, CreatedBy: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Release("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	run, err := h.Run(r, d)
	if err != nil {
		t.Fatal(err)
	}
	dictionary, err := p.Dictionary(run, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Octopus.Environment.Name": "Staging", "Octopus.Environment.Id": "Environments-1", "Octopus.Environment.SortOrder": "0",
		"Octopus.Project.Name": p.Name, "Octopus.Release.Number": "1.1.0", "Octopus.Release.Id": "Releases-2",
		"Octopus.Release.CurrentForEnvironment.Number":  "1.0.0",
		"Octopus.Release.PreviousForEnvironment.Number": "1.1.0",
		"Octopus.Release.Previous.Number":               "1.0.0",
		"Octopus.Deployment.Id":                         "Deployments-3", "Octopus.Deployment.Name": "Deploy to Staging",
		"Octopus.Deployment.PreviousSuccessful.Id": "Deployments-1",
		"Octopus.Deployment.CreatedBy.Username":    "ann", "Octopus.Deployment.CreatedBy.DisplayName": "ann",
		"Octopus.Deployment.Created": d.Created.Format("2006-01-02T15:04:05Z07:00"),
		"Octopus.Task.Id":            "ServerTasks-3", "Octopus.Task.Name": "Deploy " + p.Name + " release 1.1.0 to Staging",
		"Octopus.Release.Channel.Name": "Default", "Octopus.Action.Package.PackageVersion": "1.1.0", "Octopus.Action.Package[].PackageVersion": "1.1.0",
		"Octopus.Action[" + p.Step.Name + "].Package.PackageVersion": "1.1.0",
		"Octopus.Action.Name": p.Step.Name, "Octopus.Step.Number": "1",
		"Octopus.Action.IsSkipped": "False", "Octopus.Step.Status.Code": "Running",
		"Octopus.Step[" + p.Step.Name + "].Status.Code": "Running", "Octopus.Action[" + p.Step.Name + "].Number": "1",
		"Octopus.Action.Azure.CloudServiceName": p.Service, "OctopusAzureServiceName": p.Service,
		"Octopus.Action.Azure.StorageAccountName": "packages",
		"Octopus.Action.Azure.Slot":               "Staging", "OctopusAzureSlot": "Staging",
		"Octopus.Action.Azure.DeploymentLabel": p.Step.Name + " v1.1.0",
		"Octopus.Action.Azure.SwapIfPossible":  "True", "OctopusAzureUseCurrentInstanceCount": "False",
	} {
		if got, ok, err := dictionary.Get(name); got != want || !ok || err != nil {
			t.Errorf("%s is %q, %t, %v, want %q", name, got, ok, err, want)
		}
	}
	for _, name := range []string{"Octopus.Release.Notes", "Octopus.Action.Azure.CloudServiceConfigurationFileRelativePath"} {
		if got, ok, _ := dictionary.Get(name); ok {
			t.Errorf("%s is %q, want it undefined", name, got)
		}
	}
}

func TestSystemVariablesCannotBeOverridden(t *testing.T) {
	const own = `
variables:
  - {name: Octopus.Release.Number, value: "9", environments: [Staging]}
  - {name: OctopusAzureSlot, value: mine}
`
	p := mustProject(t, smallProject+own)
	d, err := p.Dictionary(Run{Environment: "Staging", Release: "1.0.0"}, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := d.Get("Octopus.Release.Number"); got != "1.0.0" {
		t.Errorf("the release's number is %q", got)
	}
	if got, _, _ := d.Get("OctopusAzureSlot"); got != "mine" {
		t.Errorf("a setting of the step that the project defines is %q", got)
	}
}

func TestSettingsOfTheStepMayNotReferToThemselves(t *testing.T) {
	_, err := ParseProject(FileName, []byte(strings.Replace(smallProject, "environments:", "step: {slot: \"#{Octopus.Action.Azure.Slot}\"}\nenvironments:", 1)))
	if err == nil || !strings.Contains(err.Error(), "refers to itself") {
		t.Errorf("error %v", err)
	}
}

func TestRunHasOneTime(t *testing.T) {
	p := mustProject(t, smallProject)
	at := time.Date(2020, 2, 29, 23, 59, 58, 0, time.UTC)
	tests := []struct {
		name     string
		run      Run
		template string
		want     string
	}{
		{"of the deployment", Run{Created: at}, "#{ | NowDateUtc}", "2020-02-29T23:59:58.0000000Z"},
		{"as asked", Run{Created: at}, "#{ | NowDateUtc yyyyMMdd}", "20200229"},
		{"local", Run{Created: at}, "#{ | NowDate yyyy-MM-dd}", at.Local().Format("2006-01-02")},
		{"without a deployment", Run{Now: at}, "#{ | NowDateUtc HH}", "23"},
		{"for a step", Run{Created: at, Step: "Other"}, "#{ | NowDateUtc HH}", "23"},
		{"nobody knows", Run{}, "#{ | NowDateUtc HH}", `#{ | NowDateUtc "HH"}`},
	}
	for _, test := range tests {
		test.run.Environment = "Staging"
		d, err := p.Dictionary(test.run, Sources{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Evaluate(test.template); got.Text != test.want || err != nil {
			t.Errorf("%s: %s is %q, %v, want %q", test.name, test.template, got.Text, err, test.want)
		}
	}
}

func TestValuesForRoles(t *testing.T) {
	const text = smallProject + `step: {name: Shop, roles: [web, Cloud]}
after: [{name: Say, script: echo}]
variables:
  - {name: A, value: everywhere}
  - {name: A, value: of the web, roles: [WEB]}
  - {name: A, value: in staging, environments: [Staging]}
  - {name: B, value: cloudy, roles: [cloud], environments: [Production]}
  - {name: C, value: in the step, steps: [Shop]}
  - {name: C, value: of the web, roles: [web]}
`
	p := mustProject(t, text)
	for _, test := range []struct {
		environment, step, name, want string
	}{
		{"Staging", "", "A", "of the web"}, // a role goes before an environment
		{"Production", "", "A", "of the web"},
		{"Staging", "Shop", "A", "of the web"},
		{"Staging", "Say", "A", "in staging"}, // no role: it runs without a target
		{"Production", "Say", "A", "everywhere"},
		{"Production", "", "B", "cloudy"},
		{"Staging", "", "B", ""},
		{"Production", "Say", "B", ""},
		{"Staging", "", "C", "in the step"}, // a step goes before a role
	} {
		d, err := p.Dictionary(Run{Environment: test.environment, Step: test.step}, Sources{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := d.Get(test.name); got != test.want {
			t.Errorf("%s in %s, step %q: %q, want %q", test.name, test.environment, test.step, got, test.want)
		}
	}
}
