# Small chores with names. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ENGINES_STAMP := $(VENV)-engines/.installed
BENCH_STAMP := $(if $(findstring --engines,$(BENCH)),$(ENGINES_STAMP),$(STAMP))
# Tests write thousands of small files: into memory, where there is a gigabyte for them.
FREE := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }')
SCRATCH := $(shell [ -w /dev/shm ] && [ "$(FREE)" -gt 1048576 ] && echo TMPDIR=/dev/shm)
# Every process that runs tests reads what pytest makes of their modules, if it may be kept.
COMPILED := PYTHONDONTWRITEBYTECODE=
PYTEST := $(SCRATCH) $(COMPILED) $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: demo test lint types compiled pythons fuzz bench readback engines search-score docs guide site browser audit release clean

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	@.ci/venv $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	  --editable '.[dev]'
	@# Where the environment says not to write bytecode, every start would compile the sources.
	$(BIN)/python -m compileall -q tdr
	@touch $@

# What tdr is compared with, half a gigabyte: nobody else needs it.
$(ENGINES_STAMP): pyproject.toml constraints.txt
	.ci/venv $(PYTHON) $(VENV)-engines
	$(VENV)-engines/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable '.[dev]' polars pyspark
	@touch $@

demo: $(STAMP)  ## the main job: a filtered table, a card, JSON through a pipe
	$(BIN)/tdr list --cell TAM --cancer "lung cancer" -o table
	$(BIN)/tdr show tgt-003 -o table
	$(BIN)/tdr list --cell CAF --therapy radio -o jsonl | head -n 1

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

compiled: $(STAMP)
	@$(COMPILED) $(BIN)/python -m pytest -n 0 --collect-only -q >/dev/null || true  # the tests say why

test: $(STAMP)  ## lint, types and the whole test suite
	@# mypy takes one processor: another one compiles the tests meanwhile.
	@$(MAKE) --no-print-directory --jobs 2 lint types compiled
	$(PYTEST)

pythons: $(STAMP)  ## the wheel, and the fast tests, on every CPython from 3.11 to 3.14 that is here
	$(SCRATCH) .ci/pythons

fuzz: $(STAMP)  ## the property tests alone, with fifty times the examples of `make test`
	$(PYTEST) -m hypothesis --hypothesis-profile thorough

bench: $(BENCH_STAMP)  ## how long commands take, as ratios; BENCH=--large adds a million claims, --engines compares
	@# What `check` is measured beside.
	$(if $(findstring --large,$(BENCH)),$(<D)/bin/python -m pip install --quiet --disable-pip-version-check yamllint)
	$(<D)/bin/python -P -m tests.bench $(BENCH)

readback: $(STAMP)  ## other programs read what we export; writes docs/readback.md
	$(BIN)/python -P -m tests.readback
	$(BIN)/python -P -m tests.readback_exports

engines: $(ENGINES_STAMP)  ## PostgreSQL and Spark answer what tdr answers; ENGINES="--claims 0" for less
	$(<D)/bin/python -P -m tests.engines $(ENGINES)

search-score: $(STAMP)  ## how well the search answers; QUERIES="a.jsonl b.jsonl" for other files
	$(BIN)/python -P -m tests.score_search $(QUERIES)

docs: $(STAMP)  ## regenerate the pages that tests compare
	$(BIN)/python docs/generate.py

guide:  ## the blocks of the guide that need pandas, polars and Snakemake, too, and R where it is here
	.ci/venv $(PYTHON) $(VENV)-guide
	$(VENV)-guide/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' \
	  pandas polars snakemake
	$(SCRATCH) $(VENV)-guide/bin/python -m pytest -n 0 -rs tests/test_guide.py

site:  ## the guide as a web site in docs/_site; a warning or a link to nowhere is an error
	.ci/venv $(PYTHON) $(VENV)-site
	$(VENV)-site/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[site]'
	$(VENV)-site/bin/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_site
	@echo "open docs/_site/index.html"

browser:  ## a Chromium for the tests of the HTML page, where Debian's packages can be installed
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then \
	  chromium --version; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium chromium-driver; \
	else \
	  echo "no chromium and chromedriver, and no right to install them: the browser tests skip"; \
	fi

axe:  ## the rules of accessibility by which the tests look at the HTML page, from npm
	npm install --no-save --no-package-lock --no-audit --no-fund --silent axe-core@4

audit: $(STAMP)  ## known vulnerabilities among the pinned versions; offline: ADVISORIES=all.zip of osv.dev
ifdef ADVISORIES
	$(BIN)/python .ci/audit.py $(ADVISORIES)
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7,<3'
	$(BIN)/pip-audit --requirement constraints.txt --disable-pip --no-deps --strict
endif

release:  ## the wheel and the sdist, made twice and compared, and an SBOM, into dist/
	PYTHON=$(PYTHON) .ci/release

clean:
	rm -rf $(VENV) $(VENV)-site $(VENV)-guide $(VENV)-engines docs/_site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
