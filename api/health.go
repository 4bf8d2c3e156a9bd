package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Health is how the process is.
type Health struct {
	Status   string `json:"status"`
	Postgres string `json:"postgres,omitempty"`
	Temporal string `json:"temporal,omitempty"`
}

// health registers liveness and readiness. Without Temporal the door still takes
// enrolments, engagements and stops, so that alone does not make it unready.
func (a *API) health(router *gin.Engine) {
	router.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, Health{Status: "ok"}) })
	router.GET("/readyz", func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c, 2*time.Second)
		defer cancel()
		h := Health{"ok", word(a.Store.Pool.Ping(ctx)), word(a.Lives.Ready(ctx))}
		status := http.StatusOK
		if h.Temporal != "ok" {
			h.Status = "degraded: outcomes are refused, the rest is accepted"
		}
		if h.Postgres != "ok" {
			h.Status, status = "down", http.StatusServiceUnavailable
		}
		c.JSON(status, h)
	})
}

func word(err error) string {
	if err != nil {
		return "does not answer"
	}
	return "ok"
}
