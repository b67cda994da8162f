import { unsupported } from "../errors.js";
import { planeSize, siteCount, type Lattice } from "./lattice.js";
import { Mixer } from "./mixing.js";
import { Patterns } from "./patterns.js";
import type { Payload } from "../container/payload.js";
import { levelWeight } from "./table.js";
import { grow, type Node } from "./trees.js";

/** The form of a symbol section whose codes are coded beside their neighbors. */
export const NEIGHBORS = 3;
/** Larger alphabets are not coded beside their neighbors (specification, section 8). */
export const MAX_ALPHABET = 256;
/** Nor are lattices of more sites than this. */
const MAX_SITES = 2 ** 28;

/** Of sites along one axis: none follows, one of the same group, one of another. */
const FOLLOWING = 3;
/** Counts of neighbors with an unusual code: 0 to 3 of one kind and 0 to 6 of another. */
const UNUSUAL = 4 * 7;
/** Patterns of the eight voxels around a site; the last one where all are there. */
const PATTERNS = 256;
const SETS = 4;

/** Sites of a plane, decisions, and slots that take as much work as one symbol. */
const PLANE_SITES = 32;
const DECISIONS = 4;
const SLOTS = 8;

/** A Huffman tree of codes for each group. */
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
export function numContexts(numCodes: number): number {
  return 1 + 3 * FOLLOWING * (numCodes + 1) + UNUSUAL + PATTERNS;
}

/** The work of reading a code for each vector of `lattice` (specification, section 9). */
export function neighborsWork({ numCodes, depth }: Forest, lattice: Lattice): number {
  const { rows } = lattice;
  return (
    rows +
    Math.floor(planeSize(lattice) / PLANE_SITES) +
    Math.floor((rows * depth) / DECISIONS) +
    Math.floor((numCodes * numContexts(numCodes)) / SLOTS)
  );
}

/** What precedes the codes of a section in form 3, whose codes are in `numGroups` groups. */
export function readForest(
  payload: Payload,
  numGroups: number,
  numCodes: number,
  lattice: Lattice,
): Forest {
  const form = payload.u8();
  const width = payload.u8();
  const x = payload.u16();
  if (form > NEIGHBORS) unsupported(`${payload.where}: symbol section of form ${form}`);
  if (form !== NEIGHBORS || width < 1 || width > 6 || x !== 0) {
    payload.reject(`a symbol section of form ${form} with width ${width} and ${x}`);
  }
  if (numCodes > MAX_ALPHABET || siteCount(lattice) > MAX_SITES) {
    payload.reject(`${numCodes} codes beside their neighbors on ${siteCount(lattice)} sites`);
  }
  const groupOf = numGroups > 1 ? payload.below(numCodes, numGroups, "group") : null;
  const levels = payload.integers(numCodes, width, 64, "level");

  const members = Array.from({ length: numGroups }, (): Node[] => []);
  let sum = 0;
  let top = 0;
  for (let node = 0; node < numCodes; node++) {
    const weight = levelWeight(levels[node]);
    sum += weight;
    if (weight > levelWeight(levels[top])) top = node;
    if (weight > 0) members[groupOf === null ? 0 : groupOf[node]].push({ weight, node, depth: 0 });
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
 * The code of each vector of `lattice`.
 *
 * @param groups the group of each vector; `null` if there is one group
 * @param voxels Morton codes of those between the sites that are there, `null` for all
 */
export function readNeighbors(
  payload: Payload,
  forest: Forest,
  groups: Uint16Array | null,
  lattice: Lattice,
  voxels: Uint32Array | null,
): Uint16Array {
  const { numCodes, children, roots, top } = forest;
  const numGroups = roots.length;
  const { nz, ny, nx, sites, rows } = lattice;
  const groupOf = groups ?? new Uint16Array(rows);
  for (const group of groupOf) {
    if (roots[group] < 0) payload.reject(`group ${group} is used but has no codes`);
  }
  const inner = children.length / 2;
  const mixer = new Mixer(payload, inner * numContexts(numCodes), SETS, inner);
  const codes = new Uint16Array(rows);

  // Codes on this plane of sites and the one below, groups on this one and the one above, with a
  // border of sites without vectors. Planes are cleared where they were written, never as a whole.
  const width = nx + 2;
  const size = ny * nx;
  let here = new Uint16Array((ny + 2) * width).fill(numCodes);
  let below = here.slice();
  let known = new Uint16Array((ny + 2) * width).fill(numGroups);
  let above = known.slice();
  const placeOf = (inside: number): number => {
    const y = Math.floor(inside / nx);
    return (y + 1) * width + inside - y * nx + 1;
  };
  const wipe = (plane: Uint16Array, value: number, from: number, to: number, z: number): void => {
    for (let i = from; i < to; i++)
      plane[placeOf((sites === null ? i : sites[i]) - z * size)] = value;
  };
  let ahead = 0;
  const lay = (plane: Uint16Array, start: number): void => {
    for (; ahead < rows; ahead++) {
      const inside = (sites === null ? ahead : sites[ahead]) - start;
      if (inside >= size) break;
      plane[placeOf(inside)] = groupOf[ahead];
    }
  };
  lay(above, 0);
  const patterns = new Patterns(lattice, voxels);
  // Where the contexts of each input begin; input 0 has one.
  const along = FOLLOWING * (numCodes + 1);
  const ofX = 1;
  const ofY = ofX + along;
  const ofZ = ofY + along;
  const ofCounts = ofZ + along;
  const ofPattern = ofCounts + UNUSUAL;
  const following = (group: number, own: number): number =>
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
    const start = z * size;
    lay(above, start + size);
    const around = patterns.next();
    for (; i < rows; i++) {
      const inside = (sites === null ? i : sites[i]) - start;
      if (inside >= size) break;
      const at = placeOf(inside);
      const own = groupOf[i];
      let node = roots[own];
      if (node >= numCodes) {
        const left = ofX + FOLLOWING * here[at - 1] + following(known[at + 1], own);
        const front = ofY + FOLLOWING * here[at - width] + following(known[at + width], own);
        const lower = ofZ + FOLLOWING * below[at] + following(above[at], own);
        const counts = ofCounts + countUnusual(here, below, at, width, top, numCodes);
        const pattern = ofPattern + (around === null ? PATTERNS - 1 : around[inside]);
        node = mixer.descend(
          children,
          numCodes,
          node,
          0,
          left * inner,
          front * inner,
          lower * inner,
          counts * inner,
          pattern * inner,
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

/**
 * Seven times how many of the three sites before a site, one step along an axis, have a code other
 * than `top`, and how many of the six that are one step along two axes.
 *
 * @param here the plane of the site, which is at `at`, in rows of `width`; `none` where no code is
 * @param below the plane before it
 */
function countUnusual(
  here: Uint16Array,
  below: Uint16Array,
  at: number,
  width: number,
  top: number,
  none: number,
): number {
  const unusual = (code: number): number => (code !== top && code !== none ? 1 : 0);
  return (
    7 * (unusual(here[at - 1]) + unusual(here[at - width]) + unusual(below[at])) +
    unusual(here[at - width - 1]) +
    unusual(here[at - width + 1]) +
    unusual(below[at - 1]) +
    unusual(below[at + 1]) +
    unusual(below[at - width]) +
    unusual(below[at + width])
  );
}
