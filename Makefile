# followthrough: everything a developer needs, each with one word. `make help` lists them.
#
# PYTHON is the interpreter (3.11 or newer) that the virtual environment is made of, VENV its
# folder, JOBS how many tests run at the same time, TRACKER what the demo plays, ARGS goes to the
# program behind a target.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
ARGS ?=
TRACKER ?= github
KILLS ?= 100
SEEDS ?= 20000
# Every branch of these is run by tests of their own: what decides, what remembers, what merges.
PROVED := sync/decide/*,sync/store/journal.py,mappings/mirror.py,mappings/text.py
PROVING := $(addprefix tests/,sync/decide sync/store/test_journal.py mappings/test_mirror.py \
	mappings/test_text.py)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --require-hashes
# uv only writes the lock files; it has an environment of its own.
UV := .cache/lock/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help venv parts lint format test demo docs postmortems sim coverage fuzz crash bench record \
	lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "%-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(VENV)/.ready-dev  ## make the virtual environment, exactly as the lock files say

# What runs: the locked libraries, then the project itself, editable, built by the locked builder.
$(VENV)/.ready: requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is not. Try: make PYTHON=python3.13" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments." >&2; \
	  echo "On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) (the first time takes about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) -r requirements.lock -r requirements-build.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What tests and checks.
$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

parts:  ## install system parts that tests use (root on Debian; elsewhere those tests skip)
	@.ci/parts

lint: $(VENV)/.ready-dev  ## style, types, Dockerfile, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/python docs/generate.py --check

format: $(VENV)/.ready-dev  ## put the code into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(VENV)/.ready-dev parts  ## all tests; ARGS="-k word" for some
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

demo: $(VENV)/.ready  ## watch an incident followed through here; TRACKER=gitlab or jira
	@$(BIN)/followthrough demo --tracker $(TRACKER) $(ARGS)

docs: $(VENV)/.ready-dev  ## write the pages that come from the code
	$(BIN)/python docs/generate.py

postmortems: $(VENV)/.ready-dev  ## how well postmortems are read; ARGS=--errors
	@$(BIN)/python -m tests.mappings.postmortem.measure $(ARGS)

sim: $(VENV)/.ready-dev  ## the engine under simulation; SEEDS=20000, ARGS="--seed 4711" for one
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

coverage: $(VENV)/.ready-dev  ## every branch that decides, remembers and merges is tested
	$(BIN)/coverage run -m pytest -q -p no:xdist $(PROVING) $(ARGS)
	$(BIN)/coverage report --include="$(PROVED)" --fail-under=100

fuzz: $(VENV)/.ready-dev  ## thousands of odd texts for every parser and writer
	$(BIN)/python -m pytest -n $(JOBS) --hypothesis-profile fuzz tests/mappings $(ARGS)

crash: $(VENV)/.ready-dev  ## the real program, killed again and again; KILLS=1000
	$(BIN)/python tests/crash/run.py --kills $(KILLS) $(ARGS)

bench: $(VENV)/.ready-dev  ## what a cycle costs; ARGS=--write keeps the figures
	$(BIN)/python -m bench $(ARGS)

record: $(VENV)/.ready-dev  ## make the recorded exchanges anew; ARGS="name …" for some
	$(BIN)/python tests/cassettes/record.py $(ARGS)

lock:  ## pin every dependency anew; ARGS=--upgrade takes the newest
	@test -x $(UV) || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/python -m pip \
	  --disable-pip-version-check install --quiet uv; }
	$(COMPILE) --extra postgresql pyproject.toml -o requirements.lock
	$(COMPILE) --group build -c requirements.lock -o requirements-build.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove everything that was made here, the virtual environment too
	rm -rf $(VENV) .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
