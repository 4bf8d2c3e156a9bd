package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestTheImpactIsWhatComparingEveryLeadByItselfGives(t *testing.T) {
	s := newSetting(t)
	from, to := s.publish(files(t)), s.publish(changed(t))
	leads := shapes(t, from, 400)
	s.keep(leads)

	counts, refusals := map[sequence.Effect]int{}, map[string]int{}
	changes := map[string]sequence.Change{}
	before, after := 0, 0
	end := now.AddDate(0, 0, 14).Truncate(24 * time.Hour)
	for _, l := range leads {
		c := sequence.Compare(l, from, to, now)
		counts[c.Effect]++
		changes[l.ID] = c
		if c.Refusal != nil {
			refusals[c.Refusal.Code]++
			c.After = c.Before // it stays where it is
		}
		if !c.Before.At.IsZero() && c.Before.At.Before(end) {
			before++
		}
		if !c.After.At.IsZero() && c.After.At.Before(end) {
			after++
		}
	}
	require.Greater(t, len(counts), 2, "the leads are of many kinds: %v", counts)
	require.NotEmpty(t, refusals)

	var seen []int
	impact, err := s.Impact(t.Context(), from, to, 7, func(n int) { seen = append(seen, n) })
	require.NoError(t, err)
	require.Equal(t, []any{from.ID, to.ID, now, 400}, []any{impact.From, impact.To, impact.At, impact.Leads})
	require.Equal(t, counts, impact.Counts)
	require.Equal(t, refusals, impact.Refusals)
	require.Equal(t, 400, seen[len(seen)-1])
	require.Equal(t, []int{before, after}, due(impact))
	for effect, examples := range impact.Examples {
		require.NotEqual(t, sequence.Unchanged, effect)
		require.Len(t, examples, min(7, counts[effect]))
		for _, c := range examples {
			require.Equal(t, changes[c.Lead], c)
		}
	}
}

func due(i policy.Impact) []int {
	before, after := 0, 0
	for _, d := range i.Days {
		before, after = before+d.Before, after+d.After
	}
	return []int{before, after}
}

func TestTheImpactOfTheSameVersionUnderAnotherNameIsNothing(t *testing.T) {
	s := newSetting(t)
	from, to := s.publish(files(t)), s.publish(files(t, "# The default playbook", "# A playbook"))
	require.NotEqual(t, from.ID, to.ID)
	s.keep(shapes(t, from, 100))
	impact, err := s.Impact(t.Context(), from, to, 5, nil)
	require.NoError(t, err)
	require.Equal(t, map[sequence.Effect]int{sequence.Unchanged: 100}, impact.Counts)
	require.Empty(t, impact.Examples)
	require.Empty(t, impact.Stages)
}

func TestTheImpactLooksAtEveryLeadOfTheVersionAndAtNoOther(t *testing.T) {
	s := newSetting(t)
	from, to := s.publish(files(t)), s.publish(changed(t))
	leads := shapes(t, from, 60)
	for i := range leads[:10] {
		leads[i].Playbook = to.ID
	}
	many := append(leads, copies(leads[10:], 5_000)...) // more than a page
	s.keep(many)
	_, err := s.Store.Pool.Exec(t.Context(), `UPDATE leads SET stage = 'won' WHERE id = $1`, leads[20].ID)
	require.NoError(t, err)
	_, err = s.Store.Pool.Exec(t.Context(), `UPDATE leads SET state = NULL WHERE id = $1`, leads[21].ID)
	require.NoError(t, err)
	impact, err := s.Impact(t.Context(), from, to, 0, nil)
	require.NoError(t, err)
	require.Equal(t, len(many)-10-2, impact.Leads, "neither those of another version, nor the finished, nor those that have not begun")
	require.Empty(t, impact.Examples)
}

func TestAStateThatCannotBeReadIsNamed(t *testing.T) {
	s := newSetting(t)
	from, to := s.publish(files(t)), s.publish(changed(t))
	leads := shapes(t, from, 40)
	s.keep(leads)
	_, err := s.Store.Pool.Exec(t.Context(), `UPDATE leads SET state = '{"touches":"many"}' WHERE id = $1`, leads[7].ID)
	require.NoError(t, err)
	_, err = s.Impact(t.Context(), from, to, 0, nil)
	require.ErrorContains(t, err, "decode lead "+leads[7].ID)
}
