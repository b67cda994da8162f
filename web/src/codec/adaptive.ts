import type { Lattice } from "./lattice.js";
import { Mixer } from "./mixing.js";
import type { Payload } from "./payload.js";
import { Patterns } from "./patterns.js";
import { levelWeight } from "./table.js";
import { grow, type Node } from "./trees.js";

/** Larger alphabets have no mixed counts (specification, section 11). */
export const MAX_MIXED_SYMBOLS = 256;

/** A Huffman tree over symbols. */
export interface Tree {
  numSymbols: number;
  /** By inner node and bit: the symbol, or `numSymbols` and the inner node. The last is the root. */
  children: Uint16Array;
  /** The symbol of greatest weight. */
  top: number;
  /** The most decisions on the way to a symbol. */
  depth: number;
}

/** How many slots all contexts of so many symbols take. */
export function mixedSlots(numSymbols: number): number {
  return numSymbols * (6 * numSymbols + 291);
}

/** The tree of `numSymbols` symbols, by their table levels. */
export function readTree(payload: Payload, numSymbols: number, width: number): Tree {
  if (numSymbols < 2 || numSymbols > MAX_MIXED_SYMBOLS) {
    payload.reject(`mixed counts of ${numSymbols} symbols (2 to ${MAX_MIXED_SYMBOLS} are allowed)`);
  }
  const levels = payload.integers(numSymbols, width, 64, "level");
  const nodes: Node[] = [];
  let sum = 0;
  let top = 0;
  for (let node = 0; node < numSymbols; node++) {
    const weight = levelWeight(levels[node]);
    sum += weight;
    if (weight > levelWeight(levels[top])) top = node;
    if (weight > 0) nodes.push({ weight, node, depth: 0 });
  }
  if (nodes.length < 2 || sum > 2 ** 24) payload.reject("weights that make no tree of symbols");
  const children: number[] = [];
  const { depth } = grow(nodes, numSymbols, children);
  return { numSymbols, children: Uint16Array.from(children), top, depth };
}

/**
 * One symbol of `tree` for each vector of `lattice`. `voxels`: Morton codes of those between the
 * sites that are there, `null` for all.
 */
export function readMixedSymbols(
  payload: Payload,
  tree: Tree,
  lattice: Lattice,
  voxels: Uint32Array | null,
): Uint16Array {
  const { numSymbols, children, top } = tree;
  const inner = children.length / 2;
  const mixer = new Mixer(payload, mixedSlots(numSymbols), 4, inner);
  const { nz, ny, nx, sites, rows } = lattice;
  const symbols = new Uint16Array(rows);
  const wipe = wiper(lattice);

  // This plane of sites and the one below, with a border of sites without symbols.
  const width = nx + 2;
  let here = new Uint16Array((ny + 2) * width).fill(numSymbols);
  let below = here.slice();
  const patterns = new Patterns(lattice, voxels);
  // Where the slots of each input begin.
  const along = 2 * (numSymbols + 1) * numSymbols;
  const second = numSymbols;
  const third = second + along;
  const fourth = third + along;
  const fifth = fourth + along;
  const sixth = fifth + 28 * numSymbols;
  const root = numSymbols + inner - 1;

  // The first vectors of the next plane, of this one and of the one before.
  let i = 0;
  let begin = 0;
  let before = 0;
  for (let z = 0; z < nz; z++) {
    [here, below] = [below, here];
    wipe(here, numSymbols, before, begin, z - 2);
    [before, begin] = [begin, i];
    const around = patterns.next();
    const start = z * ny * nx;
    for (; i < rows; i++) {
      const inside = (sites === null ? i : sites[i]) - start;
      if (inside >= ny * nx) break;
      const y = Math.floor(inside / nx);
      const place = (y + 1) * width + inside - y * nx + 1;
      const pattern = around === null ? 255 : around[inside];
      if (around !== null) around[inside] = 0;
      const x1 = here[place - 1];
      const y1 = here[place - width];
      const z1 = below[place];
      const besideX = second + (2 * x1 + (pattern & 0xaa ? 1 : 0)) * numSymbols;
      const besideY = third + (2 * y1 + (pattern & 0xcc ? 1 : 0)) * numSymbols;
      const besideZ = fourth + (2 * z1 + (pattern & 0xf0 ? 1 : 0)) * numSymbols;
      const counts = fifth + othersBefore(here, below, place, width, top, numSymbols) * numSymbols;
      const among = sixth + pattern * numSymbols;
      const symbol = mixer.descend(
        children,
        numSymbols,
        root,
        0,
        besideX,
        besideY,
        besideZ,
        counts,
        among,
      );
      symbols[i] = symbol;
      here[place] = symbol;
    }
  }
  mixer.finish();
  return symbols;
}

/**
 * Lays a value on a plane of sites, with a border, at the vectors `from..to - 1`, which lie on plane
 * z of the lattice.
 */
export function wiper({
  ny,
  nx,
  sites,
}: Lattice): (plane: Uint16Array, value: number, from: number, to: number, z: number) => void {
  return (plane, value, from, to, z) => {
    const start = z * ny * nx;
    for (let i = from; i < to; i++) {
      const inside = (sites === null ? i : sites[i]) - start;
      const y = Math.floor(inside / nx);
      plane[(y + 1) * (nx + 2) + inside - y * nx + 1] = value;
    }
  };
}

/**
 * Seven times how many of the three sites before a site, one step along an axis, have a symbol other
 * than `top`, and how many of the six that are one step along two axes.
 *
 * @param here the plane of the site, which is at `at`, in rows of `width`; `none` where no symbol is
 * @param below the plane before it
 */
export function othersBefore(
  here: Uint16Array,
  below: Uint16Array,
  at: number,
  width: number,
  top: number,
  none: number,
): number {
  const other = (symbol: number): number => (symbol !== top && symbol !== none ? 1 : 0);
  return (
    7 * (other(here[at - 1]) + other(here[at - width]) + other(below[at])) +
    other(here[at - width - 1]) +
    other(here[at - width + 1]) +
    other(below[at - 1]) +
    other(below[at + 1]) +
    other(below[at - width]) +
    other(below[at + width])
  );
}
