/** `struct Params` of `tables.json`, member by member. */

import type { Field } from "../types.js";
import type { Plan } from "./plan.js";
import type { View } from "./renderer.js";
import { cameraAxes, extentOf } from "./settings.js";
import { wordsOf } from "../shaders/tables.js";

const PARAMS = wordsOf("Params");
/** Bytes of `struct Params`. */
export const PARAMS_BYTES = 4 * PARAMS.count;

/** What a program is told; what is not set is zero. */
export class Parameters {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #values: Float32Array<ArrayBuffer>;
  readonly #field: Field;

  /** With what all programs need. */
  constructor(field: Field, plan: Plan, lod: number, channel: number) {
    const bytes = new ArrayBuffer(PARAMS_BYTES);
    this.words = new Uint32Array(bytes);
    this.#values = new Float32Array(bytes);
    this.#field = field;
    this.floats(
      "scale",
      extentOf(field).map((side) => 2 / side),
    );
    this.integers("chosen", [lod, channel]);
    if (plan.occupancies.length > 0) {
      const occupancy = plan.occupancies[plan.occupancyOfLod[lod]];
      this.integers("cells", [...occupancy.shape, occupancy.cells.offset]);
      this.integers("blocks", [occupancy.blocks.offset]);
    }
  }

  floats(name: string, values: readonly number[]): void {
    this.#values.set(values, PARAMS.at.get(name)!);
  }

  integers(name: string, values: readonly number[]): void {
    this.words.set(values, PARAMS.at.get(name)!);
  }

  set flags(flags: number) {
    this.words[PARAMS.at.get("chosen")! + 2] = flags;
  }

  set points(count: number) {
    this.words[PARAMS.at.get("chosen")! + 3] = count;
  }

  /** A pinhole camera for an image of this size. */
  camera(view: View, width: number, height: number): void {
    const { bounds, dims } = this.#field;
    const extent = extentOf(this.#field);
    this.floats(
      "eye",
      view.eye.map((x, d) => ((x - bounds[d]) / extent[d]) * 2 - 1).slice(0, dims),
    );
    const [right, up, back] = cameraAxes(view.eye, view.target, view.up);
    this.floats("right", right);
    this.floats("up", up);
    this.floats("back", back);
    const focal = (0.5 * height) / Math.tan(0.5 * view.verticalFov);
    const [x, y] = view.shift ?? [0, 0];
    this.floats("lens", [focal, focal, width / 2 + x * height, height / 2 + y * height]);
  }

  /** A 2-D field fitted into an image of this size, but for what `view` says (see {@link View}). */
  plane(view: View, width: number, height: number): void {
    const { bounds } = this.#field;
    const extent = extentOf(this.#field);
    const reach = Math.hypot(...view.eye.map((x, d) => x - view.target[d]));
    const perPixel = reach * Math.max(extent[0] / width, extent[1] / height);
    this.floats(
      "lens",
      extent.map((side) => (perPixel * 2) / side),
    );
    this.floats(
      "eye",
      extent.map((side, d) => ((view.target[d] - bounds[d]) / side) * 2 - 1),
    );
  }
}
