import { MAX_MIXED_SYMBOLS, othersBefore, wiper } from "./adaptive.js";
import { unsupported } from "./errors.js";
import type { Lattice } from "./lattice.js";
import { Mixer } from "./mixing.js";
import { ceilLog2 } from "./packed.js";
import { Patterns } from "./patterns.js";
import type { Payload } from "./payload.js";
import { levelWeight } from "./table.js";
import { grow, type Node } from "./trees.js";

/** A tree of codes for each group (specification, section 12). */
export interface Forest {
  numCodes: number;
  /** By inner node and bit: the code, or `numCodes` and the inner node. */
  children: Uint16Array;
  /** Where the tree of each group begins; -1 for a group without codes. */
  roots: Int16Array;
  /** The code of greatest weight. */
  top: number;
  /** The most decisions on the way to a code. */
  depth: number;
}

/** In how many contexts each decision may be looked at. */
export function refiningContexts(numCodes: number): number {
  return 9 * numCodes + 294;
}

/** What precedes the codes of a refinement from `numGroups` to `numCodes`. */
export function readForest(payload: Payload, numGroups: number, numCodes: number): Forest {
  const form = payload.u8();
  const width = payload.u8();
  const x = payload.u16();
  if (form !== 0) unsupported(`${payload.where}: refinement of form ${form}`);
  if (width < 1 || width > 6) payload.reject(`a refinement with width ${width}`);
  if (x !== 0) payload.reject(`a refinement with ${x} where 0 belongs`);
  if (numGroups >= numCodes || numCodes > MAX_MIXED_SYMBOLS) {
    payload.reject(`a refinement from ${numGroups} to ${numCodes} codes`);
  }
  const groupOf = payload.integers(numCodes, ceilLog2(numGroups), numGroups, "group");
  const levels = payload.integers(numCodes, width, 64, "level");

  const members = Array.from({ length: numGroups }, (): Node[] => []);
  let sum = 0;
  let top = 0;
  for (let node = 0; node < numCodes; node++) {
    const weight = levelWeight(levels[node]);
    sum += weight;
    if (weight > levelWeight(levels[top])) top = node;
    if (weight > 0) members[groupOf[node]].push({ weight, node, depth: 0 });
  }
  if (sum === 0 || sum > 2 ** 24) payload.reject("weights that make no trees of codes");
  const children: number[] = [];
  const roots = new Int16Array(numGroups).fill(-1);
  let depth = 0;
  members.forEach((nodes, group) => {
    if (nodes.length === 0) return;
    const root = grow(nodes, numCodes, children);
    roots[group] = root.node;
    depth = Math.max(depth, root.depth);
  });
  return { numCodes, children: Uint16Array.from(children), roots, top, depth };
}

/**
 * The code of each vector of `lattice`, whose group is that in `groups`. `voxels`: Morton codes of
 * those between the sites that are there, `null` for all.
 */
export function readRefined(
  payload: Payload,
  forest: Forest,
  groups: Uint16Array,
  lattice: Lattice,
  voxels: Uint32Array | null,
): Uint16Array {
  const { numCodes, children, roots, top } = forest;
  const numGroups = roots.length;
  for (const group of groups) {
    if (roots[group] < 0) payload.reject(`group ${group} is used but has no codes`);
  }
  const inner = children.length / 2;
  const mixer = new Mixer(payload, inner * refiningContexts(numCodes), 4, inner);
  const { nz, ny, nx, sites, rows } = lattice;
  const codes = new Uint16Array(rows);
  const wipe = wiper(lattice);

  // Codes on this plane of sites and the one below, groups on this one and the one above, with a
  // border of sites without vectors.
  const width = nx + 2;
  let here = new Uint16Array((ny + 2) * width).fill(numCodes);
  let below = here.slice();
  let known = new Uint16Array((ny + 2) * width).fill(numGroups);
  let above = known.slice();
  let ahead = 0;
  const place = (plane: Uint16Array, start: number): void => {
    for (; ahead < rows; ahead++) {
      const inside = (sites === null ? ahead : sites[ahead]) - start;
      if (inside >= ny * nx) break;
      const y = Math.floor(inside / nx);
      plane[(y + 1) * width + inside - y * nx + 1] = groups[ahead];
    }
  };
  place(above, 0);
  const patterns = new Patterns(lattice, voxels);
  // Where the contexts of each input begin.
  const along = 3 * (numCodes + 1);
  const third = 1 + along;
  const fourth = third + along;
  const fifth = fourth + along;
  const sixth = fifth + 28;
  const beside = (group: number, own: number): number =>
    group === numGroups ? 0 : group === own ? 1 : 2;

  // The first vectors of the next plane, of this one and of the one before.
  let i = 0;
  let begin = 0;
  let before = 0;
  for (let z = 0; z < nz; z++) {
    [here, below] = [below, here];
    [known, above] = [above, known];
    wipe(here, numCodes, before, begin, z - 2);
    wipe(above, numGroups, begin, i, z - 1);
    [before, begin] = [begin, i];
    const start = z * ny * nx;
    place(above, start + ny * nx);
    const around = patterns.next();
    for (; i < rows; i++) {
      const inside = (sites === null ? i : sites[i]) - start;
      if (inside >= ny * nx) break;
      const y = Math.floor(inside / nx);
      const at = (y + 1) * width + inside - y * nx + 1;
      const own = groups[i];
      let node = roots[own];
      if (node >= numCodes) {
        const ofX = 1 + 3 * here[at - 1] + beside(known[at + 1], own);
        const ofY = third + 3 * here[at - width] + beside(known[at + width], own);
        const ofZ = fourth + 3 * below[at] + beside(above[at], own);
        const counts = fifth + othersBefore(here, below, at, width, top, numCodes);
        const among = sixth + (around === null ? 255 : around[inside]);
        node = mixer.descend(
          children,
          numCodes,
          node,
          0,
          ofX * inner,
          ofY * inner,
          ofZ * inner,
          counts * inner,
          among * inner,
        );
      }
      if (around !== null) around[inside] = 0;
      codes[i] = node;
      here[at] = node;
    }
  }
  mixer.finish();
  return codes;
}
