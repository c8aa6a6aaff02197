package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

func (p *program) serviceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "service",
		Short:   "Create, list, show and delete cloud services",
		Long:    "A cloud service has a name, a location, and two slots that deployments go into.",
		Example: "  vipswap service create shop --location \"West Europe\"\n  vipswap service list",
	}
	return p.group(c, p.serviceCreateCommand(), p.serviceListCommand(), p.serviceShowCommand(), p.serviceDeleteCommand())
}

func (p *program) serviceCreateCommand() *cobra.Command {
	var f connectionFlags
	var location, label, description string
	var plan bool
	c := &cobra.Command{
		Use:     "create NAME",
		Short:   "Create a cloud service",
		Long:    "Create makes a cloud service with two empty slots. Without --location it is made\nin the first location that the subscription offers." + connectionHelp,
		Example: "  vipswap service create shop\n  vipswap service create shop --location \"West Europe\" --plan",
		Args:    takes("the name"),
	}
	f.register(c.Flags())
	c.Flags().StringVar(&location, "location", "", "the `PLACE` to make it in")
	c.Flags().StringVar(&label, "label", "", "a `TEXT` to recognise it by; default: its name")
	c.Flags().StringVar(&description, "description", "", "a `TEXT` for people")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		return p.serviceCreate(ctx, f, plan, management.NewService{Name: args[0], Location: location, Label: label, Description: description})
	})
	return c
}

func (p *program) serviceCreate(ctx context.Context, f connectionFlags, planOnly bool, s management.NewService) error {
	conn, err := p.connect(f)
	if err != nil {
		return err
	}
	available, reason, err := conn.ServiceNameAvailable(ctx, s.Name)
	if err != nil {
		return err
	}
	if !available {
		return refused("", "create cloud service %s: %s", s.Name, reason)
	}
	why := "it was asked for"
	if s.Location == "" {
		why = "the location is the first that the subscription offers; --location chooses another"
	}
	if s.Location, err = conn.provider().Location(ctx, s.Location); err != nil {
		return err
	}
	if err := p.doTasks(ctx, planOnly, []task{createService(conn, s, why)}); err != nil || planOnly || p.output == formatText {
		return err
	}
	return p.serviceShow(ctx, f, s.Name)
}

// createService is the task of making a service.
func createService(conn *connection, s management.NewService, why string) task {
	return task{
		What: fmt.Sprintf("create cloud service %s in %s", s.Name, s.Location), Why: why,
		do: func(ctx context.Context) error { return conn.provider().CreateService(ctx, s) },
	}
}

// serviceView is a cloud service as JSON.
type serviceView struct {
	Name        string     `json:"name"`
	URL         string     `json:"url"`
	Label       string     `json:"label"`
	Description string     `json:"description"`
	Location    string     `json:"location"`
	Status      string     `json:"status"`
	Created     *time.Time `json:"created"`
}

func viewService(s management.Service) serviceView {
	v := serviceView{Name: s.Name, URL: s.URL, Label: s.Label, Description: s.Description, Location: s.Location, Status: s.Status}
	if v.Location == "" {
		v.Location = s.AffinityGroup
	}
	if !s.Created.IsZero() {
		v.Created = &s.Created
	}
	return v
}

func (p *program) serviceListCommand() *cobra.Command {
	var f connectionFlags
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the cloud services of the subscription",
		Long:    "List prints the cloud services of the subscription." + connectionHelp,
		Example: "  vipswap service list\n  vipswap service list --output json",
		Args:    takes(),
	}
	f.register(c.Flags())
	c.RunE = p.action(func(ctx context.Context, _ []string) error { return p.serviceList(ctx, f) })
	return c
}

func (p *program) serviceList(ctx context.Context, f connectionFlags) error {
	conn, err := p.connect(f)
	if err != nil {
		return err
	}
	services, err := conn.Services(ctx)
	if err != nil {
		return err
	}
	views := []serviceView{}
	for _, s := range services {
		views = append(views, viewService(s))
	}
	return p.show(views, func(w io.Writer) { writeServices(w, p.style(w), views) })
}

func writeServices(w io.Writer, s style, views []serviceView) {
	if len(views) == 0 {
		fmt.Fprintln(w, "there is no cloud service")
		return
	}
	t := table{}
	t.head(s, "NAME", "LOCATION", "STATUS", "LABEL")
	for _, v := range views {
		t.add(cell{v.Name, s.bold}, plain(v.Location), plain(v.Status), plain(v.Label))
	}
	t.write(w)
}

func (p *program) serviceShowCommand() *cobra.Command {
	var f connectionFlags
	c := &cobra.Command{
		Use:     "show NAME",
		Short:   "Show a cloud service and its slots",
		Long:    "Show prints a cloud service and what its slots hold." + connectionHelp,
		Example: "  vipswap service show shop\n  vipswap service show shop --output json",
		Args:    takes("the name"),
	}
	f.register(c.Flags())
	c.RunE = p.action(func(ctx context.Context, args []string) error { return p.serviceShow(ctx, f, args[0]) })
	return c
}

func (p *program) serviceShow(ctx context.Context, f connectionFlags, name string) error {
	conn, err := p.connect(f)
	if err != nil {
		return err
	}
	seen, err := observe(ctx, conn, name)
	if err != nil {
		return fmt.Errorf("show cloud service: %w", err)
	}
	s, err := conn.Service(ctx, name)
	if err != nil {
		return err
	}
	slots := seen.Slots()
	view := struct {
		serviceView
		Slots any `json:"slots"`
	}{viewService(s), slots}
	return p.show(view, func(w io.Writer) {
		st := p.style(w)
		fmt.Fprintf(w, "%s (%s, %s)\n", st.bold(view.Name), view.Location, view.Status)
		writeSlots(w, st, slots)
	})
}

func (p *program) serviceDeleteCommand() *cobra.Command {
	var f connectionFlags
	var yes, plan bool
	c := &cobra.Command{
		Use:     "delete NAME",
		Short:   "Delete a cloud service",
		Long:    "Delete deletes a cloud service, and gives up its name. When its slots still hold\nsomething it wants --yes, and deletes that with it." + connectionHelp,
		Example: "  vipswap service delete shop\n  vipswap service delete shop --yes",
		Args:    takes("the name"),
	}
	f.register(c.Flags())
	p.locking.register(c.Flags())
	c.Flags().BoolVar(&yes, "yes", false, "delete the deployments in its slots, too")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	c.RunE = p.action(func(ctx context.Context, args []string) error { return p.serviceDelete(ctx, f, args[0], yes, plan) })
	return c
}

func (p *program) serviceDelete(ctx context.Context, f connectionFlags, name string, yes, planOnly bool) error {
	conn, err := p.connect(f)
	if err != nil {
		return err
	}
	seen, err := observe(ctx, conn, name)
	if err != nil {
		return fmt.Errorf("delete cloud service: %w", err)
	}
	occupied := seen.Production != nil || seen.Staging != nil
	why := "its slots are empty"
	if occupied {
		why = "its deployments go with it, as --yes says"
	}
	if occupied && !yes {
		return refused("delete the deployments first, or say --yes", "delete cloud service %s: its slots are not empty", name)
	}
	return p.doTasks(ctx, planOnly, []task{{
		What: "delete cloud service " + name, Why: why,
		do: func(ctx context.Context) error {
			w := p.wish(name, "service delete", storage.LockID(rand.Text()))
			return lockFailure(p.locker(conn).Do(ctx, w, func() error { return conn.provider().DeleteService(ctx, name, occupied) }))
		},
	}})
}
