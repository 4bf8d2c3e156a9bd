package signin_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/signin"
	"github.com/rekindlehq/rekindle/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

const password = "a kettle of black tea"

type house struct {
	*testing.T
	signin.SignIn
	now  time.Time
	user uuid.UUID
}

func newHouse(t *testing.T) *house {
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 8)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	h := &house{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	h.SignIn = signin.SignIn{Store: store, Now: func() time.Time { return h.now }}
	u, err := store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin", Email: "robin@seller.example", Role: "rep"})
	require.NoError(t, err)
	h.user = u.ID
	require.NoError(t, h.SetPassword(t.Context(), h.user, password))
	return h
}

func (h *house) enters(password string) (string, error) {
	return h.Password(h.Context(), " Robin@seller.example ", password, "192.0.2.1")
}

func TestAPasswordOpensASessionThatEndsByItself(t *testing.T) {
	h := newHouse(t)
	token, err := h.enters(password)
	require.NoError(t, err)
	for range 13 {
		h.now = h.now.Add(24 * time.Hour)
		who, err := h.Who(t.Context(), token)
		require.NoError(t, err, "it is used every day")
		require.Equal(t, "Robin", who.Name)
		require.Equal(t, h.user, who.User)
	}
	h.now = h.now.Add(24 * time.Hour)
	_, err = h.Who(t.Context(), token)
	require.ErrorIs(t, err, signin.ErrWrong, "after two weeks")

	token, err = h.enters(password)
	require.NoError(t, err)
	h.now = h.now.Add(signin.Idle)
	_, err = h.Who(t.Context(), token)
	require.ErrorIs(t, err, signin.ErrWrong, "nobody has used it for days")
}

func TestOnlyTheRightPasswordOfAnActiveUserOpens(t *testing.T) {
	h := newHouse(t)
	for _, wrong := range []string{"", "a kettle of black te", password + " ", strings.Repeat("x", 10_000)} {
		_, err := h.enters(wrong)
		require.ErrorIs(t, err, signin.ErrWrong, "%.20s", wrong)
	}
	_, err := h.Password(t.Context(), "nobody@seller.example", password, "192.0.2.1")
	require.ErrorIs(t, err, signin.ErrWrong)
	token, err := h.enters(password)
	require.NoError(t, err)
	_, err = h.Store.Deactivate(t.Context(), h.user)
	require.NoError(t, err)
	_, err = h.Who(t.Context(), token)
	require.ErrorIs(t, err, signin.ErrWrong)
	_, err = h.enters(password)
	require.ErrorIs(t, err, signin.ErrWrong)
}

func TestAUserWithoutAPasswordCannotUseAnEmptyOne(t *testing.T) {
	h := newHouse(t)
	_, err := h.Store.SetPassword(t.Context(), db.SetPasswordParams{ID: h.user})
	require.NoError(t, err)
	_, err = h.enters("")
	require.ErrorIs(t, err, signin.ErrWrong)
}

func TestAfterFiveFailuresOneWaits(t *testing.T) {
	h := newHouse(t)
	var group sync.WaitGroup
	failed := make(chan error, 20)
	for range 20 {
		group.Go(func() {
			_, err := h.enters("something else again")
			failed <- err
		})
	}
	group.Wait()
	close(failed)
	tried := 0
	for err := range failed {
		if errors.Is(err, signin.ErrWrong) {
			tried++
		}
	}
	require.Equal(t, 5, tried, "many at once count too")
	_, err := h.enters(password)
	var many *signin.TooMany
	require.ErrorAs(t, err, &many, "nor does the right one open")
	require.Equal(t, h.now.Add(15*time.Minute), many.Until.UTC())
	h.now = many.Until.Add(time.Second)
	_, err = h.enters(password)
	require.NoError(t, err)
	_, err = h.enters("something else again")
	require.ErrorIs(t, err, signin.ErrWrong, "what came before is forgiven")
}

func TestALinkWorksOnceAndNotForLong(t *testing.T) {
	h := newHouse(t)
	link, err := h.NewLink(t.Context(), h.user, signin.LinkLasts)
	require.NoError(t, err)
	token, err := h.Link(t.Context(), link)
	require.NoError(t, err)
	_, err = h.Who(t.Context(), token)
	require.NoError(t, err)
	_, err = h.Link(t.Context(), link)
	require.ErrorIs(t, err, signin.ErrWrong)
	link, err = h.NewLink(t.Context(), h.user, signin.LinkLasts)
	require.NoError(t, err)
	h.now = h.now.Add(signin.LinkLasts)
	_, err = h.Link(t.Context(), link)
	require.ErrorIs(t, err, signin.ErrWrong)
}

func TestSessionsEndWhenOneSignsOutAndWithANewPassword(t *testing.T) {
	h := newHouse(t)
	tokens := make([]string, 3)
	for i := range tokens {
		var err error
		tokens[i], err = h.enters(password)
		require.NoError(t, err)
	}
	require.NoError(t, h.Out(t.Context(), tokens[0]))
	_, err := h.Who(t.Context(), tokens[0])
	require.ErrorIs(t, err, signin.ErrWrong)
	_, err = h.Who(t.Context(), tokens[1])
	require.NoError(t, err)
	require.NoError(t, h.SetPassword(t.Context(), h.user, "another kettle, of green tea"))
	_, err = h.Who(t.Context(), tokens[1])
	require.ErrorIs(t, err, signin.ErrWrong)
	_, err = h.enters("another kettle, of green tea")
	require.NoError(t, err)
	n, err := h.OutEverywhere(t.Context(), h.user)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func TestAShortPasswordIsNotTaken(t *testing.T) {
	h := newHouse(t)
	var weak *signin.Weak
	require.ErrorAs(t, h.SetPassword(t.Context(), h.user, "elevenchars"), &weak)
	require.ErrorAs(t, h.SetPassword(t.Context(), h.user, strings.Repeat("x", 257)), &weak)
	_, err := h.enters(password)
	require.NoError(t, err, "the one before stays")
}

func TestWhatIsKeptOpensNothing(t *testing.T) {
	h := newHouse(t)
	token, err := h.enters(password)
	require.NoError(t, err)
	var kept string
	require.NoError(t, h.Store.Pool.QueryRow(t.Context(), "SELECT (SELECT password FROM users WHERE password <> '') || (SELECT encode(hash, 'escape') FROM sessions)").Scan(&kept))
	require.True(t, strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$"), kept)
	require.NotContains(t, kept, token)
	require.NotContains(t, kept, password)
}

func TestWhoGetsInAndWhoDoesNotIsWrittenDownWithoutWhatTheyTyped(t *testing.T) {
	h := newHouse(t)
	acts := func(about string) (all []string) {
		rows, err := h.Store.Pool.Query(t.Context(), "SELECT act || ' by ' || actor FROM admin_acts WHERE about = $1 ORDER BY at, id", about)
		require.NoError(t, err)
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return all
	}
	for range 8 {
		h.now = h.now.Add(time.Second)
		_, err := h.enters("wrong")
		require.Error(t, err)
		_, err = h.Password(t.Context(), "someone@else.example", "wrong", "192.0.2.2")
		require.Error(t, err)
	}
	failed := "sign_in_failed by nobody"
	require.Equal(t, []string{failed, failed, failed, failed, failed, "sign_in_locked by nobody"}, acts(h.user.String()), "a lock is written down once")
	require.Equal(t, []string{failed, "sign_in_locked by nobody"}, acts(""), "of somebody unknown once in a while, or a stranger could fill the house with it")
	h.now = h.now.Add(time.Hour)
	_, err := h.enters(password)
	require.NoError(t, err)
	require.Contains(t, acts(h.user.String()), "signed_in_by_password by "+h.user.String())
	var typed int
	require.NoError(t, h.Store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM admin_acts a WHERE a::text ~ 'else|seller|192'").Scan(&typed))
	require.Zero(t, typed)
}
