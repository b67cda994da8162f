/** The GPU, the renderer on it, and the canvas that shows its images. */

import { NfcError } from "../types.js";
import { Renderer } from "../gpu/renderer.js";
import { Lifetime } from "./lifetime.js";

/** Milliseconds within which a GPU whose work fails says that it is gone, if that is why. */
const NOTICE = 200;

/** The GPU has gone away while something was done on it: a driver's update, sleep, a crash. */
export class GpuLost extends Error {}

export class Gpu {
  readonly renderer: Renderer;
  readonly #lifetime: Lifetime;

  private constructor(renderer: Renderer) {
    this.renderer = renderer;
    this.#lifetime = new Lifetime(renderer.device.lost.then(({ message }) => new GpuLost(message)));
  }

  /**
   * Ask for a GPU and put a canvas for it into `host`, in the place of an earlier one.
   *
   * @throws Error if there is none, in words for people
   */
  static async create(host: HTMLElement): Promise<Gpu> {
    const canvas = document.createElement("canvas");
    const renderer = await Renderer.create(canvas);
    host.replaceChildren(canvas);
    return new Gpu(renderer);
  }

  /**
   * What comes of `work` by the renderer.
   *
   * @throws GpuLost if the GPU goes away meanwhile: what waits for a lost one may never end
   */
  async whileThere<T>(work: Promise<T>): Promise<T> {
    try {
      return await this.#lifetime.during(work);
    } catch (error) {
      const own =
        error instanceof GpuLost || error instanceof NfcError || error instanceof RangeError;
      if (!own) await this.#lifetime.during(new Promise((done) => setTimeout(done, NOTICE)));
      throw error;
    }
  }
}
