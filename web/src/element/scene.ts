/** A field on a page of one's own: read, framed, turned by hand, drawn quickly and then sharply. */

import { openField, type OpenOptions } from "../stream/open.js";
import { checkImage } from "../gpu/renderer.js";
import { NfcError, type Field } from "../types.js";
import { contentBox, firstView, isHinted, upright, type View } from "../viewer/framing.js";
import { listen } from "../viewer/gestures.js";
import { statedBackground, type Look } from "../viewer/look.js";
import { Orbit } from "../viewer/orbit.js";
import { Plane } from "../viewer/plane.js";
import { Stage, type Shown } from "../viewer/stage.js";
import { length, sub } from "../viewer/vector.js";

/** Radians per second of a turntable. */
const TURNTABLE = Math.PI / 12;

export interface SceneOptions {
  /** An image is on the page; `sharp` in it says whether a better one is to come. */
  onShown?: (state: Shown) => void;
  /** Nothing can be drawn, or not this field. */
  onError?: (error: unknown) => void;
  /** The view was changed by hand. */
  onView?: (view: View) => void;
  /** Whether hands move the view; true by default. */
  controls?: boolean;
  /** Whether the page around is scrolled by the wheel and by one finger; true by default. */
  scrolls?: boolean;
}

/** Fills an element with the image of a field. */
export class Scene {
  readonly #stage: Stage;
  readonly #options: SceneOptions;
  #field: Field | null = null;
  #orbit: Orbit | Plane | null = null;
  #look: Look = {
    lod: null,
    mode: "shaded",
    background: [1, 1, 1],
    colormap: "viridis",
    range: null,
    isoLevel: null,
  };
  #turning = 0;

  private constructor(stage: Stage, options: SceneOptions) {
    this.#stage = stage;
    this.#options = options;
  }

  /**
   * @param host an element of some size, whose content is replaced
   * @throws Error if there is no WebGPU or no adapter, in words for people
   */
  static async create(host: HTMLElement, options: SceneOptions = {}): Promise<Scene> {
    let scene: Scene | null = null;
    const stage = await Stage.create(host, {
      changed: () => undefined,
      shown: (state) => options.onShown?.(state),
      resized: () => {
        if (scene !== null) scene.#reframe();
      },
      failed: (error) => options.onError?.(error),
    });
    scene = new Scene(stage, options);
    if (options.controls !== false) scene.#listen(host, options.scrolls !== false);
    return scene;
  }

  /**
   * Read a file and draw it while it arrives. The image before stays until the first of this one.
   *
   * @returns the field when all of it has arrived
   * @throws as {@link openField}; NfcError `limit` or `unsupported` if it cannot be drawn here
   */
  async open(source: Parameters<typeof openField>[0], options: OpenOptions = {}): Promise<Field> {
    const { onLod, ...rest } = options;
    let last: Promise<unknown> = Promise.resolve();
    return openField(source, {
      ...rest,
      onLod: (field, changed) => {
        // In turn: each LOD adds to what the one before has set up.
        last = last.then(async () => {
          if (options.signal?.aborted) return;
          await (field === this.#field ? this.#arrived(field) : this.#show(field));
          await onLod?.(field, changed);
        });
        return last;
      },
    });
  }

  /** From where the field is seen; `null` before the first LOD. */
  get view(): View | null {
    return this.#orbit?.view ?? null;
  }

  set view(view: View) {
    if (this.#orbit === null) return;
    this.#orbit.view = view;
    this.#stage.view = this.#orbit.view;
  }

  /** Back to the first view. */
  home(): void {
    this.#orbit?.reset();
    this.#apply(false);
  }

  /** How the field is drawn; what is not given stays as it is. */
  set look(look: Partial<Look>) {
    this.#look = { ...this.#look, ...look };
    this.#stage.look = this.#look;
  }

  /** Turn slowly about the upright axis until it is set to false. */
  set autoRotate(on: boolean) {
    cancelAnimationFrame(this.#turning);
    this.#turning = 0;
    this.#stage.moving = on;
    if (!on) return;
    let before = performance.now();
    const turn = (now: number) => {
      this.#orbit?.turn((TURNTABLE * (now - before)) / 1000, 0);
      before = now;
      this.#apply(true);
      this.#turning = requestAnimationFrame(turn);
    };
    this.#turning = requestAnimationFrame(turn);
  }

  /** The image as it is seen, sharp, as PNG. */
  toBlob(): Promise<Blob> {
    return this.#stage.image();
  }

  /** Free the GPU. */
  destroy(): void {
    this.autoRotate = false;
    this.#stage.destroy();
  }

  async #show(field: Field): Promise<void> {
    checkImage(field);
    this.#field = field;
    this.#orbit = this.#orbitOf(field);
    const stated = statedBackground(field);
    if (stated !== null) this.#look = { ...this.#look, background: stated };
    await this.#stage.open(field, this.#orbit.view, this.#look);
  }

  async #arrived(field: Field): Promise<void> {
    if (!isHinted(field)) this.#reframe();
    await this.#stage.arrived();
  }

  #orbitOf(field: Field): Orbit | Plane {
    if (field.dims === 2) return new Plane(field, () => this.#stage.aspect);
    const home = firstView(field, this.#stage.aspect);
    return new Orbit(home, upright(field), length(sub(...contentBox(field))));
  }

  /** Another shape of the element, or a field whose content is known better. */
  #reframe(): void {
    const [field, before] = [this.#field, this.#orbit];
    if (field === null || before === null || field.dims === 2) return;
    this.#orbit = this.#orbitOf(field);
    if (!before.isHome) this.#orbit.view = before.view;
    this.#stage.view = this.#orbit.view;
  }

  #apply(moving: boolean): void {
    if (this.#orbit === null) return;
    this.#stage.moving = moving || this.#turning !== 0;
    this.#stage.view = this.#orbit.view;
  }

  #listen(host: HTMLElement, scrolls: boolean): void {
    if (host.tabIndex < 0) host.tabIndex = 0;
    const move = (act: (orbit: Orbit | Plane) => void) => {
      if (this.#orbit === null) return;
      if (this.#turning !== 0) this.autoRotate = false;
      act(this.#orbit);
      this.#apply(true);
      this.#options.onView?.(this.#orbit.view);
    };
    const movements = {
      turn: (azimuth: number, elevation: number) => move((orbit) => orbit.turn(azimuth, elevation)),
      pan: (x: number, y: number) => move((orbit) => orbit.pan(x, y)),
      zoom: (factor: number) => move((orbit) => orbit.zoom(factor)),
      reset: () => this.home(),
      rest: () => this.#apply(false),
    };
    listen(host, movements, { scrolls });
  }
}

export { NfcError };
export type { Look, Shown, View };
