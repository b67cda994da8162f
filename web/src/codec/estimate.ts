import { product, type Header } from "./header.js";
import { ceilLog2, packedWords } from "./packed.js";
import { refiningContexts } from "./refining.js";
import type { Level } from "./types.js";

/** Bytes for each voxel while an octree is read: places, neighbours at two depths, sorting. */
const PER_VOXEL = 64;
/** Bytes for each vector while its index is read: passes, contexts, sorting, symbols. */
const PER_INDEX = 40;
/** Bytes for each vector that has an index: its class, which a finer level may look at. */
const PER_CLASS = 1;
/** Bytes for each weight of a network while it is read: symbols, values, copies. */
const PER_WEIGHT = 12;
/** Bytes for each occupancy cell, as if all were occupied (specification, section 9). */
const PER_CELL = 80;

/**
 * A conservative estimate, from the header alone, of the bytes that decoding would hold at once: the
 * field twice (with its reader and with its user), the costliest step, and the coarser codes of the
 * LOD whose next layer is being read or sent.
 */
export function decodedBytes(header: Header): number {
  let held = 0;
  let classes = 0;
  let step = 0;
  const coarser = new Map<number, number>();
  for (const level of header.levels) {
    held += heldBytes(level);
    if (level.form.kind === "vq") classes += PER_CLASS * level.rows;
    step = Math.max(step, stepBytes(level));
    if (level.form.kind === "vq" && level.form.layers.length > 1) {
      coarser.set(level.lod, (coarser.get(level.lod) ?? 0) + codeBytes(level));
    }
  }
  let weights = 0;
  for (const network of header.field.networks) {
    for (const { outputs, inputs } of network.layers) weights += outputs * (inputs + 1);
  }
  held += 4 * weights;
  step = Math.max(step, PER_WEIGHT * weights);
  step = Math.max(step, held / 2);
  if (header.occupancy !== null) {
    const planes = planeBytes(Math.max(...header.occupancy.map(ceilLog2)));
    step = Math.max(step, PER_CELL * product(header.occupancy) + planes);
  }
  return 2 * held + classes + step + Math.max(0, ...coarser.values());
}

function heldBytes(level: Level): number {
  const { layout, rows } = level;
  return (layout.kind === "octree" ? 4 * (layout.voxelCount + rows) : 0) + codeBytes(level);
}

function codeBytes({ rows, features, form }: Level): number {
  switch (form.kind) {
    case "float16":
      return 2 * rows * features;
    case "lowrank":
      return 2 * (rows * form.rank + features * (form.rank + 1));
    case "vq":
      return 4 * packedWords(rows, form.bits) + 2 * form.numCodes * features;
  }
}

function stepBytes({ layout, rows, form }: Level): number {
  let indices = form.kind === "vq" ? PER_INDEX * rows : 0;
  if (form.kind === "vq" && form.layers.length > 1) {
    indices += 4 * form.numCodes * refiningContexts(form.numCodes);
  }
  if (layout.kind === "dense") return indices;
  const side = 2 ** layout.depth + 1;
  // Rows of corners, each as bits: at most 4 rows for each voxel, and not more than there are.
  const rowBits = Math.min(4 * layout.voxelCount + 1, side * side) * (side / 8 + 4);
  const planes = planeBytes(layout.depth);
  return Math.max(indices, PER_VOXEL * layout.voxelCount + planes + 4 * side * side + rowBits);
}

/** The planes of voxels and of their children by which children are read with mixed counts. */
function planeBytes(depth: number): number {
  return 3 * ((2 ** depth / 2 + 2) ** 2 + (2 ** depth + 3) ** 2);
}
