/** The GPU, the renderer on it, and the canvas that shows its pictures. */

import { Renderer } from "../gpu/renderer.js";

export class Gpu {
  /** Whether the device has gone away. */
  lost = false;

  private constructor(
    readonly device: GPUDevice,
    readonly renderer: Renderer,
    /** Where pictures are copied to; `null` if the renderer draws on the canvas itself. */
    readonly copies: CanvasRenderingContext2D | null,
  ) {}

  /**
   * Ask for a GPU and put a canvas for it into `host`, in the place of an earlier one.
   *
   * @throws Error if there is none, in words for people
   */
  static async create(host: HTMLElement): Promise<Gpu> {
    if (!("gpu" in navigator) || navigator.gpu === undefined) {
      throw new Error(
        isSecureContext ? "WebGPU is missing here" : "WebGPU is only there on pages served over https",
      );
    }
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) throw new Error("WebGPU is there, but no graphics adapter for it");
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const requiredLimits = { maxStorageBufferBindingSize, maxBufferSize };
    const device = await adapter.requestDevice({ requiredLimits });
    const canvas = document.createElement("canvas");
    // Software adapters draw in main memory, and browsers that use them cannot always put a WebGPU
    // canvas on the screen: copying costs them next to nothing.
    const software = adapter.info.isFallbackAdapter === true;
    const renderer = await Renderer.create(software ? null : canvas, { device });
    host.replaceChildren(canvas);
    return new Gpu(device, renderer, software ? canvas.getContext("2d", { alpha: false }) : null);
  }

  /** See that the canvas shows the picture that was drawn last. */
  async show(width: number, height: number): Promise<void> {
    if (this.copies === null) return;
    const pixels = await this.renderer.readPixels();
    Object.assign(this.copies.canvas, { width, height });
    this.copies.putImageData(new ImageData(pixels, width, height), 0, 0);
  }
}
