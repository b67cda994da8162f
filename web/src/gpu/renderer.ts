/**
 * Images of a field, computed on the GPU from its codes as they are stored. The programs are
 * those of `nfcodec/shaders`, which Python's renderer runs as well.
 */

import { layerOf } from "../coding/layers.js";
import { NfcError, type Field } from "../types.js";
import { rampOf } from "./colors.js";
import { Canvas, CopiedCanvas, type AnyCanvas } from "./canvas.js";
import { Parameters } from "./parameters.js";
import { levelsOf } from "./levels.js";
import type { Program } from "./plan.js";
import { Programs } from "./programs.js";
import * as settings from "./settings.js";
import { CONSTANTS, tag } from "../shaders/tables.js";

/**
 * From where a field is seen; points in its own units, `verticalFov` in radians.
 *
 * Of a 2-D field, `target` is the point in the middle of the image, and the eye's distance from
 * it the part of the field that is seen: all at 1, half of its sides at 0.5. The rest is not used.
 */
export interface View {
  readonly eye: settings.Vector;
  readonly target: settings.Vector;
  readonly up: settings.Vector;
  readonly verticalFov: number;
  /**
   * How far from the middle of the image `target` lies, to the right and down, in heights of the
   * image; (0, 0) by default. Only of 3-D fields.
   */
  readonly shift?: readonly [number, number];
}

/** How a field is drawn. What is not given is chosen as `nfcodec render` chooses it. */
export interface RenderOptions {
  readonly width: number;
  readonly height: number;
  /** The newest that has arrived by default. */
  readonly lod?: number | null;
  /**
   * `shaded`; `depth` of `nerf` and `sdf`; `matcap` and `normals` of `sdf`; `iso` of 3-D
   * `scalar`.
   */
  readonly mode?: string;
  /** Display-referred red, green, blue from 0 to 1; white by default. */
  readonly background?: readonly [number, number, number] | null;
  /** n for n x n rays per pixel. */
  readonly antialias?: number;
  /** How densely rays through a `nerf` are sampled; the file's wish by default. */
  readonly samplesPerVoxel?: number | null;
  /** Of scalar fields: the output, a color map by name, the values that it covers, a factor on
   * how dense a volume looks, and the value of an iso-surface. */
  readonly channel?: number;
  readonly colormap?: string;
  readonly range?: readonly [number, number] | null;
  readonly opacity?: number;
  readonly isoLevel?: number | null;
  /** Gives up an image of {@link Renderer.render} that is not done yet. */
  readonly signal?: AbortSignal;
}

const FLAG_EXACT_DISTANCE = tag("FLAG", "exact_distance");
const GROUP = 64;
/**
 * A dispatch is given as many rays as lately took this long, so that no watchdog ends it and the
 * page stays usable; between dispatches an image can be given up.
 */
const SECONDS_PER_DISPATCH = 0.1;
const FIRST_RAYS = 1 << 12;
const LEAST_RAYS = 1 << 8;

/**
 * Draws one field at a time, on a canvas or for {@link Renderer.renderPixels}.
 *
 * What it is asked for is done in turn: each call sees the field as the calls before have left it.
 */
export class Renderer {
  readonly device: GPUDevice;
  readonly #ownsDevice: boolean;
  readonly #canvas: Canvas | CopiedCanvas | null;
  #programs: Programs | null = null;
  #field: Field | null = null;
  /** LODs that the GPU holds; the field itself may have more already. */
  #lods = 0;
  #drawnLod = 0;
  /** The layer in which the GPU holds each of them, and that of the drawn one. */
  #layers: number[] = [];
  #drawnLayer = 0;
  #raysPerSecond = FIRST_RAYS / SECONDS_PER_DISPATCH;
  /** Calls of `render` so far, of which only the newest that waits is drawn. */
  #asked = 0;
  /** Fields set so far; images of earlier ones are given up. */
  #fields = 0;
  readonly #measured = new Map<string, number[]>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    device: GPUDevice,
    ownsDevice: boolean,
    canvas: Canvas | CopiedCanvas | null,
  ) {
    this.device = device;
    this.#ownsDevice = ownsDevice;
    this.#canvas = canvas;
  }

  /**
   * @param canvas where images appear; `null` if only {@link Renderer.renderPixels} is used
   * @throws Error if there is no WebGPU or no adapter
   */
  static async create(
    canvas: AnyCanvas | null,
    options: { device?: GPUDevice } = {},
  ): Promise<Renderer> {
    const device = options.device ?? (await requestDevice());
    let target: Canvas | CopiedCanvas | null = null;
    // Software adapters draw in main memory, and browsers that use them cannot always put a WebGPU
    // canvas on the screen: copying costs them next to nothing.
    const software = device.adapterInfo?.isFallbackAdapter === true;
    if (canvas !== null) target = software ? new CopiedCanvas(canvas) : new Canvas(canvas, device);
    return new Renderer(device, options.device === undefined, target);
  }

  /** How many LODs of the field can be drawn: those that were there at the last `setField`. */
  get lods(): number {
    return this.#lods;
  }

  /** The LOD of the image that {@link Renderer.render} drew last. */
  get drawnLod(): number {
    return this.#drawnLod;
  }

  /** The layer, from 0, of that LOD's levels in this image. */
  get drawnLayer(): number {
    return this.#drawnLayer;
  }

  /**
   * Draw this field from now on. Given again with more of its levels, only these are uploaded. An
   * image that is being drawn is given up.
   *
   * @throws NfcError `limit` or `unsupported` if this adapter cannot hold it, or has no memory left;
   * there is no field then, and a smaller one can be set
   */
  setField(field: Field): Promise<void> {
    this.#fields++;
    return this.#inTurn(async () => {
      this.#measured.clear();
      if (this.#programs === null || !this.#programs.fits(field)) this.#release();
      this.#programs ??= await Programs.create(this.device, field);
      this.#programs.update(field);
      this.#field = field;
      this.#lods = field.lodsDecoded;
      const levels = levelsOf(field);
      this.#layers = Array.from({ length: this.#lods }, (_, lod) => layerOf(levels, lod));
    });
  }

  /**
   * Draw an image on the canvas. An image that has been begun is finished and shown; calls that come
   * meanwhile wait, and only the newest of them is drawn. So it may be called for every frame of the
   * screen, however long an image takes.
   *
   * Resolves to `true` when the image is shown, or to `false` if it is not: a newer call took its
   * place while it waited, `setField` or `options.signal` gave it up, or there is no field.
   *
   * @throws RangeError for a mode, size or color map that is not possible
   * @throws NfcError `unsupported` for a field that has no image ({@link checkImage})
   */
  render(view: View, options: RenderOptions): Promise<boolean> {
    const number = ++this.#asked;
    const fields = this.#fields;
    const wanted = () => fields === this.#fields && options.signal?.aborted !== true;
    return this.#inTurn(async () => {
      // The field may be one that could not be set.
      const due = this.#field !== null && number === this.#asked && wanted();
      if (!due || !(await this.#draw(view, options, wanted))) return false;
      this.#drawnLod = this.#lod(options.lod);
      this.#drawnLayer = this.#layers[this.#drawnLod] ?? 0;
      await this.#canvas?.show(this.#programs!, options.width, options.height);
      return true;
    });
  }

  /**
   * Draw an image that does not appear on the canvas. Every call is drawn.
   *
   * @returns RGBA from 0 to 255, row by row from the top
   * @throws RangeError for a mode, size or color map that is not possible
   * @throws NfcError `unsupported` for a field that has no image ({@link checkImage})
   */
  renderPixels(view: View, options: RenderOptions): Promise<Uint8ClampedArray<ArrayBuffer>> {
    return this.#inTurn(async () => {
      await this.#draw(view, options, () => true);
      return this.#programs!.pixels(options.width, options.height);
    });
  }

  /** Do something when all that was asked for before has ended; what comes later waits for it. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #release(): void {
    this.#programs?.destroy();
    this.#programs = this.#field = null;
    this.#lods = 0;
  }

  /** Draw into the output buffer. Returns whether the image was `wanted` to its end. */
  async #draw(view: View, options: RenderOptions, wanted: () => boolean): Promise<boolean> {
    const field = this.#field;
    const programs = this.#programs;
    if (field === null || programs === null) throw new Error("there is no field to draw yet");
    const { width, height } = options;
    const limit = this.device.limits.maxStorageBufferBindingSize;
    if (!(width >= 1 && height >= 1 && 8 * width * height <= limit)) {
      throw new RangeError(`an image of ${width} x ${height} pixels is not possible`);
    }
    const [program, params] = await this.#prepare(field, programs, view, options);
    const made = await programs.prepare(program);
    await programs.reserve("output", 8 * width * height);
    for (let top = 0; top < height; ) {
      const [across, rows] = this.#tile(width, height - top, options.antialias ?? 1);
      for (let left = 0; left < width; left += across) {
        if (!wanted()) return false;
        const part = [left, top, Math.min(across, width - left), rows] as const;
        params.integers("tile", part);
        programs.write("params", params.words);
        const began = performance.now();
        programs.run(made, program, [Math.ceil(part[2] / 8), Math.ceil(rows / 8)]);
        await programs.finished();
        this.#learn(part[2] * rows * (options.antialias ?? 1) ** 2, performance.now() - began);
      }
      top += rows;
    }
    return wanted();
  }

  /** The program that draws, and its parameters but for the tile. */
  async #prepare(
    field: Field,
    programs: Programs,
    view: View,
    options: RenderOptions,
  ): Promise<[Program, Parameters]> {
    const { width, height } = options;
    const mode = options.mode ?? "shaded";
    const channel = options.channel ?? 0;
    const lod = this.#lod(options.lod);
    checkImage(field);
    if (!modesOf(field).includes(mode)) {
      throw new RangeError(`mode "${mode}" is not possible for this field`);
    }
    const params = new Parameters(field, programs.plan, lod, channel);
    params.floats(
      "background",
      (options.background ?? [1, 1, 1]).map((v) => Math.min(1, Math.max(0, v))),
    );
    params.integers("image", [width, height, options.antialias ?? 1, tag("MODE", mode)]);
    let range: readonly [number, number] = [0, 1];
    if (field.kind === "scalar") {
      range = options.range ?? (await this.#valueRange(lod, channel));
      params.floats("transfer", range);
      programs.write("table", tableOf(options.colormap ?? "viridis"));
    }
    if (field.dims === 2) {
      params.plane(view, width, height);
      return ["plane", params];
    }
    params.camera(view, width, height);
    const [near, far] = settings.depthRange(field, view.eye);
    if (field.kind === "nerf") {
      const step = settings.radianceStep(field, lod, options.samplesPerVoxel ?? undefined);
      params.floats("march", [step, near, far]);
      return ["radiance", params];
    }
    if (field.kind === "scalar" && mode === "shaded") {
      const step = settings.scalarStep(field, lod);
      const diagonal = Math.hypot(...settings.extentOf(field));
      const depth = ((options.opacity ?? 1) * CONSTANTS.FULL_DEPTH * step) / diagonal;
      params.floats("transfer", [range[0], range[1], depth]);
      params.floats("march", [step, near, far]);
      return ["volume", params];
    }
    const iso = field.kind === "sdf" ? 0 : (options.isoLevel ?? 0.5 * (range[0] + range[1]));
    const voxel = settings.voxelSize(field, lod);
    const shortest = settings.shortestStep(field, voxel);
    params.floats("surface", [
      shortest,
      CONSTANTS.NORMAL_STEP_VOXELS * voxel,
      ...distanceOf(field, iso),
    ]);
    params.floats("march", [0, near, far, await this.#slope(lod, iso, channel)]);
    return ["surface", params];
  }

  /**
   * The range of a scalar field's values that colors cover by default: what the file says of
   * channel 0, else what is found at many points.
   */
  valueRange(lod: number, channel = 0): Promise<[number, number]> {
    return this.#inTurn(() => this.#valueRange(lod, channel));
  }

  async #valueRange(lod: number, channel: number): Promise<[number, number]> {
    const field = this.#field;
    if (field === null) throw new NfcError("limit", "there is no field whose values could be told");
    const stated = channel === 0 ? field.metadata["value_range"] : null;
    if (Array.isArray(stated) && stated.length === 2) {
      const [low, high] = stated as [unknown, unknown];
      const sound = Number.isFinite(low) && Number.isFinite(high);
      if (sound && (low as number) < (high as number)) return [low as number, high as number];
    }
    const side = field.dims === 3 ? CONSTANTS.RANGE_POINTS_3D : CONSTANTS.RANGE_POINTS_2D;
    const params = new Parameters(field, this.#programs!.plan, lod, channel);
    params.integers("cells", [side, side, field.dims === 3 ? side : 1]);
    const found = await this.#measure(
      `range ${lod} ${channel}`,
      "range",
      params,
      side ** field.dims,
    );
    return [found[0], found[1]];
  }

  async #slope(lod: number, iso: number, channel: number): Promise<number> {
    const field = this.#field!;
    const params = new Parameters(field, this.#programs!.plan, lod, channel);
    params.floats("surface", [0, settings.voxelSize(field, lod), ...distanceOf(field, iso)]);
    params.flags = field.kind === "sdf" ? FLAG_EXACT_DISTANCE : 0;
    const key = `slope ${lod} ${iso} ${channel}`;
    const [found] = await this.#measure(key, "slope", params, CONSTANTS.SLOPE_POINTS);
    return field.kind === "sdf" ? Math.max(found, settings.statedSlope(field)) : found;
  }

  async #measure(
    key: string,
    program: Program,
    params: Parameters,
    points: number,
  ): Promise<number[]> {
    let found = this.#measured.get(key);
    if (found === undefined) {
      const programs = this.#programs!;
      const [main, reduce] = [
        await programs.prepare(program),
        await programs.prepare(program, "reduce"),
      ];
      params.points = points;
      await programs.reserve("output", 4 * points);
      programs.write("params", params.words);
      programs.run(main, program, [Math.ceil(points / GROUP), 1]);
      programs.run(reduce, program, [1, 1]);
      found = [...new Float32Array(await programs.read(8))];
      this.#measured.set(key, found);
    }
    return found;
  }

  /**
   * Values at points: as the format's definition of what a field computes.
   *
   * @param points (P, dims) in the field's units, row by row
   * @param directions (P, 3) unit directions, which `nerf` needs
   * @returns (P, C): density, red, green, blue of `nerf`; the distance; or the channels
   */
  evaluate(
    points: Float64Array,
    directions: Float64Array | null = null,
    lod: number | null = null,
  ): Promise<Float32Array> {
    return this.#inTurn(() => this.#evaluate(points, directions, lod));
  }

  async #evaluate(
    points: Float64Array,
    directions: Float64Array | null,
    lod: number | null,
  ): Promise<Float32Array> {
    const field = this.#field!;
    const programs = this.#programs!;
    const { dims, bounds } = field;
    const count = points.length / dims;
    const channels =
      (programs.plan.rows.whole["channels"] as number) + (field.kind === "nerf" ? 1 : 0);
    const packed = new Float32Array(8 * count);
    for (let i = 0; i < count; i++) {
      for (let d = 0; d < dims; d++) {
        const low = bounds[d];
        packed[8 * i + d] = ((points[dims * i + d] - low) / (bounds[dims + d] - low)) * 2 - 1;
      }
      if (directions !== null) packed.set(directions.subarray(3 * i, 3 * i + 3), 8 * i + 4);
    }
    const params = new Parameters(field, programs.plan, this.#lod(lod), 0);
    params.points = count;
    await programs.reserve("points", packed.byteLength);
    await programs.reserve("output", 4 * count * channels);
    programs.write("points", packed);
    programs.write("params", params.words);
    programs.run(await programs.prepare("points"), "points", [Math.ceil(count / GROUP), 1]);
    return new Float32Array(await programs.read(4 * count * channels), 0, count * channels);
  }

  /** Bytes of all GPU buffers: the field's, and the image's. */
  get bytes(): number {
    return this.#programs?.bytes ?? 0;
  }

  /** Free the GPU memory. */
  destroy(): void {
    this.#fields++;
    this.#release();
    if (this.#ownsDevice) this.device.destroy();
  }

  #lod(wanted: number | null | undefined): number {
    const newest = Math.max(0, this.#lods - 1);
    return Math.min(newest, Math.max(0, wanted ?? newest));
  }

  /** Columns and rows of the next part of an image: a band of rows, or a part of a band. */
  #tile(width: number, left: number, antialias: number): [number, number] {
    const rays = Math.max(LEAST_RAYS, this.#raysPerSecond * SECONDS_PER_DISPATCH);
    const pixels = Math.max(64, rays / antialias ** 2);
    const rows = Math.min(Math.max(8, Math.floor(pixels / width / 8) * 8), left);
    return [Math.min(Math.max(8, Math.floor(pixels / rows / 8) * 8), width), rows];
  }

  #learn(rays: number, milliseconds: number): void {
    const now = (1000 * rays) / Math.max(milliseconds, 0.1);
    this.#raysPerSecond = Math.min(now, 4 * this.#raysPerSecond);
  }
}

/**
 * Check that a field is of a kind that is drawn, as `nfcodec render` does.
 *
 * @throws NfcError `unsupported` for radiance and signed distances in the plane
 */
export function checkImage(field: Field): void {
  if (modesOf(field).length > 0) return;
  throw new NfcError(
    "unsupported",
    `a 2-D ${field.kind} field has no image; \`nfcodec decode --resolution\` to .npz or .h5 ` +
      "writes its values",
  );
}

/** What can be drawn of a field. */
export function modesOf(field: Field): readonly string[] {
  if (field.dims === 2) return field.kind === "scalar" ? ["shaded"] : [];
  if (field.kind === "nerf") return ["shaded", "depth"];
  return field.kind === "sdf" ? ["shaded", "matcap", "normals", "depth"] : ["shaded", "iso"];
}

/** Offset and factor that turn the field's values into distances, negative inside. */
function distanceOf(field: Field, iso: number): [number, number] {
  return field.kind === "sdf" ? [0, 1] : [iso, -1];
}

async function requestDevice(): Promise<GPUDevice> {
  if (!("gpu" in navigator) || navigator.gpu === undefined) {
    const secure = globalThis.isSecureContext !== false;
    throw new Error(
      secure ? "WebGPU is missing here" : "WebGPU is only there on pages served over https",
    );
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("WebGPU is there, but no graphics adapter for it");
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
}

function tableOf(colormap: string): Float32Array<ArrayBuffer> {
  const table = new Float32Array(4 * CONSTANTS.COLORS);
  rampOf(colormap).forEach((part, i) => (table[i] = part / 255));
  return table;
}
