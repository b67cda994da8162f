import { damaged } from "../errors.js";
import { LIMITS, within } from "../limits.js";
import { readTopology } from "./topology.js";
import type { Layout, OctreeLayout } from "../types.js";
import { cornersOf, toMorton, unspread } from "../entropy/voxels.js";
import { CONSTANTS, tag } from "../shaders/tables.js";
import { LAYOUT_KEY, type LayoutType } from "./layout.js";

const EACH = LIMITS.memory;
/** Words of a block of the corner index: a count, then a bit for each site. */
const BLOCK_WORDS = 4;

/** The corners of the occupied voxels of a cube of `2^depth` voxels a side. */
export const octree: LayoutType<OctreeLayout> = {
  tag: 1,
  kind: "octree",

  readHeader(entries, dims) {
    entries.fields(LAYOUT_KEY, entries.array(LAYOUT_KEY), 4);
    if (dims !== 3) damaged(`${entries.where}: an octree in ${dims} dimensions`);
    const depth = entries.item(LAYOUT_KEY, 1, 0);
    within(depth, LIMITS.depth, "as an octree's depth");
    const voxelCount = entries.item(LAYOUT_KEY, 2, 1);
    within(voxelCount, LIMITS.voxels, "voxels in a level");
    const rows = entries.item(LAYOUT_KEY, 3, 0);
    if (rows < 8 || rows > 8 * voxelCount) {
      damaged(`${entries.where}: ${rows} corners of ${voxelCount} voxels`);
    }
    const none = { voxels: new Uint32Array(0), corners: new Uint32Array(0) };
    return { layout: { kind: "octree", depth, voxelCount, ...none }, rows };
  },

  read(payload, layout, { rows, where, work, earlier }) {
    const { depth, voxelCount } = layout;
    const found = readTopology<OctreeLayout>(payload, {
      depth,
      places: voxelCount + rows,
      work: (amount) => work.add(amount, where),
      maxVoxels: voxelCount,
      base(position) {
        const before: Layout | null = earlier(position);
        if (before !== null && isOctree(before)) return before;
        return payload.reject(`position ${position} is no octree that came earlier`);
      },
    });
    const count = "same" in found ? found.same.voxelCount : found.count;
    if (count !== voxelCount) {
      damaged(`${where}: its octree has ${count} voxels, but the header says ${voxelCount}`);
    }
    const corners = "same" in found ? found.same.corners : cornersOf(found, depth);
    if (corners.length !== rows) {
      damaged(`${where}: its octree has ${corners.length} corners, but the header says ${rows}`);
    }
    layout.corners = corners;
    layout.voxels = "same" in found ? found.same.voxels : toMorton(found);
  },

  memory: ({ voxelCount }, rows) => ({
    held: EACH.voxel * voxelCount + EACH.corner * rows,
    step: EACH.readingVoxel * voxelCount,
  }),
  empty: (layout) => ({ ...layout, voxels: new Uint32Array(0), corners: new Uint32Array(0) }),

  lattice({ depth, corners }, rows) {
    const n = 2 ** depth + 1;
    return { nz: n, ny: n, nx: n, sites: corners, rows };
  },
  voxels: ({ voxels }) => voxels,

  resolution: ({ depth }) => [2 ** depth, 2 ** depth, 2 ** depth],
  cellsAlong: ({ depth }) => [2 ** depth, 2 ** depth, 2 ** depth],
  *cells({ voxels }) {
    for (const code of voxels) {
      yield [unspread(code), unspread(code >>> 1), unspread(code >>> 2)];
    }
  },

  gpu: {
    members({ depth }) {
      const n = 2 ** depth + 1;
      return { layout_tag: tag("LAYOUT", "octree"), size_x: n, size_y: n, size_z: n, corners: 8 };
    },
    numBlocks,
    blocks(layout) {
      const count = numBlocks(layout);
      const blocks = new Uint32Array(count * BLOCK_WORDS);
      const { corners } = layout;
      let filled = 0;
      for (let i = 0; i < corners.length; i++) {
        const site = corners[i];
        const block = Math.floor(site / CONSTANTS.SITES_PER_BLOCK);
        while (filled < block) blocks[++filled * BLOCK_WORDS] = i;
        const inner = site - block * CONSTANTS.SITES_PER_BLOCK;
        blocks[block * BLOCK_WORDS + 1 + (inner >> 5)] |= 1 << (inner & 31);
      }
      while (filled < count - 1) blocks[++filled * BLOCK_WORDS] = corners.length;
      return blocks;
    },
  },
};

function isOctree(layout: Layout): layout is OctreeLayout {
  return layout.kind === "octree";
}

function numBlocks({ depth }: OctreeLayout): number {
  return Math.ceil((2 ** depth + 1) ** 3 / CONSTANTS.SITES_PER_BLOCK);
}
