# Panjereh. `make help` tells what there is; `make up` is where to begin.
.DEFAULT_GOAL := help
.PHONY: help up demo down status reset test lint trace lock install install-dev

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PORT ?=
PEOPLE ?=
BIN := .venv/bin

export PANJEREH_PORT := $(if $(PORT),$(PORT),$(PANJEREH_PORT))
export PANJEREH_PEOPLE := $(if $(PEOPLE),$(PEOPLE),$(PANJEREH_PEOPLE))
# An empty variable would be taken for a choice.
ifeq ($(PANJEREH_PORT),)
unexport PANJEREH_PORT
endif
ifeq ($(PANJEREH_PEOPLE),)
unexport PANJEREH_PEOPLE
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo "  PORT=9100 and PEOPLE=50000 may follow 'make up'."

up: install ## install what is missing, start everything, print where to look
	@$(BIN)/panjereh up

demo: install ## a birth certificate through all five floors, hop by hop
	@$(BIN)/panjereh demo

down: ## stop everything
	@$(BIN)/panjereh down

status: ## what runs, where, how healthy
	@$(BIN)/panjereh status

reset: ## delete all data, keys and logs of this checkout
	@$(BIN)/panjereh reset

test: install-dev ## lint, types, floor contracts, every suite
	@$(BIN)/python tests/run.py

lint: install-dev ## format, lint, types, floor contracts, translations
	@$(BIN)/python tests/run.py --lint-only

trace: install-dev ## write docs/requirements.md: each row with the tests that prove it
	@$(BIN)/python tests/trace_rows.py

lock: ## pin every package again (needs uv)
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 --extra embedded pyproject.toml tools/build.in -o requirements.lock
	uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 --extra embedded --extra dev -c requirements.lock \
	  pyproject.toml tools/build.in -o requirements-dev.lock

install:
	@$(PYTHON) tools/install.py

install-dev:
	@$(PYTHON) tools/install.py --dev
