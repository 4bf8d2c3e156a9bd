package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

type migrateCmd struct {
	Database     database `embed:""`
	SkipTemporal bool     `help:"Leave Temporal's search attributes alone (on Temporal Cloud they are added with tcld)."`
}

// Run may be repeated; only one process migrates at a time.
func (c migrateCmd) Run(ctx context.Context) error {
	if err := postgres.Migrate(ctx, c.Database.URL); err != nil {
		return err
	}
	fmt.Println("the database has the newest schema")
	if c.SkipTemporal {
		return nil
	}
	o, err := temporalOptions()
	if err != nil {
		return err
	}
	t, err := client.DialContext(ctx, o)
	if err != nil {
		return fmt.Errorf("reach Temporal at %s: %w", o.HostPort, err)
	}
	defer t.Close()
	if err := engine.Register(ctx, t, o.Namespace); err != nil {
		return err
	}
	fmt.Println("Temporal knows the search attributes")
	return nil
}

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a rep or manager, or change one with the same address."`
	List     userListCmd     `cmd:"" help:"List active users."`
	Password userPasswordCmd `cmd:"" help:"Set a user's password, which is read from standard input; their sessions end."`
	Link     userLinkCmd     `cmd:"" help:"Print a link that signs a user in once, within a quarter of an hour."`
	SignOut  userSignOutCmd  `cmd:"" help:"End all sessions of a user at once."`
	Leave    userLeaveCmd    `cmd:"" help:"Let a user go: nobody signs in as them, and their keys and sessions end. Leads are reassigned by a manager."`
	Calendar userCalendarCmd `cmd:"" help:"Print a new secret address of a user's calendar feed; the one before it stops working."`
}

type userAddCmd struct {
	Database database `embed:""`
	Name     string   `required:"" help:"Full name; mail goes out in it."`
	Email    string   `required:"" help:"Address; mail goes out from it."`
	Role     string   `enum:"rep,manager,admin" default:"rep" help:"rep, manager or admin."`
	Sees     string   `enum:"own,all," default:"" help:"Whose leads a rep sees: own or all. Left out: all, or as it was for one who is changed."`
}

func (c userAddCmd) Run(ctx context.Context) error {
	a, err := mail.ParseAddress(c.Email)
	if err != nil || a.Name != "" {
		return fmt.Errorf("--email: %q is not an email address", c.Email)
	}
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		u, err := s.InsertUser(ctx, db.InsertUserParams{ID: uuid.New(), Name: c.Name, Email: strings.ToLower(a.Address), Role: c.Role})
		if err != nil {
			return fmt.Errorf("add user: %w", postgres.Translate(err))
		}
		if c.Sees != "" {
			if _, err := s.SetSees(ctx, db.SetSeesParams{Sees: c.Sees, ID: u.ID}); err != nil {
				return fmt.Errorf("say what %s sees: %w", u.ID, err)
			}
		}
		fmt.Println(u.ID)
		return noted(ctx, s, "user_saved", u.ID.String())
	})
}

type userListCmd struct {
	Database database `embed:""`
}

func (c userListCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		all, err := s.Users(ctx)
		if err != nil {
			return fmt.Errorf("list users: %w", err)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, u := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.ID, u.Role, u.Name, u.Email)
		}
		return w.Flush()
	})
}

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key; it is shown once."`
	List   keyListCmd   `cmd:"" help:"List keys."`
	Revoke keyRevokeCmd `cmd:"" help:"Revoke a key at once."`
}

type keyCreateCmd struct {
	Database database `embed:""`
	Name     string   `required:"" help:"What the key is for."`
	Role     string   `enum:"rep,manager,integration,admin" required:"" help:"rep, manager, integration or admin."`
	User     string   `help:"Address of the user it belongs to; required for a rep."`
}

func (c keyCreateCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		key, err := createKey(ctx, s, c.Name, c.Role, c.User)
		if err != nil {
			return err
		}
		fmt.Println(key)
		return nil
	})
}

// createKey makes a key of 256 random bits; the database keeps its hash only.
func createKey(ctx context.Context, s *postgres.Store, name, role, user string) (string, error) {
	row := db.InsertKeyParams{ID: uuid.New(), Name: name, Role: role}
	switch {
	case user != "":
		u, err := s.UserByEmail(ctx, strings.ToLower(user))
		if err != nil {
			return "", fmt.Errorf("--user: no active user has the address %q; see rekindle user list", user)
		}
		row.UserID = &u.ID
	case role == api.Rep:
		return "", errors.New("--user: a rep's key belongs to a user; name the address, see rekindle user list")
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	key := "rk_" + base64.RawURLEncoding.EncodeToString(random)
	row.Hash = api.HashKey(key)
	if err := s.InsertKey(ctx, row); err != nil {
		return "", fmt.Errorf("create key: %w", postgres.Translate(err))
	}
	return key, noted(ctx, s, "key_created", row.ID.String())
}

type keyListCmd struct {
	Database database `embed:""`
}

func (c keyListCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		all, err := s.ListKeys(ctx)
		if err != nil {
			return fmt.Errorf("list keys: %w", err)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, k := range all {
			state := "active"
			if k.RevokedAt != nil {
				state = "revoked"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Role, state, k.Name, k.UserEmail)
		}
		return w.Flush()
	})
}

type keyRevokeCmd struct {
	Database database  `embed:""`
	ID       uuid.UUID `arg:"" help:"Id of the key, see rekindle key list."`
}

func (c keyRevokeCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		n, err := s.RevokeKey(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("revoke key %s: %w", c.ID, err)
		}
		if n == 0 {
			return fmt.Errorf("no active key has the id %s; see rekindle key list", c.ID)
		}
		return noted(ctx, s, "key_revoked", c.ID.String())
	})
}

func withStore(ctx context.Context, url string, do func(*postgres.Store) error) error {
	s, err := postgres.Open(ctx, url, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}
