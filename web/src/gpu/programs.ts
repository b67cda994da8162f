/** A field in GPU memory and the programs that read it. */

import { NfcError, type Field, type Level, type Network, type Occupancy } from "../types.js";
import {
  codeContents,
  layoutContents,
  networkContents,
  occupancyContents,
  type Content,
} from "./pack.js";
import { levelsOf } from "./levels.js";
import { makePlan, programText, type Plan, type Program } from "./plan.js";
import { PARAMS_BYTES } from "./parameters.js";
import { CONSTANTS } from "../shaders/tables.js";

/** The color map: 256 colors of four floats. */
const TABLE_BYTES = CONSTANTS.COLORS * 16;
/** Milliseconds between signs to a GPU whose answer is waited for. */
const NUDGE = 500;

/** The name, bytes and usage of a buffer. */
type Wanted = readonly [string, number, number];
type Made = { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout };

/**
 * The buffers of one field on one device and its pipelines, made as they are used.
 *
 * Levels are written as they arrive: see {@link Programs.update}.
 */
export class Programs {
  readonly plan: Plan;
  readonly #device: GPUDevice;
  readonly #signature: string;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #pipelines = new Map<string, Promise<Made>>();
  readonly #written = new Map<number, Pick<Level, "code" | "layout">>();
  #networks: readonly Network[] | null = null;
  #occupancy: Occupancy | null | undefined = undefined;

  private constructor(device: GPUDevice, field: Field) {
    this.#device = device;
    this.plan = makePlan(field, device.limits.maxStorageBufferBindingSize);
    this.#signature = signatureOf(this.plan);
  }

  /**
   * @throws NfcError for a field that is too large or too wide for this device, or for the memory
   * that it has left
   */
  static async create(device: GPUDevice, field: Field): Promise<Programs> {
    const made = new Programs(device, field);
    const { UNIFORM, STORAGE } = GPUBufferUsage;
    await made.#create([
      ...made.plan.buffers.map(({ name, kind, bytes }): Wanted => {
        return [name, bytes, kind === "uniform" ? UNIFORM : STORAGE];
      }),
      ["params", PARAMS_BYTES, UNIFORM],
      ["table", TABLE_BYTES, STORAGE],
    ]);
    return made;
  }

  /** Whether `field` fits into these buffers and programs as it is, whatever its codes are. */
  fits(field: Field): boolean {
    const plan = makePlan(field, this.#device.limits.maxStorageBufferBindingSize);
    return signatureOf(plan) === this.#signature;
  }

  /** Write what has arrived of `field` since the last time. */
  update(field: Field): void {
    levelsOf(field).forEach((level, index) => {
      const written = this.#written.get(index);
      if (level.code === null || written?.code === level.code) return;
      this.#written.set(index, { code: level.code, layout: level.layout });
      this.#put(codeContents(this.plan.levels[index], level));
      if (written?.layout === level.layout) return;
      this.#put(layoutContents(this.plan.levels[index], level));
      for (const occupancy of this.plan.occupancies) {
        if (occupancy.level === index) this.#put(occupancyContents(occupancy, field));
      }
    });
    if (field.lodsDecoded === 0) return;
    if (field.occupancy !== this.#occupancy) {
      this.#occupancy = field.occupancy;
      for (const occupancy of this.plan.occupancies) {
        if (occupancy.level < 0) this.#put(occupancyContents(occupancy, field));
      }
    }
    if (field.networks !== this.#networks) {
      this.#networks = field.networks;
      this.#put(networkContents(this.plan, field));
    }
  }

  #put(contents: readonly Content[]): void {
    for (const [part, words] of contents) {
      const bytes = this.plan.buffers.find((buffer) => buffer.name === part.buffer)!.elementBytes;
      if (words.length > 0) this.write(part.buffer, words, part.offset * bytes);
    }
  }

  /**
   * Make buffers, in the place of those that have their names.
   *
   * @throws NfcError `limit` if there is no memory for them; there are none of these names then
   */
  async #create(wanted: readonly Wanted[]): Promise<void> {
    this.#device.pushErrorScope("out-of-memory");
    for (const [name, size, use] of wanted) {
      this.#buffers.get(name)?.destroy();
      const usage = use | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
      this.#buffers.set(name, this.#device.createBuffer({ label: name, size, usage }));
    }
    if ((await this.#awake(this.#device.popErrorScope())) === null) return;
    for (const [name] of wanted) {
      this.#buffers.get(name)!.destroy();
      this.#buffers.delete(name);
    }
    const bytes = wanted.reduce((sum, [, size]) => sum + size, 0);
    throw new NfcError("limit", `the image needs ${bytes} bytes of GPU memory that are not free`);
  }

  buffer(name: string): GPUBuffer {
    return this.#buffers.get(name)!;
  }

  write(
    name: string,
    data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
    offset = 0,
  ): void {
    this.#device.queue.writeBuffer(this.buffer(name), offset, data);
  }

  /**
   * Make `output` or `points` hold at least `size` bytes.
   *
   * @throws NfcError `limit` if there is no memory for it
   */
  async reserve(name: string, size: number): Promise<void> {
    const whole = Math.max(256, Math.ceil(size / 256) * 256);
    if ((this.#buffers.get(name)?.size ?? 0) < whole) {
      await this.#create([[name, whole, GPUBufferUsage.STORAGE]]);
    }
  }

  /** Copy the first `size` bytes of the output to the CPU. */
  async read(size: number): Promise<ArrayBuffer> {
    const whole = Math.ceil(size / 4) * 4;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const copy = this.#device.createBuffer({ size: whole, usage });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.buffer("output"), 0, copy, 0, whole);
    this.#device.queue.submit([encoder.finish()]);
    await this.#awake(copy.mapAsync(GPUMapMode.READ));
    const bytes = copy.getMappedRange().slice(0);
    copy.destroy();
    return bytes;
  }

  /** The image in the output: RGBA from 0 to 255, row by row from the top. */
  async pixels(width: number, height: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const halves = new Uint16Array(await this.read(8 * width * height));
    const bytes = new Uint8ClampedArray(4 * width * height);
    for (let i = 0; i < bytes.length; i++) bytes[i] = 255 * unitHalf(halves[i]);
    return bytes;
  }

  /** A pipeline for {@link Programs.run}; compiling it takes a moment the first time. */
  prepare(program: Program, entry = "main"): Promise<Made> {
    const key = `${program} ${entry}`;
    let made = this.#pipelines.get(key);
    if (made === undefined) {
      made = this.#compile(program, entry);
      this.#pipelines.set(key, made);
      made.catch(() => this.#pipelines.delete(key)); // it may be tried again
    }
    return made;
  }

  /** Run an entry point, prepared before, in that many workgroups. */
  run(made: Made, program: Program, groups: readonly [number, number]): void {
    const bindings: [number, string][] = [
      [0, "params"],
      [1, "output"],
    ];
    if (program === "points") bindings.push([3, "points"]);
    if (program === "volume" || program === "plane") bindings.push([3, "table"]);
    for (const buffer of this.plan.buffers) bindings.push([buffer.binding, buffer.name]);
    const group = this.#device.createBindGroup({
      layout: made.layout,
      entries: bindings.map(([binding, name]) => ({
        binding,
        resource: { buffer: this.buffer(name) },
      })),
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(made.pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups[0], groups[1]);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Resolves when the GPU has done all that it was given. */
  async finished(): Promise<void> {
    await this.#awake(this.#device.queue.onSubmittedWorkDone());
  }

  /**
   * What comes of `work` by the GPU. While it takes long the queue is spoken to, so that a browser
   * that is starved does not sleep over the end.
   */
  async #awake<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#device.queue.submit([]), NUDGE);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  async #compile(program: Program, entry: string): Promise<Made> {
    const kinds = new Map<number, GPUBufferBindingType>([
      [0, "uniform"],
      [1, "storage"],
    ]);
    if (["points", "volume", "plane"].includes(program)) kinds.set(3, "read-only-storage");
    for (const { binding, kind } of this.plan.buffers) {
      kinds.set(binding, kind === "uniform" ? "uniform" : "read-only-storage");
    }
    const layout = this.#device.createBindGroupLayout({
      entries: [...kinds].map(([binding, type]) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    const module = this.#device.createShaderModule({
      label: program,
      code: programText(this.plan, program),
    });
    const compiled = this.#device.createComputePipelineAsync({
      label: program,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: entry },
    });
    const pipeline = await this.#awake(compiled);
    return { pipeline, layout };
  }

  /** Bytes of all GPU buffers that are held now. */
  get bytes(): number {
    let sum = 0;
    for (const buffer of this.#buffers.values()) sum += buffer.size;
    return sum;
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }
}

function signatureOf(plan: Plan): string {
  return JSON.stringify([plan.rows, plan.buffers, plan.occupancies]);
}

/** A half from 0 to 1 as a number. */
function unitHalf(bits: number): number {
  const exponent = bits >> 10;
  return exponent === 0 ? bits * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
}
