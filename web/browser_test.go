package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/hook"
)

// browser is a real Chromium.
type browser struct {
	*house
	ctx context.Context
}

// browser starts one, or skips the test where there is none.
func (h *house) browser() *browser {
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REKINDLE_REQUIRE_BROWSER") != "" {
			h.Fatal("there is no Chromium; make test installs it")
		}
		h.Skip("there is no Chromium; on Debian: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Env("TZ=America/New_York", "LANG=en_US.UTF-8"), chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(h.Context(), options...)
	h.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	h.Cleanup(cancel)
	require.NoError(h, chromedp.Run(ctx))
	return &browser{h, ctx}
}

func (b *browser) run(what string, actions ...chromedp.Action) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		var text string
		_ = chromedp.Run(b.ctx, chromedp.Text("body", &text))
		require.NoError(b, err, "%s; the page says:\n%s", what, text)
	}
}

// signIn takes a link, by keyboard.
func (b *browser) signIn(who string) {
	b.run("sign in", chromedp.Navigate(b.link(who)), chromedp.WaitVisible("button[autofocus]"), chromedp.KeyEvent("\r"), chromedp.WaitVisible("header.bar"))
}

// press types at the page, wherever the focus is, as a hand does: a key that the page
// takes for itself types nothing.
func (b *browser) press(keys string) {
	b.Helper()
	b.run("press "+keys, chromedp.ActionFunc(func(ctx context.Context) error {
		for _, r := range keys {
			events := kb.Encode(r)
			down, up := events[0], events[len(events)-1]
			if len(events) == 3 {
				down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			}
			if err := errors.Join(down.Do(ctx), up.Do(ctx)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// sees waits until an element holds a text.
func (b *browser) sees(selector, text string) {
	b.Helper()
	says := func(selector string) (said string) {
		ctx, cancel := context.WithTimeout(b.ctx, time.Second)
		defer cancel()
		_ = chromedp.Run(ctx, chromedp.Evaluate(`[...document.querySelectorAll("`+selector+`")].map((e) => e.innerText).join("\n")`, &said)) // the page may be on its way
		return said
	}
	said := assert.Eventually(b, func() bool { return strings.Contains(says(selector), text) }, 20*time.Second, 50*time.Millisecond)
	require.True(b, said, "%s never said %q; the page says:\n%s", selector, text, says("main"))
}

// focus is the element that has it, by name or text.
func (b *browser) focus() (name string) {
	b.run("look where the focus is", chromedp.Evaluate(`(() => { const e = document.activeElement; return e.name || e.innerText || e.id })()`, &name))
	return name
}

// shot keeps a picture, where somebody wants to see it.
func (b *browser) shot(name string) {
	dir := os.Getenv("REKINDLE_SCREENSHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.run("take a picture", chromedp.FullScreenshot(&png, 100))
	require.NoError(b, os.MkdirAll(dir, 0o755))
	require.NoError(b, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)) //nolint:gosec // for anybody to see
}

// named are the roles of what one acts on; each needs a name that can be read out.
var named = map[string]bool{
	"button": true, "link": true, "textbox": true, "combobox": true, "radio": true, "checkbox": true, "image": true, "spinbutton": true,
	"DateTime": true, "searchbox": true, "navigation": true, "region": true, "dialog": true,
}

// accessible checks what a screen reader is told, and that nothing runs out of the
// window to the side.
func (b *browser) accessible(page string) {
	b.Helper()
	var nodes []*accessibility.Node
	b.run("read the accessibility tree", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		nodes, err = accessibility.GetFullAXTree().Do(ctx)
		return err
	}))
	heads, mains := 0, 0
	for _, n := range nodes {
		if n.Ignored {
			continue
		}
		role, name := text(n.Role), text(n.Name)
		if named[role] {
			require.NotEmpty(b, name, "%s: a %s without a name (node %d)", page, role, n.BackendDOMNodeID)
		}
		switch role {
		case "main":
			mains++
		case "heading":
			heads++
		}
	}
	require.Equal(b, 1, mains, "%s has one main part", page)
	require.Positive(b, heads, "%s has a heading", page)
	var found struct {
		Lang  string
		Title string
		Wide  bool
		Small []string
		Dup   []string
		H1    int
	}
	b.run("look at the page", chromedp.Evaluate(`(() => {
		const seen = {}, dup = [];
		for (const e of document.querySelectorAll("[id]")) { if (seen[e.id]) dup.push(e.id); seen[e.id] = true; }
		const small = [...document.querySelectorAll("button, select, input:not([type=hidden]), summary")].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 18).map((e) => e.outerHTML.slice(0, 80));
		return { Lang: document.documentElement.lang, Title: document.title, Wide: document.documentElement.scrollWidth > innerWidth + 1, Small: small, Dup: dup, H1: document.querySelectorAll("h1").length };
	})()`, &found))
	require.Equal(b, "en", found.Lang)
	require.NotEmpty(b, found.Title)
	require.False(b, found.Wide, "%s runs out of the window", page)
	require.Empty(b, found.Small, page)
	require.Empty(b, found.Dup, "%s has ids twice", page)
	require.Equal(b, 1, found.H1, page)
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// TestARepsHourByKeyboard works a queue of calls without a mouse.
func TestARepsHourByKeyboard(t *testing.T) {
	h := newHouse(t)
	h.enrol("Ann Lee", "Bo Chen", "Cleo Diaz", "Dov Engel")
	b := h.browser()
	b.signIn("robin")
	b.sees(".queue", "Dov Engel")
	b.sees("footer", "America/New_York")
	b.sees(".reach", "there")
	b.shot("desk")
	first := b.name()

	b.press("v") // voicemail: nothing more to say
	require.Contains(t, b.focus(), "Record")
	b.press("\r")
	b.sees(".said", "Recorded for "+first)
	b.shot("desk-recorded")
	require.NotEqual(t, first, b.name(), "the next call is at hand")
	b.press("z") // by mistake: it is taken back
	b.sees(".queue", first)
	b.press("v")
	b.press("\r")
	b.sees(".said", "Recorded for "+first)
	second := b.name()

	b.press("c") // a next call is agreed: when?
	require.Equal(t, "next_at", b.focus())
	b.press("\t\t\t\t\t\t\t\t") // past the parts of the time to the days one key away
	b.press(" ")
	b.sees(".choice:has(:checked)", "Next call agreed")
	b.press("\r")
	b.sees(".said", "Recorded for "+second)
	b.sees(".said", "Scheduled call")

	third := b.name()
	b.press("j")
	require.Eventually(t, func() bool { return b.name() != third }, 10*time.Second, 50*time.Millisecond, "j goes to the next task")
	b.press("k")
	require.Eventually(t, func() bool { return b.name() == third }, 10*time.Second, 50*time.Millisecond, "k goes back")

	b.press("x") // not interested needs its reason
	require.Equal(t, "reason", b.focus())
	b.press("\r")
	b.sees("[role=alert]", "reason")
	b.shot("desk-refused")
	b.press("x")
	b.press("no budget this year\r")
	b.sees(".said", "Recorded for "+third)

	var waiting int
	require.NoError(t, h.app.Store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM outcomes WHERE taken_back_at IS NULL").Scan(&waiting))
	require.Equal(t, 3, waiting)
}

// name is whom the call at hand is with.
func (b *browser) name() (name string) {
	b.run("read the name", chromedp.Evaluate(`(document.querySelector("#who") || {}).innerText || ""`, &name))
	return name
}

func TestNewWorkAppearsByItself(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.signIn("robin")
	b.sees(".empty", "Nothing is due")
	h.enrol("Ann Lee")
	b.sees(".queue", "Ann Lee")
}

func TestEveryPageCanBeReadByEverybody(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee", "Bo Chen")[0]
	h.drawn()
	h.hook("crm")
	secret := h.source("shop", hook.Mapping{"email": {"data.mail"}, "name": {"data.first", "data.last"}})
	require.Equal(t, http.StatusOK, h.report("shop", secret, "m1", basket))
	require.Equal(t, http.StatusOK, h.report("shop", secret, "m2", strings.Replace(basket, "flo@fir.example", "nobody", 1)))
	b := h.browser()
	b.run("go to sign in", chromedp.Navigate(h.base+"/sign-in"), chromedp.WaitVisible("#email"))
	b.accessible("sign-in")
	b.shot("sign-in")
	b.signIn("mo")
	mo := h.surfer()
	mo.signIn("mo")
	list := mo.upload("fair.csv", fair)
	mo.post(list.path+"/plan", url.Values{"column": chosen(list)["column"], "known": {"complete"}, "dates": {"day_first"}, "fixed_source": {"crm_dormant"}, "fixed_basis": {"consent: fair"}})
	came := regexp.MustCompile(`/hooks/shop/deliveries/([0-9a-f-]{36})`).FindStringSubmatch(mo.get("/hooks/shop?state=failed").body)
	require.NotEmpty(t, came)
	current := h.app.Library.Current().ID
	batch := mo.post("/batches", url.Values{"once": {uuid.NewString()}, "act": {"snooze"}, "stage": {"warm"}})
	pages := map[string]string{"playbooks": "/playbooks", "playbook": "/playbooks/" + current, "draft": "/playbooks/" + current + "/edit", "batches": "/batches", "batch": batch.path, "imports": "/imports", "import": list.path, "desk": "/desk?whose=all", "leads": "/leads", "lead": "/leads/" + lead, "board": "/board", "audit": "/audit", "webhooks": "/webhooks", "webhook": "/webhooks/crm", "hooks": "/hooks", "hook-new": "/hooks?kind=generic", "hook": "/hooks/shop", "hook-mapping": "/hooks/shop?example=" + came[1], "delivery": came[0], "account": "/account", "sorry": "/leads/none"}
	for name, path := range pages {
		for _, screen := range []struct {
			name          string
			width, height int64
			dark          bool
		}{{"", 1280, 900, false}, {"-phone", 360, 740, false}, {"-dark", 1280, 900, true}} {
			scheme := map[bool]string{false: "light", true: "dark"}[screen.dark]
			b.run("show "+name, emulation.SetDeviceMetricsOverride(screen.width, screen.height, 1, screen.width < 500),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Navigate(h.base+path), chromedp.WaitVisible("main", chromedp.ByQuery))
			b.accessible(name + screen.name)
			b.contrast(name + screen.name)
			b.shot(name + screen.name)
		}
	}
	for n, path := range []string{pages["hook-mapping"], "/hooks?kind=generic"} { // what a form shows at once
		b.run("open the form", emulation.SetDeviceMetricsOverride(360, 740, 1, true), chromedp.Navigate(h.base+path),
			chromedp.SetValue("#example", strings.Repeat(" ", n)+basket, chromedp.ByQuery), chromedp.Click("button[value=try]", chromedp.ByQuery), chromedp.WaitVisible("#trial", chromedp.ByQuery))
		name := []string{"hook-tried", "hook-new-tried"}[n]
		b.accessible(name)
		b.contrast(name)
		b.shot(name)
	}
	b.run("ask for another secret", chromedp.Navigate(h.base+"/hooks/shop"), chromedp.Click("details:has(#both) summary", chromedp.ByQuery),
		chromedp.Click("details:has(#both) button", chromedp.ByQuery), chromedp.WaitVisible(".said.good", chromedp.ByQuery))
	b.sees("main", "whsec_")
	b.accessible("hook-secret")
	b.contrast("hook-secret")
	b.shot("hook-secret")
}

// contrast holds every text against what is behind it (WCAG 1.4.3).
func (b *browser) contrast(page string) {
	b.Helper()
	var faint []string
	b.run("measure contrast", chromedp.Evaluate(`(() => {
		const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1 }; };
		const lum = ({ r, g, b }) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
		const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c; } return { r: 255, g: 255, b: 255 }; };
		const faint = [];
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const e = walk.currentNode.parentElement;
			if (!walk.currentNode.textContent.trim() || !e.offsetParent || e.closest(".hidden, svg, script, option")) continue;
			const style = getComputedStyle(e), front = lum(parse(style.color)), back = lum(behind(e));
			const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
			const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
			if (ratio < (large ? 3 : 4.5)) faint.push(ratio.toFixed(2) + " " + e.className + ": " + walk.currentNode.textContent.trim().slice(0, 40));
		}
		return faint;
	})()`, &faint))
	require.Empty(b, faint, "%s is hard to read", page)
}
