/** Puts finished images on a canvas of the page. */

import type { Programs } from "./programs.js";
import { SHADERS } from "../shaders/files.js";

export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

/** A canvas configured for a device. */
export class Canvas {
  readonly #canvas: AnyCanvas;
  readonly #device: GPUDevice;
  readonly #context: GPUCanvasContext;
  readonly #pipeline: GPURenderPipeline;
  readonly #size: GPUBuffer;

  /** @throws Error if the canvas gives no WebGPU context */
  constructor(canvas: AnyCanvas, device: GPUDevice) {
    const context = canvas.getContext("webgpu");
    if (context === null) throw new Error("this canvas cannot show what WebGPU draws");
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({ device, format, alphaMode: "opaque" });
    const module = device.createShaderModule({ label: "blit", code: SHADERS["blit.wgsl"] });
    this.#canvas = canvas;
    this.#device = device;
    this.#context = context;
    this.#pipeline = device.createRenderPipeline({
      layout: "auto",
      vertex: { module, entryPoint: "corner" },
      fragment: { module, entryPoint: "pixel", targets: [{ format }] },
      primitive: { topology: "triangle-list" },
    });
    this.#size = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Show the image in the output, four halves a pixel, and make the canvas as large as it. */
  async show(programs: Programs, width: number, height: number): Promise<void> {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#device.queue.writeBuffer(this.#size, 0, Uint32Array.of(width, height, 0, 0));
    const group = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: programs.buffer("output") } },
        { binding: 1, resource: { buffer: this.#size } },
      ],
    });
    const encoder = this.#device.createCommandEncoder();
    const view = this.#context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view, loadOp: "clear", storeOp: "store" }],
    });
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, group);
    pass.draw(3);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }
}

/** A canvas to which images are copied through main memory. */
export class CopiedCanvas {
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

  /** @throws Error if the canvas gives no 2-D context */
  constructor(canvas: AnyCanvas) {
    const context = canvas.getContext("2d", { alpha: false }) as
      | CanvasRenderingContext2D
      | OffscreenCanvasRenderingContext2D
      | null;
    if (context === null) throw new Error("this canvas cannot show images");
    this.#context = context;
  }

  /** Show the image in the output, and make the canvas as large as it. */
  async show(programs: Programs, width: number, height: number): Promise<void> {
    const pixels = await programs.pixels(width, height);
    // Setting a size clears the canvas, so both happen at once.
    Object.assign(this.#context.canvas, { width, height });
    this.#context.putImageData(new ImageData(pixels, width, height), 0, 0);
  }
}
