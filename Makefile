# `make demo` and `make test` are the only set-up: they make .venv, with hookkit installed as users have it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
# Folders too: removing a file changes only them.
SOURCES := setup.cfg pyproject.toml README.md LICENSE \
	$(shell find hookkit plugins templates ! -name '*.pyc' ! -name __pycache__)
# What is typed beside the packages that mypy finds in pyproject.toml.
TYPED_TESTS := $(wildcard tests/conftest.py tests/demo.py tests/support tests/bench)

# Much of its time a test waits: for a login, for a server that does not answer, for a worker.
AT_ONCE ?= $(shell processors=$$(nproc); echo $$((processors < 8 ? 2 * processors : 16)))

.PHONY: help venv demo test lint ruff format-check types imports chaos soak bench bench-short docs docs-write clean
.DELETE_ON_ERROR:

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

venv: $(VENV)/.hookkit ## make .venv with hookkit installed

demo: $(VENV)/.extra-testing ## three nodes, pushes to each, one of them stopped and started again
	@$(BIN)/python tests/demo.py

test: $(VENV)/.extra-test ## all tests; ARGS=... for pytest
	$(BIN)/pytest -n $(AT_ONCE) --dist worksteal $(ARGS)

lint: ruff format-check types imports ## ruff, mypy --strict, import-linter

ruff: $(VENV)/.extra-lint
	$(BIN)/ruff check .

format-check: $(VENV)/.extra-lint
	$(BIN)/ruff format --check .

types: $(VENV)/.extra-lint $(VENV)/.extra-test
	$(BIN)/mypy --strict
	MYPYPATH=tests $(BIN)/mypy --strict $(TYPED_TESTS)

imports: $(VENV)/.extra-lint
	$(BIN)/lint-imports

chaos: $(VENV)/.extra-test ## 100,000 random histories of a cluster, 200 rounds of pushes that race, 200 of everything at random
	HOOKKIT_REQUIRE_REAL=1 HOOKKIT_ROUNDS=200 $(BIN)/pytest -q --timeout=0 tests/e2e/test_cluster_faults.py \
		tests/e2e/test_cluster_chaos.py tests/e2e/test_mirror_safety.py
	HOOKKIT_HISTORIES=100000 HOOKKIT_ROUNDS=200 $(BIN)/pytest -q --timeout=0 tests/unit/cluster/test_histories.py \
		tests/unit/cluster/test_restores.py

soak: $(VENV)/.extra-test ## 500 pushes, and a look at what they leave behind
	HOOKKIT_REQUIRE_REAL=1 HOOKKIT_PUSHES=500 $(BIN)/pytest -q tests/e2e/test_mirror_soak.py

bench: $(VENV)/.extra-bench ## what a push costs, against no hook, the article's hook and others; ARGS=... for more
	PYTHONPATH=tests $(BIN)/python -P -m bench $(ARGS)

bench-short: $(VENV)/.extra-bench ## the same in well under a minute
	PYTHONPATH=tests $(BIN)/python -P -m bench --short $(ARGS)

docs: $(VENV)/.extra-docs $(VENV)/.extra-test ## docs/_build/html, and manual pages in docs/_build/man
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	PYTHONPATH=tests $(BIN)/python -P -m support.manual docs/_build/man

docs-write: $(VENV)/.extra-test ## write into README.md and docs/ what commands really print, and what the code says
	HOOKKIT_WRITE_DOCS=1 $(BIN)/pytest -q -n 2 tests/docs

clean: ## remove everything that the other targets made
	rm -rf $(VENV) docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@tests/prepare-machine $(PYTHON)
	@echo "making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) || { \
		rm -rf $(VENV); echo "error: $(PYTHON) cannot make a venv; hint: apt-get install python3-venv"; exit 1; }
	@$(PIP) 'setuptools>=77'
	@touch $@

# Built from a copy: a build in the tree would leave build/ and *.egg-info in it.
$(VENV)/.hookkit: $(VENV)/.python $(SOURCES)
	@echo "installing hookkit into $(VENV)"
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && \
		cp -R setup.cfg pyproject.toml README.md LICENSE hookkit plugins templates "$$copy" && \
		$(PIP) --no-build-isolation --force-reinstall --no-deps "$$copy" && $(PIP) hookkit
	@touch $@

$(VENV)/.extra-%: setup.cfg | $(VENV)/.hookkit
	@echo "installing what $* needs into $(VENV)"
	@$(PIP) 'hookkit[$*]'
	@touch $@
