#!/bin/sh
# Build the wheels, the source distribution and the npm tarball, install each in an empty environment
# outside the checkout, and use it. CI runs this; a release publishes what it leaves behind.
#
#   sh scripts/smoke.sh [FOLDER]    keep what was built in FOLDER
#   PYTHON=python3.13               the Python of the empty environments
#
# Needs .venv (make setup), a network for the packages of the light install and, for the tarball,
# Node 20 or newer: without npm that part is left out, unless NFCODEC_REQUIRE_GPU_TESTS is set.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    keep=$(cd "$1" && pwd)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf 'smoke: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
export PIP_DISABLE_PIP_VERSION_CHECK=1

say "building the wheels and the source distribution"
# The wheel is made from the source distribution: both hold what they need.
"$root/.venv/bin/python" -m build --outdir "$work/dist" "$root" >"$work/log" 2>&1 || {
    tail -20 "$work/log" >&2
    fail "the build failed"
}
"$root/.venv/bin/python" -m build --wheel --outdir "$work/dist" "$root/packaging/nfcodec" >>"$work/log" 2>&1 || {
    tail -20 "$work/log" >&2
    fail "the build of the full distribution failed"
}

say "installing the light wheel"
"${PYTHON:-$root/.venv/bin/python}" -m venv "$work/light"
"$work/light/bin/python" -m pip install --quiet "$work"/dist/nfcodec_core-*.whl
cd "$work"
nfcodec=$work/light/bin/nfcodec
file=$(find "$root/formats/vectors/v1" -name 'octree_*.nfc' | sort | head -n 1)
"$nfcodec" --version
"$nfcodec" info --json "$file" >info.json
"$nfcodec" verify "$file"
"$nfcodec" decode "$file" -o field.npz
"$nfcodec" view "$file" --export site
test -s site/index.html || fail "the wheel lacks the viewer's page"
"$work/light/bin/python" - "$file" <<'PYTHON'
import sys

import nfcodec
import numpy as np

coded = nfcodec.open(sys.argv[1])
with np.load("field.npz") as arrays:
    features = arrays["grids/0/levels/0/features"]
np.testing.assert_array_equal(features, coded.levels[0].code.decode_rows())
for name in ("torch", "sklearn", "skimage", "trimesh", "matplotlib", "scipy", "h5py"):
    assert name not in sys.modules, name
PYTHON
if "$nfcodec" decode "$file" -o field.pt 2>message; then fail "a .pt was written without PyTorch"; fi
grep -q "pip install 'nfcodec-core\[learn\]'" message || fail "no word on what to install: $(cat message)"
say "the light install takes $(du -sm "$work/light" | cut -f1) MB"

say "the full distribution's requirements"
# Resolved without downloading: that nfcodec-core of this version, with its extras, satisfies it.
"$work/light/bin/python" -m pip install --quiet --no-deps --no-index "$work"/dist/nfcodec-[0-9]*.whl
"$work/light/bin/python" - <<'PYTHON'
from importlib.metadata import requires, version

(needed,) = (line for line in requires("nfcodec") if "extra ==" not in line)
assert needed == f"nfcodec-core[encode]=={version('nfcodec-core')}", needed
PYTHON

if command -v npm >/dev/null; then
    say "building and installing the npm tarball"
    (cd "$root/web" && npm pack --silent --pack-destination "$work/dist" >/dev/null)
    mkdir "$work/page" && cd "$work/page"
    printf '{"name": "smoke", "private": true, "type": "module"}\n' >package.json
    npm install --silent --no-audit --no-fund "$work"/dist/nfcodec-*.tgz
    cat >smoke.js <<'JS'
import { readFileSync } from "node:fs";
import { decode } from "nfcodec";

const field = decode(readFileSync(process.argv[2]));
if (field.lodsDecoded !== field.lods) throw new Error("levels of detail are missing");
await import("nfcodec/renderer");
JS
    node smoke.js "$file"
elif [ -n "${NFCODEC_REQUIRE_GPU_TESTS:-}" ]; then
    fail "npm is needed for the tarball"
else
    say "no npm: the tarball is left out"
fi

if [ -n "${keep:-}" ]; then cp "$work"/dist/* "$keep"; fi
say "all well"
