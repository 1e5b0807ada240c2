# `make` alone lists the verbs. Everything is installed from the hashed locks into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DATA_DIR ?= var
# A start and a test run are seconds shorter with the bytecode of the last one.
unexport PYTHONDONTWRITEBYTECODE
PORT ?= 8000

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url pyproject.toml

.DEFAULT_GOAL := help

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.installed

# The official JSON Schema test suite: the source archive of the library jsonschema carries it, and the lock its hash.
SUITE := $(VENV)/json-schema-test-suite
$(SUITE): requirements-dev.lock | $(VENV)/.installed-dev
	@rm -rf $(SUITE) && mkdir -p $(SUITE)
	sed -n '/^jsonschema==/,/[^\\]$$/p' requirements-dev.lock > $(SUITE)/requirement
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes \
		-r $(SUITE)/requirement -d $(SUITE)
	tar xzf $(SUITE)/jsonschema-*.tar.gz -C $(SUITE) --wildcards --strip-components=3 '*/json/tests/draft2020-12/*.json'
	@touch $@

run: $(VENV)/.installed ## Start everything with demo data on http://127.0.0.1:$(PORT)
	DEMO=1 PORT=$(PORT) exec $(BIN)/python manage.py up

test: $(VENV)/.installed-dev $(SUITE) ## The suite on the embedded default
	env -u DATABASE_URL -u CACHE_URL -u CELERY_BROKER_URL -u DATA_DIR $(BIN)/python -m pytest -n 2 --dist worksteal

test-pg: $(VENV)/.installed-dev $(SUITE) ## What touches database or broker, on PostgreSQL and a real one (DATABASE_URL, CELERY_BROKER_URL)
	env -u CACHE_URL -u DATA_DIR $(BIN)/python -m pytest -n 2 --dist worksteal -m 'not browser and not apart'

test-browser: $(VENV)/.installed-dev ## The pages in headless Chromium (SCREENSHOTS, a folder for what it sees)
	env -u DATABASE_URL -u CACHE_URL -u CELERY_BROKER_URL -u DATA_DIR $(BIN)/python -m pytest -n 2 --maxschedchunk 1 -m browser

bench: $(VENV)/.installed-dev ## What we cost beside named baselines, on PostgreSQL, RabbitMQ and Redis (DATABASE_URL, CELERY_BROKER_URL, CACHE_URL)
	$(BIN)/python -m tests.benchmarks

faults: $(VENV)/.installed-dev ## Orders and results while parts are killed, every id reconciled (its own PostgreSQL and RabbitMQ)
	env -u DATABASE_URL -u CELERY_BROKER_URL $(BIN)/python -m tests.faults

lint: $(VENV)/.installed-dev ## Style, types, migrations, the API's description
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	set -e; for program in examples/partners/*/app.py; do MYPYPATH=examples/partners $(BIN)/mypy $$program; done
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

audit: $(VENV)/.installed-dev ## Known flaws of what is pinned; fails where nobody can be asked (OSV_URL)
	.ci/audit

lock: $(VENV)/bin/python ## Pin what pyproject.toml names, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --group examples -o requirements.lock
	$(COMPILE) --group examples --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and the data
	rm -rf $(VENV) var

.PHONY: audit bench clean faults help lock run test test-pg test-browser lint
