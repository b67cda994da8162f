#!/bin/sh
# Everything this project wants to know of a CUDA card, in about ten minutes:
#
#   sh benchmarks/gpu_day.sh lego_400/            # NeRF-Synthetic lego at 400 x 400
#   sh benchmarks/gpu_day.sh --small              # minutes on a CPU: that the script itself works
#
# Makes a virtual environment that sees the machine's own PyTorch, installs what is missing, runs
# the tests on the card, trains and codes the field, draws it by CUDA and by wgpu, and writes
# benchmarks/results/gpu_day.json after each part, with the card's name: what was done by then is
# there even if the machine goes away.
#
#   PYTHON=python3.12   the Python to use
#   WHEELS=folder       wheels to install from, where there is no network
#   ENVIRONMENT=folder  the virtual environment (default: .venv-gpu)
#   OUT=folder          copy the results there as well
set -eu
cd "$(dirname "$0")/.."

environment=${ENVIRONMENT:-.venv-gpu}
python=$environment/bin/python
if [ ! -x "$python" ]; then
    "${PYTHON:-python3}" -m venv --system-site-packages "$environment"
fi
install() {
    "$python" -m pip install --quiet --disable-pip-version-check \
        ${WHEELS:+--no-index --find-links "$WHEELS"} "$@"
}
# The build tools first: without isolation, so that a machine without a network can build as well.
{ install hatchling editables pytest pytest-xdist hypothesis &&
    install --no-build-isolation --editable '.[gpu]'; } ||
    echo "gpu_day: not everything could be installed; what needs it is left out" >&2

PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" "$python" benchmarks/gpu_day.py "$@"
[ -z "${OUT:-}" ] || cp benchmarks/results/gpu_day*.json "$OUT"/
