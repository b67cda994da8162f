#!/bin/sh
# Make .venv in the repository root and install nfcodec and its tools into it. Safe to repeat: it
# does nothing when there is nothing to do. Needs Python >= 3.10 and a network.
#
#   PYTHON=python3.12   the Python to use; by default the first suitable one on the PATH
#   TORCH=cuda          take PyTorch's default build; by default the CPU build, which on Linux is a
#                       tenth of the size. A PyTorch already in .venv is left alone.
set -eu
cd "$(dirname "$0")/.."

torch=${TORCH:-cpu}
version=2.13.0 # what the project is tested with; pyproject.toml says what it works with
cpu_index=https://download.pytorch.org/whl/cpu
say() { printf 'setup: %s\n' "$*" >&2; }

state="$torch $(cat pyproject.toml scripts/setup.sh | cksum)"
if [ "$(cat .venv/.set-up 2>/dev/null)" = "$state" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }
find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10 python}; do
        if suitable "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    say "no Python >= 3.10 found (looked for ${PYTHON:-python3 and python3.10 to 3.13})."
    say "Install one, or name it: make test PYTHON=/path/to/python"
    exit 1
}

if [ ! -e .venv ]; then
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "this Python cannot make virtual environments: its venv module is not installed."
        say "On Debian and Ubuntu: apt install python3-venv"
        exit 1
    fi
    "$python" -m venv .venv
elif ! suitable .venv/bin/python; then
    say ".venv is there but has no working Python >= 3.10, and is left as it is."
    say "Move it away or delete it, and run this again."
    exit 1
elif ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say ".venv has no pip: adding it"
    if ! .venv/bin/python -m ensurepip >/dev/null 2>&1; then
        say "its Python has no ensurepip. Install pip into .venv, or move .venv away, and run this"
        say "again."
        exit 1
    fi
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
pip() { .venv/bin/python -m pip "$@"; }
has_torch() { .venv/bin/python -c "import torch, sys; sys.exit(not ($1))" 2>/dev/null; }

if [ "$torch" = cpu ]; then
    if ! has_torch True; then
        say "installing PyTorch $version for the CPU"
        if [ "$(uname -s)" = Linux ]; then
            # Without dependencies, so that only one package is looked for on that index, and
            # with little patience, so that a network without it costs seconds.
            pip install --quiet --no-deps --retries 1 --timeout 20 \
                --extra-index-url "$cpu_index" "torch==$version+cpu" 2>/dev/null || {
                say "no CPU build to be had; taking the default build, which is large"
                pip install --quiet "torch==$version"
            }
        else
            pip install --quiet "torch==$version"
        fi
    fi
elif ! has_torch torch.version.cuda; then
    say "installing PyTorch $version with CUDA"
    pip install --quiet --force-reinstall "torch==$version"
fi

say "installing nfcodec"
pip install --quiet --editable '.[dev]'
printf '%s\n' "$state" >.venv/.set-up
say "done: .venv/bin/nfcodec"
