# Two commands do everything on a machine with Python 3.11 and make:  make demo  and  make test.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.bench-ready

.PHONY: demo test lint docs gallery bench fuzz clean

demo: $(READY)
	$(BIN)/letf run runs/examples/rsi_timing.toml

test: $(READY)
	$(BIN)/python -m pytest -n auto --nbmake tests docs/notebooks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The pages as a site, with a search and the API; a link or an anchor that leads nowhere is an error.
docs: gallery
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --config-file docs/site/mkdocs.yml
	@echo "the docs: $(CURDIR)/build/docs/index.html"

# The reports that the docs show; what nothing has changed for is not made again.
gallery: $(READY)
	$(BIN)/python -m docs.site.gallery

# make fuzz SECONDS=1800, with a fresh seed or SEED=17
SECONDS ?= 300
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bench: $(PEERS)
	$(BIN)/python -m benchmarks

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(PEERS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	touch $@

clean:
	rm -rf .venv build *.egg-info runs/output engine/kernel/__pycache__
