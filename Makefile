# Every target makes what it needs, the virtual environment first. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
GO ?= go
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := requirements.lock
DEMO := reports/demo
PROGRAMS := $(abspath $(VENV))
CLUSTERS ?= tiny-11 small-12 medium-14
DIRECTORIES ?= reports/sample/policies $(wildcard tests/dialect/golden/*)

# A conformance program in Go, built into the virtual environment.
define build
	@command -v $(GO) > /dev/null || { echo "Go is needed: make GO=/path/to/go $@"; exit 2; }
	$(GO) build -C tests/conformance/$(1) -p 1 -o "$(PROGRAMS)/$(1)" .
endef

.DEFAULT_GOAL := help
.PHONY: help demo site sample sample-check test test-spark test-kills lint format bench bench-engines bench-report bench-quality bench-calibration conformance conformance-live validate-manifests docs screenshots lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  %-16s %s\n", $$1, $$2}'

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.created pyproject.toml $(LOCK)
	$(PIP) install -c $(LOCK) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(PIP) install -c $(LOCK) -e '.[test]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	$(PIP) install -c $(LOCK) -e '.[test,dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) install -c $(LOCK) -e '.[test,bench]'
	@touch $@

$(VENV)/.docs: $(VENV)/.runtime
	$(PIP) install -c $(LOCK) -e '.[docs]'
	@touch $@

demo: $(VENV)/.runtime  ## Run the main job on the shipped capture; writes reports/demo
	$(BIN)/netpol-recommend data/demo/*.log.gz --inventory data/demo/inventory.json -o $(DEMO)
	@echo "Open $(DEMO)/report.html"

sample: $(VENV)/.runtime  ## Refresh the committed sample report, its manifests and the README's excerpt
	$(BIN)/netpol-recommend data/demo/*.log.gz --inventory data/demo/inventory.json -o reports/sample --quiet > /dev/null
	$(BIN)/python -m tests.readme_excerpt

sample-check: sample  ## Fail if the committed sample is stale
	@git diff --exit-code --stat -- reports/sample README.md && test -z "$$(git status --porcelain -- reports/sample)" \
		|| { echo "reports/sample or the README's excerpt is stale: run make sample and commit it"; exit 1; }

test: $(VENV)/.test  ## Run the tests
	$(BIN)/python -m pytest -n auto

$(VENV)/.spark: $(VENV)/.test
	$(PIP) install -c $(LOCK) -e '.[test,spark]'
	@touch $@

test-spark: $(VENV)/.spark  ## Compare Spark with DuckDB (needs Java 17; installs PySpark, 430 MB)
	$(BIN)/python -m pytest tests/spark

test-kills: $(VENV)/.test  ## Kill ingests at a hundred random moments and compare what they give in the end
	NETPOL_KILLS=100 $(BIN)/python -m pytest tests/pipeline/test_ingest_goes_on.py

lint: $(VENV)/.dev  ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.bench  ## Measure ingest, the main job and the evaluator on generated inputs
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.large
	$(BIN)/python -m benchmarks.verdicts

bench-engines: $(VENV)/.spark  ## Measure the main job by DuckDB and by Spark on the same rows (needs Java 17)
	$(BIN)/python -m benchmarks.engines

bench-report: $(VENV)/.test  ## Measure the report's page: size, time to write, time to first view
	$(BIN)/python -m benchmarks.report_page

bench-quality: $(VENV)/.test  ## Judge the policies by simulated clusters whose needs are known: make bench-quality [ARGS="--only tiny-11"]
	$(BIN)/python -m benchmarks.quality $(ARGS)

conformance: $(VENV)/.test  ## Compare the evaluator with recorded answers: make conformance SCENARIOS="FILE…"
	@test -n "$(SCENARIOS)" || { echo 'give SCENARIOS="FILE…"'; exit 2; }
	$(BIN)/python -m tests.conformance $(SCENARIOS)

conformance-live: $(VENV)/.test  ## Compare the evaluator with Cilium's engine and Calico's selector parser on new random questions (needs Go): make conformance-live [SEED=n] [COUNT=n]
	$(call build,calico-selector)
	$(BIN)/python -m tests.conformance.calico_selectors --parser "$(PROGRAMS)/calico-selector" $(if $(SEED),--seed $(SEED))
	$(call build,cilium-engine)
	$(BIN)/python -m tests.conformance.live --engine "$(PROGRAMS)/cilium-engine" $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

validate-manifests: $(VENV)/.test  ## Validate what we write by the real schemas and Cilium's own parser (needs Go): make validate-manifests [CLUSTERS="tiny-11 …"] [DIRECTORIES="…"]
	$(call build,manifest-schemas)
	$(call build,cilium-engine)
	$(BIN)/python -m tests.conformance.manifests --go "$(GO)" --schemas "$(PROGRAMS)/manifest-schemas" --engine "$(PROGRAMS)/cilium-engine" \
		--directories $(DIRECTORIES) --clusters $(CLUSTERS)

screenshots: $(VENV)/.runtime  ## Redraw the picture in the README from the sample report (needs chromium)
	sh docs/images/screenshot.sh reports/sample/report.html docs/images/report.png

docs: $(VENV)/.runtime  ## Renew the generated pages: commands, flow schema, tables of findings
	$(BIN)/python -m recommender.cli.document > docs/cli.md
	$(BIN)/python -m recommender.store.schema_document > docs/flow-schema.md
	$(BIN)/python -m recommender.cli.findings_document docs/findings/README.md

site: $(VENV)/.docs  ## Build the documentation's site into build/site; any problem fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open build/site/index.html; with its search: $(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site"

lock: $(VENV)/.dev  ## Renew the versions that CI installs
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --extra remote --extra test --extra dev --extra docs --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --no-header --no-annotate --output-file $(LOCK) pyproject.toml

clean:  ## Remove the virtual environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build/site reports/demo
