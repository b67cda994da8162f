import { product, type Header } from "./header.js";
import { LIMITS } from "./limits.js";
import { numContexts } from "./neighbors.js";

const EACH = LIMITS.memory;

/** What decoding holds at once, in bytes, by the estimate of the specification's section 9. */
export function decodedBytes(header: Header): number {
  let weights = 0;
  for (const network of header.field.networks) {
    for (const { outputs, inputs } of network.layers) weights += outputs * (inputs + 1);
  }
  let held = EACH.weight * weights;
  let reading = header.occupancy === null ? 0 : EACH.readingCell * product(header.occupancy);
  for (const { layout, rows, features, form } of header.levels) {
    let step = 0;
    if (form.kind === "float16") held += EACH.value * rows * features;
    else if (form.kind === "lowrank") {
      held += EACH.value * (rows * form.rank + features * (form.rank + 1));
    } else {
      const values = form.numCodes * features;
      held += EACH.index * rows + EACH.value * values;
      step = EACH.readingIndex * rows + EACH.readingCode * values;
      if (form.layers.length > 1) {
        held += EACH.index * rows; // the indices of two layers at once
        step += EACH.readingSlot * form.numCodes * numContexts(form.numCodes);
      }
    }
    if (layout.kind === "octree") {
      held += EACH.voxel * layout.voxelCount + EACH.corner * rows;
      step += EACH.readingVoxel * layout.voxelCount;
    }
    reading = Math.max(reading, step);
  }
  return 2 * held + reading;
}
