import { codeType } from "../codes/registry.js";
import { layoutType } from "../layouts/registry.js";
import type { Header } from "./header.js";
import { LIMITS } from "../limits.js";
import { product } from "../product.js";

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
    const code = codeType(form).memory(form, rows, features);
    const place = layoutType(layout).memory(layout, rows);
    held += code.held + place.held;
    reading = Math.max(reading, code.step + place.step);
  }
  return 2 * held + reading;
}
