# Kefu's commands. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export RASA_TELEMETRY_ENABLED := false
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1

STAMPS := .stamps
STEP := scripts/step
UV = $(shell cat $(STAMPS)/uv)
PY := .venv/bin/python
ENGINE_PY := engine/.venv/bin/python
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

.PHONY: help up install web test test-python test-light test-dialogues test-browser test-engine-and-web test-engine test-web check lint format types \
	lint-python lint-web types-python types-engine types-web bench chaos load nlu-eval rasa train clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

up: install web ## Install what is missing and start Kefu in the foreground
	@case "$$KEFU_SHOP_URL" in http*) demo=0;; *) demo=1;; esac; \
	KEFU_DEMO=$${KEFU_DEMO:-$$demo} exec $(PY) -m kefu up

install: $(STAMPS)/root-env $(STAMPS)/engine-env ## Install both locked Python environments
web: $(STAMPS)/web ## Build the pages

test: install web check test-python test-light test-browser ## Everything that must hold before a change lands

# Side by side: each of them keeps one core busy.
check: install $(STAMPS)/web-packages
	@$(MAKE) -j2 --output-sync=target lint types

lint: lint-python lint-web ## ruff and eslint

types: types-python types-engine types-web ## pyright and vue-tsc

lint-python: install
	@$(STEP) "Linting Python (ruff)" $(PY) -m ruff check .
	@$(STEP) "Checking the Python format (ruff)" $(PY) -m ruff format --check .

lint-web: $(STAMPS)/web-packages
	@$(STEP) "Linting the pages (eslint)" npm --prefix web run --silent lint

types-python: install
	@$(STEP) "Checking types (pyright)" $(PY) -m pyright

types-engine: install
	@$(STEP) "Checking the engine's types (pyright)" engine/.venv/bin/pyright --project engine

types-web: $(STAMPS)/web-packages
	@$(STEP) "Checking the pages' types (vue-tsc)" npm --prefix web run --silent types

# In the order of the files: the long ones of tests/e2e begin first, so that nobody waits for one at the end.
test-python: install web train ## Tests of desk, actions, shop and the whole (pytest)
	@$(PY) -m pytest tests --ignore tests/browser --ignore tests/dialogues -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

# Side by side: each of them leaves a core to others.
test-light: install web train
	@$(MAKE) -j2 --output-sync=target test-dialogues test-engine-and-web

test-engine-and-web: test-engine test-web

# In one process: the conversations share a running Kefu and are held side by side anyway.
test-dialogues: install web train ## Whole conversations through the public API (pytest)
	@$(PY) -m pytest tests/dialogues $(ARGS)

# Apart from the others: Playwright holds an event loop of its own in the test process.
test-browser: install web train ## Tests of the pages in a real browser (pytest)
	@$(PY) -m pytest tests/browser -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

test-engine: install ## Tests of the engine (pytest, in the engine's environment)
	@cd engine && .venv/bin/python -m pytest $(ARGS)

test-web: $(STAMPS)/web-packages ## Tests of the pages (vitest)
	@npm --prefix web run --silent test

format: install ## Format the Python code
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

train: install ## Train a model if its inputs changed
	@$(PY) -m kefu train

bench: install web ## Measure speed and memory beside stock Rasa (long)
	@$(PY) -m benchmarks $(ARGS)

chaos: install web train ## Kill and cut hundreds of times under load; nothing may be lost (long)
	@$(PY) -m benchmarks.chaos $(ARGS)

load: install web train ## Measure messages a second, overload and idle sockets
	@$(PY) -m benchmarks.load $(ARGS)

nlu-eval: install ## Judge the model on a file: make nlu-eval FILE=rows.tsv ARGS=--json
	@test -n "$(FILE)" || { echo "Name the file: make nlu-eval FILE=rows.tsv" >&2; exit 2; }
	@$(PY) -m kefu nlu evaluate "$(FILE)" $(ARGS)

rasa: install ## Run a Rasa command on the project: make rasa ARGS="data validate"
	@KEFU_DEMO=$${KEFU_DEMO:-1} $(PY) -m kefu rasa $(ARGS)

clean: ## Remove environments and builds; models and data stay
	rm -rf .venv engine/.venv web/node_modules web/dist $(STAMPS) .tools

$(STAMPS)/uv: scripts/find-python
	@mkdir -p $(STAMPS)
	@python=$$(scripts/find-python) || exit 1; \
	if command -v uv >/dev/null; then command -v uv >$@; else \
	$(STEP) "Installing uv into .tools" sh -c "$$python -m venv .tools/uv && .tools/uv/bin/pip install --quiet uv==0.13.9" && \
	echo "$(CURDIR)/.tools/uv/bin/uv" >$@; fi

$(STAMPS)/root-env: pyproject.toml uv.lock $(STAMPS)/uv
	@$(STEP) "Installing the desk's environment" $(UV) sync --frozen --compile-bytecode --python "$$(scripts/find-python)"
	@touch $@

$(STAMPS)/engine-env: engine/pyproject.toml engine/uv.lock $(STAMPS)/uv
	@$(STEP) "Installing the engine's environment" $(UV) sync --frozen --compile-bytecode --project engine --python "$$(scripts/find-python)"
	@touch $@

$(STAMPS)/web-packages: web/package.json web/package-lock.json
	@mkdir -p $(STAMPS)
	@scripts/check-node
	@$(STEP) "Installing the pages' packages" npm --prefix web ci --no-audit --no-fund --ignore-scripts
	@touch $@

$(STAMPS)/web: $(STAMPS)/web-packages $(WEB_SOURCES)
	@$(STEP) "Building the pages" npm --prefix web run --silent build
	@touch $@
