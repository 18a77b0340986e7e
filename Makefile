# make demo: create the environment, install, build, validate, answer one question
# make test: install what the tests need and run them all, on all processors; PYTEST="-k words" chooses
# make test-quick: only those that need nothing but Python
# make check: style, types, layers, spelling, and whether the documentation shows what the program prints
# make web: build the SPARQL editor and the query engine of a static website into the package; needs Node, which nothing else does
# make release: every export, the ontology, questions with answers, descriptions and checksums in build/release; DATE=2025-07-11 sets the date
# make docs: compute the outputs shown in the documentation
# make bench: run all benchmarks and write the tables of benchmarks/README.md (nearly an hour, on a quiet machine)
# make docs-ontology: write a page of all terms with diagrams, build/docs/ontology.html
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# A file of tests stays with one worker, which starts its servers once.
PARALLEL = --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-quick check web docs docs-ontology format wheel release bench clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement constraints.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/tools: $(VENV)/installed
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/oewg build
	$(BIN)/oewg validate
	$(BIN)/oewg ask states-on-both-drafts --cite --format table

test: $(VENV)/tools
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST)

test-quick: $(VENV)/tools
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" $(PYTEST)

check: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/cog --check README.md CONTRIBUTING.md docs/*.md
	$(BIN)/python docs/shown.py --check

web:
	npm ci --prefix web --no-audit --no-fund --ignore-scripts
	npm run build --prefix web

docs: $(VENV)/tools
	$(BIN)/python docs/bridge.py
	$(BIN)/python docs/any_namespace.py
	$(BIN)/python docs/context.py
	$(BIN)/cog -r README.md CONTRIBUTING.md docs/*.md
	$(BIN)/python docs/shown.py

docs-ontology: $(VENV)/installed
	$(BIN)/python docs/ontology.py build/docs/ontology.html

format: $(VENV)/tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(VENV)/tools
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build

release: $(VENV)/tools
	$(BIN)/oewg release build/release $(if $(DATE),--date $(DATE))

bench: $(VENV)/tools
	$(BIN)/python benchmarks/tables.py

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache
