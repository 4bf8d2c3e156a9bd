package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// ContentBody is an item of the content library: a reason to reach out (R03).
type ContentBody struct {
	Kind      string    `json:"kind" enum:"product,price,terms,feature,article,event,webinar"`
	Title     string    `json:"title" minLength:"1" maxLength:"200"`
	Summary   string    `json:"summary,omitempty" maxLength:"1000"`
	URL       string    `json:"url,omitempty" maxLength:"500" pattern:"^https?://[^\\s]+$" patternDescription:"a link that begins with https:// or http://"`
	Sources   []string  `json:"sources,omitempty" maxItems:"50" doc:"Kinds of engagement it suits; all if left out"`
	ExpiresAt time.Time `json:"expires_at,omitempty"`
}

// ContentItem is one item as it is kept.
type ContentItem struct {
	ID          uuid.UUID `json:"id"`
	Kind        string    `json:"kind"`
	Title       string    `json:"title"`
	PublishedAt time.Time `json:"published_at"`
}

// ContentList is the library, newest first.
type ContentList struct {
	Content []ContentItem `json:"content"`
}

func (a *API) content(api huma.API) {
	publish := operation(http.MethodPost, "/content", "publishContent", "Add a reason to reach out to the content library (R03)", managers...)
	publish.DefaultStatus = http.StatusCreated
	noted(a, api, publish, "content_published", contentID, func(ctx context.Context, in *struct{ Body ContentBody }) (*body[ContentItem], error) {
		b, now := in.Body, a.now()
		row := db.InsertContentParams{
			ID: derivedID(ctx, "content"), Kind: b.Kind, Title: clean(b.Title), Summary: b.Summary, Url: b.URL,
			Sources: append([]string{}, b.Sources...), PublishedAt: now, ExpiresAt: instantOrNone(b.ExpiresAt),
		}
		faults := a.endFault("expires_at", b.ExpiresAt)
		if row.Title == "" {
			faults = append(faults, Fault{"body.title", "is empty"})
		}
		for i, s := range b.Sources {
			faults = append(faults, a.kindFault(fmt.Sprintf("body.sources[%d]", i), sequence.Kind(s))...)
		}
		if len(faults) > 0 {
			return nil, invalid(faults)
		}
		if err := a.Store.InsertContent(ctx, row); err != nil {
			return nil, postgres.Translate(err)
		}
		if err := a.Store.PublishNews(ctx, row.ID, row.Sources); err != nil {
			return nil, fmt.Errorf("tell the leads that wait for news: %w", err)
		}
		return created(ContentItem{row.ID, row.Kind, row.Title, now}), nil
	})
	route(api, operation(http.MethodGet, "/content", "listContent", "The content library", people...),
		func(ctx context.Context, _ *struct{}) (*body[ContentList], error) {
			rows, err := a.Store.ListContent(ctx, 500)
			list := ContentList{Content: []ContentItem{}}
			for _, r := range rows {
				list.Content = append(list.Content, ContentItem{r.ID, r.Kind, r.Title, r.PublishedAt})
			}
			return reply(list), err
		})
}

func contentID(_ *struct{ Body ContentBody }, out *body[ContentItem]) string {
	return out.Body.ID.String()
}
