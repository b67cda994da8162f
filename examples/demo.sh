#!/bin/sh
# The whole path on the two shipped fields: encode, inspect, decode, compare, draw, plot.
# `make demo` runs it; results go to demo-out/. Takes a few minutes on two cores.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-demo-out}
mkdir -p "$out"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}"

step() { printf '\n$ %s\n' "$*"; "$@"; }

nerf="$here/fields/still_life.pt"
sdf="$here/fields/ornament.pt"

step nfcodec encode "$nerf" -b 4 --steps 300 -o "$out/still_life.nfc" --overwrite
step nfcodec info "$out/still_life.nfc"
step nfcodec verify "$out/still_life.nfc"
step nfcodec decode "$out/still_life.nfc" -o "$out/still_life.h5" --overwrite
step nfcodec compare "$nerf" "$out/still_life.nfc"
step nfcodec render "$nerf" -o "$out/still_life.png" --size 400x400 --overwrite
step nfcodec render "$out/still_life.nfc" -o "$out/still_life_4bit.png" --size 400x400 --overwrite
step nfcodec rd-curve "$nerf" -m vqad,kmeans -b 2,4,6,8 --steps 100 -o "$out/rd" --overwrite

step nfcodec encode "$sdf" -b 6 --steps 300 -o "$out/ornament.nfc" --overwrite
step nfcodec compare "$sdf" "$out/ornament.nfc"
step nfcodec render "$out/ornament.nfc" -o "$out/ornament_6bit.png" --size 400x400 --overwrite

printf '\nImages: %s\n' "$(cd "$out" && pwd)"
for image in still_life.png still_life_4bit.png ornament_6bit.png rd/rd.png; do
    printf '  %s\n' "$out/$image"
done
