# Rekindle. `make run` shows the product working, `make test` proves it; both
# prepare the machine themselves. `make help` lists the rest.

GO      ?= go
BIN     := bin
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo development)
# The race detector needs a C compiler; without one the tests run without it.
RACE    := $(shell command -v $${CC:-gcc} >/dev/null 2>&1 && echo -race)

.DEFAULT_GOAL := help
.PHONY: help build run setup mail-servers browser test bench chaos chaos-short soak lint sqlc check-deploy clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build bin/rekindle
	@test -d "$$($(GO) env GOMODCACHE)/go.temporal.io" || echo "· the first build downloads and compiles the libraries: some minutes"
	@mkdir -p $(BIN)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BIN)/rekindle ./cmd/rekindle

run: build ## Start everything on this machine and watch demo leads live
	@$(BIN)/rekindle dev $(ARGS)

setup: build ## Find or install Postgres and build the Temporal server
	@$(BIN)/rekindle setup

mail-servers: ## Install Postfix and Dovecot for the tests, where this machine allows it
	@deploy/mail/install.sh

# Where the mail servers are installed, a test that cannot start them fails instead of being skipped.
MAIL = $(shell deploy/mail/install.sh check && echo REKINDLE_REQUIRE_MAIL_SERVERS=1)

browser: ## Install Chromium for the tests, where this machine allows it
	@deploy/browser/install.sh

# As with the mail servers.
BROWSER = $(shell deploy/browser/install.sh check && echo REKINDLE_REQUIRE_BROWSER=1)

# Much is tried here and little at the same time: without the race detector. internal/e2e runs the API with it.
CALM = /(sequence|api|internal/received)$$

test: setup mail-servers browser ## Run all tests
	@test -n "$(RACE)" || echo "· no C compiler found: the race detector is off"
	$(MAIL) $(BROWSER) $(GO) test $(RACE) -timeout 25m $$($(GO) list ./... | grep -vE '$(CALM)')
	@echo "· ten thousand random lives, mails in every shape, and the API without its database"
	$(GO) test -timeout 25m $$($(GO) list ./... | grep -E '$(CALM)')

bench: build ## Measure what a lead costs and how fast it goes (two hours and more on two cores; ARGS=--short: two minutes)
	$(BIN)/rekindle bench $(ARGS)

LINT := $(GO) tool -modfile=tools/lint/go.mod

soak: build ## Let the product live for five years in two to three hours, and say whether anything grows
	@$(BIN)/rekindle soak $(ARGS)

lint: ## Run the linters (the first time builds them: some minutes)
	@out=$$(git ls-files '*.go' | grep -v '^internal/postgres/db/' | xargs $(LINT) gofumpt -l); test -z "$$out" || { echo "gofumpt would change:"; echo "$$out"; exit 1; }
	$(GO) vet ./...
	$(LINT) staticcheck ./...
	$(LINT) workflowcheck ./workflows/... ./sequence/...
	@out=$$($(LINT) deadcode -test ./... | grep -v internal/postgres/db/); test -z "$$out" || { echo "never called:"; echo "$$out"; exit 1; }

sqlc: ## Write internal/postgres/db anew from the queries
	$(LINT) sqlc generate

chaos: build ## Kill, pause and cut off everything for ten minutes, and prove that nothing is lost
	@$(BIN)/rekindle chaos $(ARGS)

chaos-short: build ## The same in two minutes; make test runs it too
	@$(BIN)/rekindle chaos --for 40s --leads 40 --day 15s --patience 20s $(ARGS)

check-deploy: ## Check the container and cluster files as far as this machine allows
	bash deploy/check.sh

clean: ## Remove built binaries and the development data
	rm -rf $(BIN) .rekindle
