# Two commands do everything on a fresh machine: `make run` and `make test`.

# The first that really runs: a version manager may put names on the PATH that only print an error.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do $$python -c 'import venv, ensurepip' >/dev/null 2>&1 && echo $$python && break; done)
BIN := .venv/bin
DB ?= groundwire.db

.PHONY: help setup run test browser lint types rule tests clean

help:
	@echo "make run    install, prepare the model, index seeds/, open the chat"
	@echo "make test   install what tests need; lint, types, import rule, tests, documented examples"
	@echo "make setup  environment, dependencies and model; nothing else"

setup: .venv/installed
	@$(BIN)/groundwire prepare

run: setup
	@$(BIN)/groundwire add seeds --db $(DB)
	@$(BIN)/groundwire serve --db $(DB)

test: setup .venv/installed-for-tests browser lint types rule tests

# The one that tests drive: found, or installed.
browser:
	@$(BIN)/python -m tests.browser.chromium

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

rule:
	$(BIN)/lint-imports

tests:
	$(BIN)/python -m pytest

clean:
	rm -rf .venv build *.egg-info

.venv/python:
	@test -n "$(PYTHON)" || { echo "Groundwire needs Python 3.11, 3.12 or 3.13; install one first"; exit 1; }
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); sys.exit(0 if ok else "Groundwire needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is " + sys.version.split()[0] + "; name one: make PYTHON=/path/to/python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-for-tests: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@
