import { MIXED_SLOTS, readMixedChildren } from "../entropy/children.js";
import { unsupported } from "../errors.js";
import { Mixer } from "../entropy/mixing.js";
import type { Payload } from "../container/payload.js";
import { readSymbols } from "../entropy/symbols.js";
import { childVoxels, fromMorton, ROOT, type Voxels } from "../entropy/voxels.js";

/** Stands for "from the root" where an octree may start from another level's. */
const FROM_ROOT = 0xffff;
/** How children are coded: by a byte for each voxel, or by mixed counts. */
const MASKS = 0;
const MIXED = 1;

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
  const position = payload.u16();
  const form = payload.u8();
  const nothing = payload.u8();
  const base = position === FROM_ROOT ? null : header.base(position);
  if (form > MIXED) unsupported(`${payload.where}: a topology of form ${form}`);
  let depth = base === null ? 0 : base.depth;
  if (nothing !== 0 || depth > header.depth || (depth === header.depth && form !== MASKS)) {
    payload.reject(`a topology of form ${form} from depth ${depth} to ${header.depth}`);
  }
  if (base !== null && depth === header.depth) return { same: base };

  header.work(header.places);
  if (depth === header.depth) return ROOT;
  const children = form === MIXED ? mixedChildren(payload, header) : masks(payload, header);
  let voxels = base === null ? ROOT : fromMorton(base.voxels);
  for (; depth < header.depth; depth++) {
    voxels = childVoxels(voxels, children.read(voxels), (count) => {
      if (count <= header.maxVoxels) return;
      payload.reject(`an octree has ${count} voxels at depth ${depth + 1}, more than there may be`);
    });
  }
  children.finish();
  return voxels;
}

interface Working {
  work(amount: number): void;
}

/** Reads, depth by depth, which children voxels have: bit k for child k. */
interface Children {
  read(voxels: Voxels): Uint8Array;
  finish(): void;
}

function masks(payload: Payload, { work }: Working): Children {
  return {
    read: ({ count }) => {
      work(2 * count);
      return Uint8Array.from(readSymbols(payload, count, 256, null));
    },
    finish: () => {},
  };
}

function mixedChildren(payload: Payload, { work }: Working): Children {
  work(Math.floor(MIXED_SLOTS / 8));
  const mixer = new Mixer(payload, MIXED_SLOTS, 1, 1);
  return {
    read: (voxels) => {
      const extent = extentOf(voxels);
      work(8 * voxels.count + Math.floor((extent[0] * extent[1]) / 2));
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
