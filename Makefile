# `make run` starts Firstline from a fresh clone; `make test` checks everything. The work is done in scripts/.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build web libtorch model test floors env
export LEXICAL

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build what changed and start on http://127.0.0.1:8080 (ARGS="--config FILE", LEXICAL=1: without encoder)
	@. scripts/common.sh && exec "$$CARGO_TARGET_DIR/release/firstline" serve $(ARGS)

build: ## the release binary, with all that it needs
	@scripts/build.sh

web: ## the widget and the console, into web/dist
	@scripts/web.sh

libtorch: ## fetch libtorch into the cache
	@scripts/fetch_libtorch.py

model: ## fetch another encoder: make model NAME=all-MiniLM-L6-v2
	@scripts/fetch_model.py $(NAME)

test: ## everything that continuous integration checks (STEPS="fmt clippy": only these)
	@scripts/test.sh $(STEPS)

floors: ## the quality floors alone
	@scripts/test.sh web build floors

env: ## for plain cargo: eval "$(make --silent env)"
	@. scripts/common.sh && scripts/fetch_libtorch.py >&2 && sed -n 's/^LIBTORCH/export LIBTORCH/p' "$$FIRSTLINE_CACHE/libtorch.env" && echo "export CARGO_TARGET_DIR='$$CARGO_TARGET_DIR'"
