import { AnsDecoder } from "./ans.js";
import { sortByKey } from "./contexts.js";
import { unsupported } from "./errors.js";
import { MIXED_SLOTS, readMixedChildren } from "./mixed_children.js";
import { Mixer } from "./mixing.js";
import type { Payload } from "./payload.js";
import { binaryTable, type Table } from "./table.js";
import { bitCount, childVoxels, fromMorton, ROOT, type Voxels } from "./voxels.js";

/** Odds of contexts 0..79 where the file gives none (specification, section 5). */
const DEFAULT_ODDS = [
  -29, -22, 0, 24, -44, -9, 0, -38, -16, 0, 4, 0, 0, -39, -14, 22, -30, 0, 24, 3, 14, 35, -51, -19,
  3, 0, 0, -46, -30, -11, 0, 0, -50, -32, -12, 14, 0, -30, -25, 1, 23, 0, -42, -24, 1, 20, 39, -22,
  -14, 11, 22, 42, -44, -21, -7, 3, 0, 0, 0, -49, -43, -25, -8, 21, 0, 0, -34, -37, -22, 1, 22, 37,
  0, -20, -20, -13, 7, 19, 33, 49,
];

/** The first context of a child with j upper axes. */
const FIRST_CONTEXT = [0, 4, 22, 52];

export interface BaseOctree {
  depth: number;
  /** Morton codes, ascending. */
  voxels: Uint32Array;
}

/** What is known of an octree before its topology is read. */
export interface TopologyHeader<Base extends BaseOctree> {
  depth: number;
  /** Voxels and corners that there are then to be; 0 if corners are not sought. */
  places: number;
  /** The most voxels that there may be at depths that are read; the start is not counted. */
  maxVoxels: number;
  /** The octree at this position; throws unless it may be referred to. */
  base(position: number): Base;
  /** So many symbols are about to be read, or as much other work is about to be done. */
  work(amount: number): void;
}

/**
 * A topology (specification, section 5): the voxels at the depth that is asked for, or the octree
 * that they are the same as.
 */
export function readTopology<Base extends BaseOctree>(
  payload: Payload,
  header: TopologyHeader<Base>,
): Voxels | { same: Base } {
  const origin = payload.u8();
  const odds = payload.u8();
  const position = payload.u16();
  if (origin > 2) unsupported(`${payload.where}: a topology of origin ${origin}`);
  if (odds > 2) unsupported(`${payload.where}: odds of form ${odds}`);
  if (origin === 0 && position !== 0)
    payload.reject(`a topology from the root with base ${position}`);
  const base = origin === 0 ? null : header.base(position);
  if (origin === 1 && base !== null) {
    if (odds !== 0) payload.reject("a topology taken from another level has odds");
    if (base.depth !== header.depth) {
      payload.reject(
        `an octree of depth ${header.depth} is the same as one of depth ${base.depth}`,
      );
    }
    return { same: base };
  }
  if (base !== null && base.depth >= header.depth) {
    payload.reject(`an octree of depth ${header.depth} starts from one of depth ${base.depth}`);
  }

  header.work(header.places);
  const children = odds === 2 ? mixedChildren(payload, header) : plainChildren(payload, odds === 1);
  let voxels = base === null ? ROOT : fromMorton(base.voxels, base.depth);
  let depth = base === null ? 0 : base.depth;
  for (; depth < header.depth; depth++) {
    header.work(8 * voxels.count);
    voxels = childVoxels(voxels, children.read(voxels), (count) => {
      if (count <= header.maxVoxels) return;
      payload.reject(`an octree has ${count} voxels at depth ${depth + 1}, more than there may be`);
    });
  }
  children.finish();
  return voxels;
}

/** Reads, depth by depth, which children voxels have: bit k for child k, and 0 behind the last. */
interface Children {
  read(voxels: Voxels): Uint8Array;
  finish(): void;
}

function plainChildren(payload: Payload, ownOdds: boolean): Children {
  const tables = (ownOdds ? readOdds(payload) : DEFAULT_ODDS).map(binaryTable);
  const ans = new AnsDecoder(payload);
  return { read: (voxels) => readChildren(ans, tables, voxels), finish: () => ans.finish() };
}

function mixedChildren(payload: Payload, { work }: { work(amount: number): void }): Children {
  work(Math.floor(MIXED_SLOTS / 8));
  const mixer = new Mixer(payload, MIXED_SLOTS, 1, 1);
  return {
    read: (voxels) => {
      const extent = extentOf(voxels);
      work(Math.floor((extent[0] * extent[1]) / 2));
      return readMixedChildren(mixer, voxels, extent);
    },
    finish: () => mixer.finish(),
  };
}

/** One more than the greatest x, y and z: planes reach from 0 to there. */
function extentOf({ count, x, y, z }: Voxels): number[] {
  return [x, y, z].map((along) => {
    let most = -1;
    for (let i = 0; i < count; i++) most = Math.max(most, along[i]);
    return most + 1;
  });
}

function readOdds(payload: Payload): number[] {
  return Array.from(payload.integers(80, 7, 128, "odds"), (stored) => {
    const odds = stored - 64;
    if (Math.abs(odds) > 62) payload.reject(`odds of ${odds}`);
    return odds;
  });
}

/** For each voxel which children it has: bit k for child k. One more, for "no voxel", is 0. */
function readChildren(ans: AnsDecoder, tables: Table[], voxels: Voxels): Uint8Array {
  const { count } = voxels;
  const [upX, upY, upZ] = voxels.up;
  const neighbors = occupiedNeighbors(voxels);
  const children = new Uint8Array(count + 1);
  const contexts = new Uint16Array(count);
  const symbols = new Uint16Array(count);
  for (let k = 0; k < 8; k++) {
    const j = bitCount(k);
    const first = FIRST_CONTEXT[j];
    const otherAxes = 4 - j;
    const siblings = 2 * j + 1;
    // Of the neighbors' bits: 0..2 are one step up, 3..5 one step down.
    const others = (k ^ 7) << 3;
    for (let i = 0; i < count; i++) {
      const a = bitCount(neighbors[i] & k);
      const b = bitCount(neighbors[i] & others);
      let d = 0;
      if (k & 1) d += ((children[i] >> (k ^ 1)) & 1) + ((children[upX[i]] >> (k ^ 1)) & 1);
      if (k & 2) d += ((children[i] >> (k ^ 2)) & 1) + ((children[upY[i]] >> (k ^ 2)) & 1);
      if (k & 4) d += ((children[i] >> (k ^ 4)) & 1) + ((children[upZ[i]] >> (k ^ 4)) & 1);
      contexts[i] = (a * otherAxes + b) * siblings + d;
    }
    const used = (j + 1) * otherAxes * siblings;
    const { order, starts } = sortByKey(contexts, used, count);
    for (let context = 0; context < used; context++) {
      ans.decode(tables[first + context], symbols, order, starts[context], starts[context + 1]);
    }
    for (let i = 0; i < count; i++) children[i] |= symbols[i] << k;
  }
  return children;
}

/** For each voxel: bit 0, 1, 2 if the one above along x, y, z is there; bit 3, 4, 5 for below. */
function occupiedNeighbors({ count, up }: Voxels): Uint8Array {
  const occupied = new Uint8Array(count + 1);
  for (let axis = 0; axis < 3; axis++) {
    const above = up[axis];
    for (let i = 0; i < count; i++) {
      if (above[i] === count) continue;
      occupied[i] |= 1 << axis;
      occupied[above[i]] |= 8 << axis;
    }
  }
  return occupied;
}
