import type { Coarser } from "./contexts.js";
import type { Lattice } from "./lattice.js";

/**
 * The vectors of a lattice by the eight passes of the specification, section 8. The pass of a site
 * has bit 0 set if its x is odd, bit 1 for y, bit 2 for z.
 */
export interface Passes {
  /** The vectors of a pass, in the order of their sites. */
  members(pass: number): Uint32Array;
  /** Their sites. */
  sites(pass: number): Uint32Array;
  /** What one step along x, y, z adds to a site. */
  strides: [number, number, number];
}

export function orderByPass(lattice: Lattice): Passes {
  const { nx, ny, rows, sites } = lattice;
  const passOf = new Uint8Array(rows);
  const counts = new Uint32Array(9);
  walk(lattice, (row, z, y, from, to) => {
    const high = ((z & 1) << 2) | ((y & 1) << 1);
    const start = row * nx;
    for (let i = from; i < to; i++) {
      const x = (sites === null ? i : sites[i]) - start;
      const pass = high | (x & 1);
      passOf[i] = pass;
      counts[pass + 1]++;
    }
  });
  for (let p = 0; p < 8; p++) counts[p + 1] += counts[p];
  const next = counts.slice();
  const members = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) members[next[passOf[i]]++] = i;
  const ordered = sites === null ? members : new Uint32Array(rows);
  if (sites !== null) for (let i = 0; i < rows; i++) ordered[i] = sites[members[i]];
  return {
    members: (pass) => members.subarray(counts[pass], counts[pass + 1]),
    sites: (pass) => ordered.subarray(counts[pass], counts[pass + 1]),
    strides: [1, nx, nx * ny],
  };
}

/** Calls `visit(row, z, y, from, to)` for each row of sites with vectors `from..to - 1`. */
function walk(
  lattice: Lattice,
  visit: (row: number, z: number, y: number, from: number, to: number) => void,
): void {
  const { nx, ny, rows, sites } = lattice;
  let from = 0;
  while (from < rows) {
    const row = Math.floor((sites === null ? from : sites[from]) / nx);
    const end = (row + 1) * nx;
    let to = from + 1;
    if (sites === null) to = end;
    else while (to < rows && sites[to] < end) to++;
    const z = Math.floor(row / ny);
    visit(row, z, row - z * ny, from, to);
    from = to;
  }
}

/**
 * Adds to `sums[i]`, for member i of the pass, `values[class]` of its neighbors one step down and up
 * along each axis whose bit in the pass is set.
 *
 * Such a neighbor is in the pass without that bit. Both passes' sites ascend, so one walk along
 * both finds all. A step that leaves the lattice lands on a site of another row, whose parity on a
 * further axis differs; it is in another pass and is not found here.
 */
export function neighborSums(
  passes: Passes,
  pass: number,
  classes: Uint16Array,
  values: Uint32Array,
  sums: Uint32Array,
): void {
  const own = passes.sites(pass);
  for (let axis = 0; axis < 3; axis++) {
    const bit = 1 << axis;
    if ((pass & bit) === 0) continue;
    const step = passes.strides[axis];
    const sites = passes.sites(pass ^ bit);
    const members = passes.members(pass ^ bit);
    const count = sites.length;
    let down = 0;
    let up = 0;
    for (let i = 0; i < own.length; i++) {
      const below = own[i] - step;
      const above = own[i] + step;
      while (down < count && sites[down] < below) down++;
      while (up < count && sites[up] < above) up++;
      if (down < count && sites[down] === below) sums[i] += values[classes[members[down]]];
      if (up < count && sites[up] === above) sums[i] += values[classes[members[up]]];
    }
  }
}

/**
 * For each vector of `lattice` the class at its site in the coarser lattice, or `numClasses` where
 * that has none. Site x of n is site `x (n' - 1) // (n - 1)` of n'.
 */
export function parentClasses(lattice: Lattice, coarser: Coarser): Uint8Array {
  const { nx, sites } = lattice;
  const coarse = coarser.lattice;
  const classes = coarser.classes();
  const mapX = siteMap(nx, coarse.nx);
  const mapY = siteMap(lattice.ny, coarse.ny);
  const mapZ = siteMap(lattice.nz, coarse.nz);
  const found = new Uint8Array(lattice.rows);
  walk(lattice, (row, z, y, from, to) => {
    const coarseRow = mapZ[z] * coarse.ny + mapY[y];
    const start = row * nx;
    const coarseStart = coarseRow * coarse.nx;
    if (coarse.sites === null) {
      for (let i = from; i < to; i++) {
        const x = (sites === null ? i : sites[i]) - start;
        found[i] = classes[coarseStart + mapX[x]];
      }
      return;
    }
    const end = coarse.sites.length;
    let at = firstFrom(coarse.sites, coarseStart, 0, end);
    for (let i = from; i < to; i++) {
      const x = (sites === null ? i : sites[i]) - start;
      const wanted = coarseStart + mapX[x];
      at = notBelow(coarse.sites, wanted, at, end);
      found[i] = at < end && coarse.sites[at] === wanted ? classes[at] : coarser.numClasses;
    }
  });
  return found;
}

/**
 * The first of `sites[from..end]`, ascending, that is not below `wanted`; `end` if all are. It is
 * sought in growing steps: a few sites may lie above a long row of coarse ones.
 */
function notBelow(sites: Uint32Array, wanted: number, from: number, end: number): number {
  let low = from; // all before it are below
  let high = from;
  for (let step = 1; high < end && sites[high] < wanted; step *= 2) {
    low = high + 1;
    high += step;
  }
  high = Math.min(high, end);
  return firstFrom(sites, wanted, low, high);
}

/** The first of the ascending `sites[low..high]` that is not below `wanted`; `high` if all are. */
function firstFrom(sites: Uint32Array, wanted: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sites[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function siteMap(n: number, coarse: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, x) =>
    n === 1 ? 0 : Math.floor((x * (coarse - 1)) / (n - 1)),
  );
}
