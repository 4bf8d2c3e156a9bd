package chaos

import (
	"context"
	"os"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

// publicURL is what unsubscribe links begin with.
const publicURL = "http://rekindle.example"

func (w *world) openProduct(ctx context.Context) error {
	if err := w.program(ctx, Sink, nil, "chaos-sink", w.sinkDir, w.address(Sink)); err != nil {
		return err
	}
	for command, names := range map[string][]string{"serve": apis(), "work": workers()} {
		for _, name := range names {
			database, err := w.through(w.databaseURL, name, Postgres)
			if err != nil {
				return err
			}
			env := []string{
				"DATABASE_URL=" + database, "TEMPORAL_ADDRESS=" + w.cables[between(name, Temporal)].Address(), "REKINDLE_LISTEN=" + w.address(name),
				"REKINDLE_PUBLIC_URL=" + publicURL, "REKINDLE_COMPANY=Example", "REKINDLE_POSTAL_ADDRESS=1 Street",
				"REKINDLE_SECRET_KEY=" + w.secret, "REKINDLE_VIRTUAL_CLOCK=true",
			}
			if command == "work" {
				env = append(env, "SMTP_URL=smtp://"+w.cables[between(name, Sink)].Address(), "REKINDLE_SENDS=12")
			}
			if err := w.program(ctx, name, env, command); err != nil {
				return err
			}
		}
	}
	return nil
}

// program starts the product as a process of its own.
func (w *world) program(ctx context.Context, name string, env []string, args ...string) error {
	log, err := w.log(name)
	if err != nil {
		return err
	}
	return w.begin(ctx, name, func(context.Context) (server, error) {
		return started(devstack.Run(devstack.Program{
			Name: name, Path: w.Program, Args: args, Env: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.Dir}, env...), Output: log,
		}))
	})
}
