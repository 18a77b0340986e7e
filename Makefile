# make demo: environment, install, build, validate, answer the flagship question
# make test: install what tests need and run them all
# make check: style, types, layers, spelling, and that the documentation shows what the program prints
# make docs: compute what the documentation shows
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test check docs format wheel bench clean

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/tools: $(VENV)/installed
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/oewg build
	$(BIN)/oewg validate
	$(BIN)/oewg ask states-on-both-drafts --cite --format table

test: $(VENV)/tools
	$(BIN)/python -m pytest $(PYTEST)

check: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/cog --check README.md

docs: $(VENV)/tools
	$(BIN)/cog -r README.md

format: $(VENV)/tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(VENV)/tools
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build

bench: $(VENV)/tools
	for timed in benchmarks/bench_*.py; do $(BIN)/python $$timed || exit 1; done

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache
