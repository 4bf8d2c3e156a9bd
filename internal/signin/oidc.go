package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"
)

// Provider is the company's single sign-on (OpenID Connect Core 1.0, with PKCE, RFC
// 7636). It is asked what it is when somebody first signs in: it may be away before.
type Provider struct {
	Issuer, Client, Secret string
	Callback               string // address of ours to which it sends people back

	mu     sync.Mutex
	known  *oidc.Provider
	config oauth2.Config
}

// Trip is what a browser keeps while its owner is at the provider's.
type Trip struct {
	State, Nonce, Verifier string
	Next                   string // the page to go to afterwards
}

// ErrStrayed is returned by Identity when somebody comes back from a trip that this
// browser did not set out on, or the provider does not vouch for them.
var ErrStrayed = errors.New("single sign-on did not come to its end")

// discover asks the provider what it is, until it has answered once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		known, err := oidc.NewProvider(context.WithoutCancel(ctx), p.Issuer)
		if err != nil {
			return nil, p.config, fmt.Errorf("reach the single sign-on at %s: %w", p.Issuer, err)
		}
		p.known = known
		p.config = oauth2.Config{
			ClientID: p.Client, ClientSecret: p.Secret, RedirectURL: p.Callback, Endpoint: known.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email"},
		}
	}
	return p.known, p.config, nil
}

// Begin is where to send somebody, and what their browser is to keep meanwhile.
func (p *Provider) Begin(ctx context.Context, next string) (address string, t Trip, err error) {
	_, config, err := p.discover(ctx)
	if err != nil {
		return "", t, err
	}
	t = Trip{State: newToken(), Nonce: newToken(), Verifier: oauth2.GenerateVerifier(), Next: next}
	return config.AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), t, nil
}

// Identity is the verified address of whoever comes back. Errors: ErrStrayed.
func (p *Provider) Identity(ctx context.Context, t Trip, state, code string) (email string, err error) {
	if t.State == "" || subtle.ConstantTimeCompare([]byte(t.State), []byte(state)) == 0 {
		return "", ErrStrayed
	}
	provider, config, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStrayed, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: p.Client}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStrayed, err)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified *bool  `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("%w: %w", ErrStrayed, err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.Nonce)) == 0:
		return "", fmt.Errorf("%w: it answers another request", ErrStrayed)
	case claims.Email == "" || claims.Verified != nil && !*claims.Verified:
		return "", fmt.Errorf("%w: the provider gives no verified email address", ErrStrayed)
	}
	return claims.Email, nil
}

// SingleSignOn opens a session for somebody whom the provider vouches for. Errors:
// ErrNoUser.
func (s SignIn) SingleSignOn(ctx context.Context, email string) (token string, err error) {
	u, err := s.Store.UserByEmail(ctx, strings.ToLower(email))
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoUser
	}
	if err != nil {
		return "", fmt.Errorf("find a user: %w", err)
	}
	return s.open(ctx, u.ID, bySingleSignOn)
}
