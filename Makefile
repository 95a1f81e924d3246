# Two commands, each alone on a fresh clone: `make demo` and `make test`. Needs Python 3.11 or newer, with venv.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check docs lock clean

demo: .venv/demo ## crawl the bundled sample campus twice and show what changed
	@$(BIN)/campusnews demo

test: check ## format, lint, types, tests
	$(BIN)/pytest -n auto

check: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: .venv/test ## write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

lock: ## pin every dependency with its hashes, for every platform
	uv pip compile pyproject.toml --extra fast --extra build --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --upgrade --output-file requirements.txt
	uv pip compile pyproject.toml --extra fast --extra build --extra test --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements.txt \
		--output-file requirements-test.txt

.venv/demo: requirements.txt pyproject.toml
	@echo "Setting up .venv (once; about half a minute) ..."
	@test -n "$(PYTHON)" || { echo "campusnews needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/demo requirements-test.txt
	@$(PIP) install --require-hashes --requirement requirements-test.txt
	@touch $@

clean:
	rm -rf .venv campusnews-demo dist
