# Needs Python >= 3.10, make and a shell; everything else goes into .venv.
#
#   make demo              code an example field, compare it, draw it, plot its curves
#   make test              ruff, mypy and all tests
#   make demo TORCH=cuda   the same with PyTorch's CUDA build
#   make test PYTHON=python3.12 JOBS=8

PYTHON =
TORCH = cpu
JOBS = 2
BIN = .venv/bin

.PHONY: demo test lint format setup clean

demo: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(JOBS) -rs

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup:
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" sh scripts/setup.sh

clean:
	rm -rf .venv demo-out examples/out .mypy_cache .pytest_cache .ruff_cache
