# `make` lists the targets. Everything is installed into .venv, with the versions of constraints.txt.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?=
BIN := .venv/bin
READY := .venv/.installed

# The options are the user's to give: make test ARGS="-k masks -x"
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help
help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' Makefile | expand -t 16

$(READY): pyproject.toml setup.py constraints.txt
	@fits='import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'; \
	for python in $(or $(PYTHON),python3.11 python3); do \
		if "$$python" -c "$$fits" 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Python 3.11 or newer, with its venv module, is needed; looked for: $(or $(PYTHON),python3.11 python3)." \
			"Install it, or name it: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	"$$found" -m venv .venv
	@# setuptools first, so that the build uses the pinned one as well.
	$(BIN)/python -m pip install --quiet -c constraints.txt setuptools
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[dev,train,weights,dask,app,docs]'
	@# A source distribution; where there is no C++ compiler, the tests of the CRF skip.
	$(BIN)/python -m pip install --quiet -c constraints.txt pydensecrf2 || echo "Without the extra [crf]." >&2
	@touch $@

.PHONY: demo
demo: $(READY) ## Walk the whole road on a sample set in demo/: some minutes, training included
	$(BIN)/trashdata demo --out demo

CHECKS := lint types test slow wheel interop docs

.PHONY: check
check: $(CHECKS) ## All that .ci/run checks, but the faults

# For .ci/run, which takes the time of each.
.PHONY: checks
checks:
	@echo $(CHECKS)

.PHONY: lint
lint: $(READY) ## Lint, and check the format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(READY) ## Format, and mend what lint can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: types
types: $(READY) ## Check the types (mypy, strict)
	$(BIN)/mypy

.PHONY: test
test: $(READY) ## Run the tests and the doctests; make test ARGS="-k masks"
	$(BIN)/python -m pytest -n auto $(ARGS)

.PHONY: slow
slow: $(READY) ## Run the slow tests, as CI does
	$(BIN)/python -m pytest -n auto --dist loadgroup -m slow $(ARGS) tests

.PHONY: wheel
wheel: $(READY) ## Build the wheel and try it in a new environment
	rm -rf build dist trashdata.egg-info
	$(BIN)/python -m build --wheel --no-isolation >/dev/null
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; unset PYTHONPATH; \
	foreign=$$($(BIN)/python -m zipfile -l dist/*.whl | sed 1d | grep -vE '^trashdata(/|-[0-9.]+\.dist-info/)' || true); \
	if [ -n "$$foreign" ]; then echo "The wheel holds more than trashdata/: $$foreign" >&2; exit 1; fi; \
	$(BIN)/python -m venv "$$tmp/venv"; \
	"$$tmp/venv/bin/python" -m pip install --quiet -c constraints.txt dist/*.whl; \
	try() { echo "$$PWD \$$ $$*"; "$$tmp/venv/bin/$$@" >"$$tmp/log" 2>&1 || { cat "$$tmp/log" >&2; exit 1; }; }; \
	for folder in "$$PWD" "$$tmp"; do \
		cd "$$folder"; data="$$tmp/data of $${folder##*/}"; \
		try trashdata --version; \
		try trashdata --help; \
		try trashdata sample --data "$$data" --images 6 --size 64; \
		try trashdata copy-paste --data "$$data" --patch Paper --num 3; \
		try python -m trashdata --version; \
		try python -m trashdata.copy_paste --help; \
	done

INTEROP := .venv-interop

$(INTEROP)/.installed: tests/interop/requirements.txt | $(READY)
	rm -rf $(INTEROP)
	$(BIN)/python -m venv $(INTEROP)
	$(INTEROP)/bin/python -m pip install --quiet -r tests/interop/requirements.txt
	@touch $@

.PHONY: interop
interop: $(INTEROP)/.installed ## Read what trashdata writes with tools that others wrote
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	tests/interop/make_sets.sh "$$tmp/data" $(BIN)/trashdata; \
	INTEROP_SETS="$$tmp/data" $(INTEROP)/bin/python -m pytest -c tests/interop/pytest.ini \
		--rootdir tests/interop -p no:cacheprovider -W ignore -q tests/interop $(ARGS)

.PHONY: faults
faults: $(READY) ## Strike runs: kills, a full disk and others, most of an hour; ARGS="--rounds 5" for a tenth
	PYTHONPATH=tests:. $(BIN)/python -m faults $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## Fuzz the readers with atheris, a minute each; make fuzz ARGS="--seconds 900"
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet -c constraints.txt atheris
	PYTHONPATH=tests:. $(BIN)/python -m fuzz $(ARGS)

.PHONY: bench
bench: $(READY) ## Run the benchmarks; make bench ARGS="..."
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-compare
bench-compare: $(READY) ## Measure, and hold the ratios against benchmarks/baseline.json
	@test -f benchmarks/baseline.json || { echo "There is no benchmarks/baseline.json yet: make it with" \
		"make bench ARGS=\"--json benchmarks/baseline.json\" on a machine that does nothing else." >&2; exit 1; }; \
	new=$$(mktemp --suffix .json); trap 'rm -f "$$new"' EXIT; \
	$(BIN)/python -m benchmarks $(ARGS) --json "$$new"; \
	$(BIN)/python -m benchmarks.compare "$$new"

.PHONY: bench-peers
bench-peers: $(READY) ## Measure other packages beside ours, each in an environment of its own
	$(BIN)/python -m benchmarks.peers $(ARGS)

.PHONY: docs
docs: $(READY) ## Build the documentation into site/, with its generated pages
	$(BIN)/python docs/reference.py
	@# With --quiet, warnings count no more.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f .mkdocs.yml
	@echo "Open site/index.html; its search needs a server: python3 -m http.server -d site"

.PHONY: clean
clean: ## Delete all that make has made, .venv and demo/ included
	rm -rf .venv .venv-peers $(INTEROP) demo build dist site .mkdocs.yml docs/commands docs/python *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name .git -prune -o -name __pycache__ -prune -exec rm -rf {} +
