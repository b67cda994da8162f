// What the renderer does on a GPU that has little memory; a GPU is not needed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import { Renderer } from "../src/gpu/renderer.js";
import type { Field } from "../src/types.js";
import { vectorBytes, vectorNames } from "./vectors.js";

const VIEW = { eye: [0, 0, 3], target: [0, 0, 0], up: [0, 1, 0], verticalFov: 0.6 } as const;
const USAGE = { COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128, MAP_READ: 1 };
Object.assign(globalThis, { GPUBufferUsage: USAGE, GPUShaderStage: { COMPUTE: 4 } });

/** A device with so many bytes for buffers, which does nothing but to count them. */
class SmallDevice {
  readonly limits = { maxStorageBufferBindingSize: 2 ** 27 };
  /** Bytes of the buffers that are there. */
  held = 0;
  /** Names of the buffers that were written to although there was no memory for them. */
  readonly spoilt: string[] = [];
  /** How many programs it was to compile, none of which it did. */
  refused = 0;
  readonly queue = {
    writeBuffer: ({ label, there }: { label: string; there: boolean }) => {
      if (!there) this.spoilt.push(label);
    },
    submit: () => undefined,
  };
  readonly #memory: number;
  #scopes: boolean[] = [];

  constructor(memory: number) {
    this.#memory = memory;
  }

  pushErrorScope(filter: string): void {
    assert.equal(filter, "out-of-memory");
    this.#scopes.push(false);
  }

  async popErrorScope(): Promise<object | null> {
    return this.#scopes.pop() ? { message: "out of memory" } : null;
  }

  createBindGroupLayout = () => ({});
  createShaderModule = () => ({});
  createPipelineLayout = () => ({});
  async createComputePipelineAsync(): Promise<object> {
    this.refused++;
    throw new Error("too long");
  }

  createBuffer({ label, size }: { label: string; size: number }): object {
    const there = this.held + size <= this.#memory;
    if (there) this.held += size;
    else this.#scopes[this.#scopes.length - 1] = true;
    const destroy = () => void (there && (this.held -= size));
    return { label, size, there, destroy };
  }
}

function rendererOn(device: SmallDevice): Promise<Renderer> {
  return Renderer.create(null, { device: device as unknown as GPUDevice });
}

test("behind a field for which there is no memory a smaller one is set", async () => {
  const [small, large] = ["plain_mlp", "octree_mixed"].map((name) => decode(vectorBytes(name)));
  const roomy = new SmallDevice(2 ** 30);
  await (await rendererOn(roomy)).setField(large);
  const device = new SmallDevice(roomy.held - 1);
  const renderer = await rendererOn(device);
  await assert.rejects(renderer.setField(large), { code: "limit", message: /memory/ });
  assert.equal(device.held, 0);
  assert.equal(renderer.bytes, 0);
  assert.equal(renderer.lods, 0);
  assert.equal(await renderer.render(VIEW, { width: 8, height: 8 }), false);
  await renderer.setField(small);
  assert.equal(renderer.lods, small.lodsDecoded);
  assert.equal(renderer.bytes, device.held);
  assert.deepEqual(device.spoilt, []);
});

test("an image for which there is no memory is refused each time", async () => {
  const field = decode(vectorBytes("octree_mixed"));
  const roomy = new SmallDevice(2 ** 30);
  await (await rendererOn(roomy)).setField(field);
  const device = new SmallDevice(roomy.held + 8 * 64 * 64);
  const renderer = await rendererOn(device);
  await renderer.setField(field);
  const points = new Float64Array(3 * 64 * 64);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(renderer.evaluate(points), { code: "limit", message: /memory/ });
  }
});

test("a program that could not be compiled is compiled again", async () => {
  const device = new SmallDevice(2 ** 30);
  const renderer = await rendererOn(device);
  await renderer.setField(decode(vectorBytes("octree_mixed")));
  for (let tries = 1; tries <= 2; tries++) {
    await assert.rejects(renderer.render(VIEW, { width: 8, height: 8 }), /too long/);
    assert.equal(device.refused, tries);
  }
});

/** A device whose programs all run, each in some milliseconds. */
class SlowDevice extends SmallDevice {
  dispatched = 0;
  constructor() {
    super(2 ** 30);
    Object.assign(this.queue, {
      onSubmittedWorkDone: () => new Promise((done) => setTimeout(done, 5)),
    });
  }

  createBindGroup = () => ({});
  override async createComputePipelineAsync(): Promise<object> {
    return {};
  }

  createCommandEncoder(): object {
    const dispatchWorkgroups = () => void this.dispatched++;
    const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups, end() {} };
    return { beginComputePass: () => pass, finish: () => ({}) };
  }
}

/** A field whose images need no measurement before. */
function radiance(): Field {
  const fields = vectorNames().map((name) => decode(vectorBytes(name)));
  return fields.find(({ kind }) => kind === "nerf")!;
}

test("of images asked for in each frame those begun are finished, and the newest is drawn", async () => {
  const renderer = await rendererOn(new SlowDevice());
  await renderer.setField(radiance());
  const asked: Promise<boolean>[] = [];
  for (let frame = 0; frame < 40; frame++) {
    asked.push(renderer.render(VIEW, { width: 128, height: 128 }));
    await new Promise((done) => setTimeout(done, 2));
  }
  const shown = await Promise.all(asked);
  assert.ok(shown.filter(Boolean).length >= 2, "some are shown while others come");
  assert.ok(shown.includes(false), "those that waited too long are not drawn");
  assert.equal(shown[0], true);
  assert.equal(shown.at(-1), true);
});

test("an image is given up by its signal, and by another field", async () => {
  const device = new SlowDevice();
  const renderer = await rendererOn(device);
  const field = radiance();
  await renderer.setField(field);
  const giveUp = new AbortController();
  const large = { width: 512, height: 512, signal: giveUp.signal };
  const first = renderer.render(VIEW, large);
  await new Promise((done) => setTimeout(done, 8));
  giveUp.abort();
  assert.equal(await first, false);
  const dispatched = device.dispatched;
  assert.equal(await renderer.render(VIEW, large), false);
  assert.equal(device.dispatched, dispatched);
  const second = renderer.render(VIEW, { width: 512, height: 512 });
  await new Promise((done) => setTimeout(done, 8));
  await renderer.setField(field);
  assert.equal(await second, false);
});

test("a 2-D field without images is refused as unsupported", async () => {
  const field = { ...decode(vectorBytes("plane")), kind: "sdf" as const };
  const renderer = await rendererOn(new SmallDevice(2 ** 30));
  await renderer.setField(field);
  const drawn = renderer.render(VIEW, { width: 8, height: 8 });
  await assert.rejects(drawn, { code: "unsupported", message: /no image/ });
});
