# Needs Python >= 3.10, make and a shell; everything else goes into .venv.
#
#   make quick             linters, types and the fast tests: before each commit
#   make demo              code an example field, compare it, draw it, plot its curves
#   make test              ruff, mypy and all tests
#   make docs              the documentation as a site, in site/; broken links are errors
#   make web               lint, type-check and test the TypeScript package; needs Node >= 20
#   make smoke             build what a release publishes, install it and use it
#   make demo TORCH=cuda   the same with PyTorch's CUDA build
#   make test PYTHON=python3.12 JOBS=8

PYTHON =
TORCH = cpu
JOBS = 2
BIN = .venv/bin
PYTEST = OMP_NUM_THREADS=1 $(BIN)/pytest -n $(JOBS)

.PHONY: quick demo test lint format docs web smoke setup clean

quick: lint
	$(PYTEST) -m "not slow and not browser and not gpu"

demo: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: lint
	$(PYTEST) -rs

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup
	$(BIN)/python scripts/docs.py

web/node_modules: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund
	@touch $@

web: web/node_modules
	cd web && npm run lint && npm run check && npm test

smoke: setup
	sh scripts/smoke.sh

setup:
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" sh scripts/setup.sh

clean:
	rm -rf .venv demo-out examples/out site .mypy_cache .pytest_cache .ruff_cache
