# Every target sets up what it needs; `make help` is made from the ## comments.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINISTACK := .venv-ministack
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
SOURCES := $(shell find banner/src banner/texts banner/build.mjs -type f)

.PHONY: help run test prove lint types imports unit engine browser banner bundle openapi format clean chromium

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | while IFS=$$'\t' read -r target text; do printf '  make %-10s %s\n' "$$target" "$$text"; done

run: $(VENV)/.ready banner/dist/manifest.json ## Start everything on this machine: API, CDN, demo shop, mails
	@$(BIN)/python -m infra.local $(ARGS)

test: SHELL_STARTED := $(shell date +%s)
test: lint types imports banner unit engine browser ## Run what every change needs (ten minutes at the most)
	@echo "make test: $$(( $$(date +%s) - $(SHELL_STARTED) )) s in all"

prove: $(VENV)/.ready $(MINISTACK)/.ready banner/dist/manifest.json ## Run what takes longer: long profiles, further engines, deployment
	$(BIN)/pytest -m prove

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready node_modules/.ready
	$(BIN)/mypy
	npm run --silent types

imports: $(VENV)/.ready
	$(BIN)/lint-imports

banner: banner/dist/manifest.json ## Build gate and window, and test their parts
	npm test --silent

unit: $(VENV)/.ready banner/dist/manifest.json
	$(BIN)/pytest -m 'not browser and not engine and not prove'

engine: $(VENV)/.ready $(MINISTACK)/.ready banner/dist/manifest.json
	$(BIN)/pytest -m 'engine and not prove'

browser: $(VENV)/.ready banner/dist/manifest.json chromium
	$(BIN)/pytest -m 'browser and not prove'

bundle: $(VENV)/.ready banner/dist/manifest.json ## Package what is deployed into build/
	$(BIN)/python -m infra.package --out build

openapi: $(VENV)/.ready ## Write docs/reference/openapi.json anew
	$(BIN)/python -m infra.openapi

format: $(VENV)/.ready ## Lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove everything that was made, the local stack's data included
	rm -rf $(VENV) $(MINISTACK) node_modules banner/dist build .local .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/.ready: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12"; exit 1; }
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(MINISTACK)/.ready: requirements-engine.txt
	test -d $(MINISTACK) || $(PYTHON) -m venv $(MINISTACK)
	$(MINISTACK)/bin/pip install --quiet --disable-pip-version-check --requirement requirements-engine.txt
	touch $@

node_modules/.ready: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed."; exit 1; }
	npm ci --silent
	touch $@

banner/dist/manifest.json: $(SOURCES) node_modules/.ready
	npm run --silent build

chromium:
ifeq ($(CHROMIUM),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: install the package 'chromium' (Debian, Ubuntu: sudo apt-get install chromium), or put chromium on the path."; exit 1; \
	fi
endif
