/** The canvas: one image at a time, coarse while the view moves and sharp once it is still. */

import { refinements } from "../coding/layers.js";
import type { Field } from "../types.js";
import { levelsOf } from "../gpu/levels.js";
import type { View } from "./framing.js";
import { Gpu, GpuLost } from "./gpu.js";
import { clearPart, framedInto, NO_INSETS, type Clear, type Insets } from "./insets.js";
import { FrameRate, Pace } from "./pace.js";
import type { Look } from "./look.js";

/** What is on the screen, for the readout. */
export interface Shown {
  field: Field;
  lod: number;
  lods: number;
  /** The layer that the LOD was drawn in, of how many. */
  layer: number;
  layers: number;
  width: number;
  height: number;
  /** Share of the full side. */
  share: number;
  /** Whether nothing sharper is to come: the share is 1 and nothing has changed meanwhile. */
  sharp: boolean;
  /** `null` while nothing moves. */
  framesPerSecond: number | null;
  /** Bytes of the GPU's buffers. */
  gpuBytes: number;
}

export interface StageEvents {
  /** Something changed: what is on the screen is not what is wanted any more. */
  changed(): void;
  shown(state: Shown): void;
  /** The image on the page has another size now. */
  resized(): void;
  /**
   * The image of `field` cannot be drawn; with `null`, none can: there is no GPU that draws, or it
   * went away and did not come back.
   */
  failed(error: unknown, field: Field | null): void;
}

/** Longest side of an image in pixels, for screens beyond all reason. */
const LONGEST_SIDE = 4096;
/** A GPU that is lost more often than this within a minute is given up. */
const MOST_LOSSES = 3;
/** Milliseconds after which an image is begun even though the browser has given no frame for it. */
const LATEST_FRAME = 250;
/** Pixel density above which more pixels show nothing more. */
const DENSEST = 2;

export class Stage {
  readonly #host: HTMLElement;
  readonly #events: StageEvents;
  readonly #pace = new Pace();
  readonly #rate = new FrameRate();
  readonly #resizes: ResizeObserver;
  #gone = false;
  #gpu: Gpu;
  #field: Field | null = null;
  #view: View | null = null;
  #look: Look | null = null;
  #insets = NO_INSETS;
  #moving = false;
  #share = 0;
  #asked = false;
  /** The image being drawn, and whether it may be given up for a newer one. */
  #drawing: { done: Promise<void>; patient: boolean; giveUp: AbortController } | null = null;
  #losses: number[] = [];

  private constructor(host: HTMLElement, events: StageEvents, gpu: Gpu) {
    this.#host = host;
    this.#events = events;
    this.#gpu = gpu;
    this.#watch(gpu);
    this.#resizes = new ResizeObserver(() => {
      this.#events.resized();
      this.draw();
    });
    this.#resizes.observe(host);
  }

  /**
   * A stage that fills `host` with a canvas.
   *
   * @throws Error if this browser has no WebGPU or no adapter, in words for people
   */
  static async create(host: HTMLElement, events: StageEvents): Promise<Stage> {
    return new Stage(host, events, await Gpu.create(host));
  }

  /** Frame views into what `insets` leave of the image. Whether that is another part of it. */
  leaveOut(insets: Insets): boolean {
    const sides = ["top", "right", "bottom", "left"] as const;
    const before = this.#clear;
    if (sides.every((side) => insets[side] === this.#insets[side])) return false;
    this.#insets = insets;
    const after = this.#clear;
    const same = (["x", "y", "width", "height"] as const).every((k) => before[k] === after[k]);
    if (!same) this.draw();
    return !same;
  }

  /** Width over height of the part of the image that views are framed into. */
  get aspect(): number {
    const { width, height } = this.#clear;
    return (this.#whole * width) / height;
  }

  /** Height of that part as a share of the image's. */
  get clearHeight(): number {
    return this.#clear.height;
  }

  get #clear(): Clear {
    return clearPart(this.#insets, this.#host.clientWidth, this.#host.clientHeight);
  }

  get #whole(): number {
    return (this.#host.clientWidth || 1) / (this.#host.clientHeight || 1);
  }

  /**
   * Show another field, from here and like this. What is on the screen stays there until the first
   * image of this one is done.
   *
   * @throws NfcError if this GPU cannot hold it; nothing is drawn any more then
   */
  async open(field: Field, view: View, look: Look): Promise<void> {
    this.#field = field;
    this.#view = view;
    this.#look = look;
    await this.#upload(field);
  }

  /** Draw nothing any more, and free the GPU. */
  destroy(): void {
    this.#field = null;
    this.#gone = true;
    this.#resizes.disconnect();
    this.#gpu.renderer.destroy();
    this.#host.replaceChildren();
  }

  /** More LODs of the field that was opened last have arrived. */
  async arrived(): Promise<void> {
    const field = this.#field;
    // However fast LODs arrive, each one's first image is drawn to its end.
    while (this.#drawing !== null && !this.#drawing.patient) await this.#drawing.done;
    if (field !== null && field === this.#field) await this.#upload(field);
  }

  async #upload(field: Field): Promise<void> {
    const gpu = this.#gpu;
    this.#pace.forget();
    try {
      await gpu.whileThere(gpu.renderer.setField(field));
    } catch (error) {
      if (error instanceof GpuLost) return; // the next one is given the field again
      if (field === this.#field) this.#field = null;
      throw error;
    }
    this.draw();
  }

  set view(view: View) {
    this.#view = view;
    this.draw();
  }

  set look(look: Look) {
    this.#look = look;
    this.draw();
  }

  /** Whether the view is being moved: images are then drawn quickly rather than sharply. */
  set moving(moving: boolean) {
    if (this.#moving === moving) return;
    this.#moving = moving;
    this.draw();
  }

  /** Ask for a new image; several requests before the next frame make one. */
  draw(): void {
    this.#share = 0;
    this.#events.changed();
    this.#request();
  }

  #request(): void {
    if (this.#asked) return;
    this.#asked = true;
    let begun = false;
    const begin = () => {
      if (begun) return;
      begun = true;
      this.#asked = false;
      // A quick image is let finish, so that something is shown while requests come in; it asks
      // for the next one itself.
      if (this.#drawing === null || this.#drawing.patient) this.#begin();
    };
    requestAnimationFrame(begin);
    // A compositor that is starved gives no frames; a page that is hidden needs none.
    setTimeout(() => {
      if (!document.hidden) begin();
    }, LATEST_FRAME);
  }

  /**
   * The full image at the window's size, as PNG.
   *
   * @throws GpuLost if the GPU goes away meanwhile
   */
  async image(): Promise<Blob> {
    const [width, height] = this.#fullSize();
    const gpu = this.#gpu;
    const options = this.#options(width, height);
    const pixels = await gpu.whileThere(gpu.renderer.renderPixels(this.#view!, options));
    const surface = new OffscreenCanvas(width, height);
    surface.getContext("2d")!.putImageData(new ImageData(pixels, width, height), 0, 0);
    return surface.convertToBlob({ type: "image/png" });
  }

  /**
   * The range of the scalar field's values, as measured on the newest LOD.
   *
   * @throws GpuLost if the GPU goes away meanwhile
   */
  valueRange(): Promise<[number, number]> {
    const gpu = this.#gpu;
    return gpu.whileThere(gpu.renderer.valueRange(gpu.renderer.lods - 1));
  }

  /** Draw the next image: a quick one if something changed, else a sharper one. */
  #begin(): void {
    const visible = this.#host.clientWidth > 0 && this.#host.clientHeight > 0;
    if (this.#field === null || this.#view === null || this.#look === null || !visible) return;
    if (this.#share === 1) return;
    const [fullWidth, fullHeight] = this.#fullSize();
    const fullPixels = fullWidth * fullHeight;
    const sharpens = this.#share > 0 && !this.#moving;
    const share = sharpens
      ? this.#pace.refined(this.#share, fullPixels)
      : this.#pace.moving(fullPixels);
    const width = Math.max(1, Math.round(fullWidth * share));
    const height = Math.max(1, Math.round(fullHeight * share));
    this.#share = share;
    this.#drawing?.giveUp.abort();
    const giveUp = new AbortController();
    const drawing = { done: Promise.resolve(), patient: sharpens, giveUp };
    drawing.done = this.#draw(width, height, share, giveUp.signal).then((again) => {
      if (this.#drawing !== drawing) return; // a newer image took over
      this.#drawing = null;
      // Changed meanwhile (share 0), or not sharp yet: go on.
      const unfinished = this.#share === 0 || (this.#share < 1 && !this.#moving);
      if (again && unfinished) this.#request();
    });
    this.#drawing = drawing;
  }

  /** Draw and show one image; whether there is a point in going on. */
  async #draw(width: number, height: number, share: number, signal: AbortSignal): Promise<boolean> {
    const gpu = this.#gpu;
    const field = this.#field!;
    const options = { ...this.#options(width, height), signal };
    try {
      const began = performance.now();
      const camera = framedInto(this.#clear, this.#view!, field, this.#whole);
      if (!(await gpu.whileThere(gpu.renderer.render(camera, options)))) return true;
      const now = performance.now();
      this.#pace.learn(width * height, now - began);
      this.#rate.shown(now);
      this.#events.shown({
        field,
        lod: gpu.renderer.drawnLod,
        lods: field.lods,
        layer: gpu.renderer.drawnLayer,
        layers: refinements(levelsOf(field), gpu.renderer.drawnLod) + 1,
        width,
        height,
        share,
        sharp: share === 1 && this.#share === 1,
        framesPerSecond: this.#rate.read(now),
        gpuBytes: gpu.renderer.bytes,
      });
      return true;
    } catch (error) {
      if (!(error instanceof GpuLost)) this.#events.failed(error, field);
      return false;
    }
  }

  /** What to draw, at the LOD that is wanted as far as it has arrived. */
  #options(width: number, height: number): Look & { lod: number; width: number; height: number } {
    const newest = Math.max(0, this.#gpu.renderer.lods - 1);
    const look = this.#look!;
    return { ...look, lod: Math.min(newest, look.lod ?? newest), width, height };
  }

  #fullSize(): [number, number] {
    const density = Math.min(DENSEST, window.devicePixelRatio || 1);
    const width = Math.max(1, Math.round(this.#host.clientWidth * density));
    const height = Math.max(1, Math.round(this.#host.clientHeight * density));
    const shrink = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    return [Math.max(1, Math.round(width * shrink)), Math.max(1, Math.round(height * shrink))];
  }

  #watch(gpu: Gpu): void {
    const { device } = gpu.renderer;
    let well = true;
    device.addEventListener("uncapturederror", ({ error }) => {
      // What the GPU refuses leaves the canvas blank: the first of it is said instead.
      if (!well || gpu !== this.#gpu) return;
      well = false;
      const field = this.#field;
      this.#events.failed(error, field);
      if (field === null) return;
      // What was refused may have left half of its work: the next field gets another GPU.
      this.#field = null;
      device.destroy();
    });
    void device.lost.then((info) => {
      const reason = well ? info.message : null;
      well = false;
      if (gpu === this.#gpu && !this.#gone) void this.#recover(reason);
    });
  }

  /**
   * A lost GPU (driver update, sleep, another page's crash) is asked for again.
   *
   * @param reason `null` if it was given up here, after it had refused a field
   */
  async #recover(reason: string | null): Promise<void> {
    const now = performance.now();
    if (reason !== null)
      this.#losses = [...this.#losses.filter((time) => now - time < 60_000), now];
    let field: Field | null = null;
    try {
      if (this.#losses.length > MOST_LOSSES) throw new Error(`the GPU was lost (${reason})`);
      this.#gpu = await Gpu.create(this.#host);
      this.#watch(this.#gpu);
      this.#drawing = null; // what the lost one was asked for may never end
      field = this.#field;
      if (field !== null) await this.#upload(field);
    } catch (error) {
      this.#events.failed(error, field);
    }
  }
}
