# Short names for the commands of every day. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run test faults lint bench cover

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the demo company on http://127.0.0.1:8080
	go run ./cmd/ruptura demo

test: ## run every test, with the race detector (installs what is missing)
	bash scripts/test.sh

faults: ## run the fault tests of several processes with all their sessions
	go test -timeout 20m -run '^Test(Worker(s|Is)|Servers|Redis|Jobs|EveryTenth|Poison|SlowViewer|PageOutlives)' ./cmd/ruptura

lint: ## check Go, shell scripts and JavaScript (installs what is missing)
	bash scripts/lint.sh

bench: ## run the benchmarks
	bash scripts/bench.sh

cover: ## run the tests and report their coverage
	bash scripts/cover.sh
