package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/signin"
)

// person is a user who is named by their address.
type person struct {
	Database database `embed:""`
	Email    string   `arg:"" help:"Address of the user, see rekindle user list."`
}

// with finds the user, and writes down what was done about them.
func (p person) with(ctx context.Context, act string, do func(*postgres.Store, signin.SignIn, db.User) error) error {
	return withStore(ctx, p.Database.URL, func(s *postgres.Store) error {
		u, err := userOf(ctx, s, p.Email)
		if err != nil {
			return err
		}
		if err := do(s, signin.SignIn{Store: s, Now: time.Now}, u); err != nil {
			return err
		}
		return noted(ctx, s, act, u.ID.String())
	})
}

func userOf(ctx context.Context, s *postgres.Store, email string) (db.User, error) {
	u, err := s.UserByEmail(ctx, strings.ToLower(email))
	if err = postgres.Translate(err); errors.Is(err, postgres.ErrNotFound) {
		return u, fmt.Errorf("no active user has the address %q; see rekindle user list", email)
	}
	return u, err
}

type userPasswordCmd struct {
	Person person `embed:""`
}

func (c userPasswordCmd) Run(ctx context.Context) error {
	password, err := readPassword(os.Stdin)
	if err != nil {
		return err
	}
	return c.Person.with(ctx, "password_set", func(_ *postgres.Store, in signin.SignIn, u db.User) error {
		return in.SetPassword(ctx, u.ID, password)
	})
}

// readPassword reads a line; at a terminal without showing it.
func readPassword(from *os.File) (string, error) {
	if term.IsTerminal(int(from.Fd())) {
		fmt.Fprint(os.Stderr, "New password: ")
		typed, err := term.ReadPassword(int(from.Fd()))
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(typed), nil
	}
	line, err := bufio.NewReader(from).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userLinkCmd struct {
	Person    person `embed:""`
	PublicURL string `env:"REKINDLE_PUBLIC_URL" required:"" help:"Address of the pages as the world sees them."`
}

func (c userLinkCmd) Run(ctx context.Context) error {
	return c.Person.with(ctx, "sign_in_link_made", func(s *postgres.Store, _ signin.SignIn, u db.User) error {
		link, err := signInLink(ctx, s, c.PublicURL, u.Email, signin.LinkLasts)
		if err == nil {
			fmt.Println(link)
		}
		return err
	})
}

// signInLink makes a link that signs a user in once.
func signInLink(ctx context.Context, s *postgres.Store, base, email string, lasts time.Duration) (string, error) {
	u, err := userOf(ctx, s, email)
	if err != nil {
		return "", err
	}
	token, err := signin.SignIn{Store: s, Now: time.Now}.NewLink(ctx, u.ID, lasts)
	return strings.TrimSuffix(base, "/") + "/sign-in/link?token=" + token, err
}

type userSignOutCmd struct {
	Person person `embed:""`
}

func (c userSignOutCmd) Run(ctx context.Context) error {
	return c.Person.with(ctx, "signed_out", func(_ *postgres.Store, in signin.SignIn, u db.User) error {
		n, err := in.OutEverywhere(ctx, u.ID)
		if err == nil {
			fmt.Printf("%d sessions ended\n", n)
		}
		return err
	})
}

type userLeaveCmd struct {
	Person person `embed:""`
}

func (c userLeaveCmd) Run(ctx context.Context) error {
	return c.Person.with(ctx, "user_left", func(s *postgres.Store, in signin.SignIn, u db.User) error {
		if _, err := s.Deactivate(ctx, u.ID); err != nil {
			return fmt.Errorf("let %s go: %w", u.Email, err)
		}
		_, err := in.OutEverywhere(ctx, u.ID)
		return err
	})
}

// sso says where the company's single sign-on is.
type sso struct {
	Issuer string `name:"oidc-issuer" env:"REKINDLE_OIDC_ISSUER" help:"Address of your single sign-on (OpenID Connect); without it people sign in by password or link."`
	Client string `name:"oidc-client-id" env:"REKINDLE_OIDC_CLIENT_ID" help:"What Rekindle is called there. Register the redirect address REKINDLE_PUBLIC_URL/sign-in/callback."`
	Secret string `name:"oidc-client-secret" env:"REKINDLE_OIDC_CLIENT_SECRET" help:"Its secret."`
}

func (s sso) provider(public string) (*signin.Provider, error) {
	switch {
	case s.Issuer == "":
		return nil, nil
	case s.Client == "":
		return nil, errors.New("--oidc-client-id: single sign-on needs the id under which Rekindle is registered there")
	}
	return &signin.Provider{Issuer: s.Issuer, Client: s.Client, Secret: s.Secret, Callback: strings.TrimSuffix(public, "/") + "/sign-in/callback"}, nil
}

// checkProxies refuses what is no address and no network.
func checkProxies(all []string) error {
	for _, p := range all {
		_, errAddress := netip.ParseAddr(p)
		_, errNetwork := netip.ParsePrefix(p)
		if errAddress != nil && errNetwork != nil {
			return fmt.Errorf("--trusted-proxies: %q is neither an address nor a network such as 10.0.0.0/8", p)
		}
	}
	return nil
}
