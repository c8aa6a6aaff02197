# Everything a developer or a CI does with the project. `make help` lists it.

GO        ?= go
FUZZTIME  ?= 30s
FUZZPKGS  ?= ./...
FUZZPROCS ?= 2
BENCH     ?= .
KILLS     ?= 200

# The race detector needs a C compiler; without one the tests run all the same.
RACE := $(shell command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)

# Scenarios write many small files that are synced: in memory, where there is plenty
# of room for them and programs may be run from it.
MEMORY := $(shell probe=/dev/shm/vipswap-probe.$$$$; \
	test "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR==2 {print $$4}')" -gt 4000000 2>/dev/null && \
	(echo : >$$probe && chmod +x $$probe && $$probe) 2>/dev/null && \
	echo TMPDIR=/dev/shm GOTMPDIR=$${TMPDIR:-/tmp}; rm -f $$probe)

# The suites of scripts, but for other people's programs.
SUITES := $(filter-out scenarios/clients,$(patsubst %/,%,$(sort $(dir $(wildcard scenarios/*/*.txtar)))))

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/vipswap
	$(GO) build -trimpath -o bin/vipswap ./cmd/vipswap

.PHONY: demo
demo: ## See a blue/green story: deploy, swap, roll back, delete
	@$(GO) run ./cmd/vipswap demo

.PHONY: test
test: ## Run all tests, with the race detector where a C compiler is there
	@test -n "$(RACE)" || echo "no C compiler: the tests run without the race detector"
	$(MEMORY) $(GO) test $(RACE) ./...

.PHONY: race
race: ## Run all tests with the race detector, or fail
	$(MEMORY) $(GO) test -race ./...

.PHONY: scenarios
scenarios: ## Run the scenario scripts alone
	$(MEMORY) $(GO) test ./scenarios/...

.PHONY: twice
twice: ## Play every script on two emulators with one seed, and compare the journals
	$(MEMORY) $(GO) test ./scenarios -run TestScenarios -count=1

.PHONY: pace
pace: ## Play the suites as users do, and tell how long it takes
	$(GO) build -trimpath -o bin/vipswap ./cmd/vipswap
	$(MEMORY) bin/vipswap test --parallel 6 $(SUITES)

.PHONY: durability
durability: ## Kill an emulator under load KILLS times, and look what it has lost
	VIPSWAP_KILLS=$(KILLS) $(GO) test -count=1 -run Killed -v ./internal/durability

.PHONY: bench
bench: ## Print what things cost, as ratios against a baseline of the same run
	$(GO) run ./internal/benchratio -bench '$(BENCH)'

.PHONY: fuzz
fuzz: ## Fuzz every parser, FUZZTIME each (default 30s), FUZZPROCS at once
	@$(GO) run ./internal/fuzzall -time $(FUZZTIME) -p $(FUZZPROCS) $(FUZZPKGS)

.PHONY: killed
killed: ## Kill the deployer before and after each of its requests (minutes)
	VIPSWAP_KILLS=all $(GO) test ./scenarios -run TestKilled -count=1 -timeout 30m

# How many scripts are played at once: programs wait for most of their time.
PARALLEL ?= 8

.PHONY: each
each: ## Let each call of the blue/green and safety suites meet each fault, or SHARE=K/N of that (most of an hour)
	$(GO) run ./cmd/vipswap test --faults each --parallel $(PARALLEL) $(if $(SHARE),--share $(SHARE)) scenarios/bluegreen scenarios/safety

.PHONY: lint
lint: ## Check format, go vet and staticcheck; silent when all is well
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	@$(GO) vet ./...
	@$(GO) tool -modfile=tools/go.mod staticcheck ./...

.PHONY: update
update: ## Rewrite golden files and generated documents
	$(GO) test $$(grep -rlE --include='*_test.go' 'flag.Bool\("update"' . | xargs -n 1 dirname | sort -u) -update

.PHONY: cover
cover: ## Show how much the tests cover
	$(GO) test -coverpkg=./... -coverprofile=coverage.out ./...
	$(GO) tool cover -func=coverage.out | tail -n 1
