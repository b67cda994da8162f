/**
 * How many pixels to draw: few enough while the view moves, all of them once it is still.
 *
 * A frame's time is taken to grow with its pixels. It is learnt from the frames that were drawn.
 */

/** Milliseconds that a frame may take while the view moves. */
const FLUID = 1000 / 30;
/** Milliseconds within which a still image is made sharp in one go. */
const AT_ONCE = 150;
/** Images are not drawn with fewer pixels along a side than this share of the window's. */
const COARSEST = 0.125;
/** Where that takes longer, each image has so many times as many pixels along a side. */
const STEP = 2;

export class Pace {
  /** Milliseconds of a pixel, as learnt; 0 if nothing has been drawn yet. */
  #perPixel = 0;

  /** A frame of so many pixels took so many milliseconds. */
  learn(pixels: number, milliseconds: number): void {
    if (pixels <= 0 || milliseconds <= 0) return;
    const measured = milliseconds / pixels;
    this.#perPixel = this.#perPixel === 0 ? measured : 0.7 * this.#perPixel + 0.3 * measured;
  }

  /** Nothing learnt holds any more: another field, LOD or way of drawing. */
  forget(): void {
    this.#perPixel = 0;
  }

  /** Share of the full side to draw at while the view moves, in a window of so many pixels. */
  moving(fullPixels: number): number {
    if (this.#perPixel === 0) return Math.min(1, Math.max(COARSEST, Math.sqrt(65536 / fullPixels)));
    return this.#within(FLUID, fullPixels);
  }

  /** The share after `current` once the view is still; 1 is the end. */
  refined(current: number, fullPixels: number): number {
    const quick = this.#perPixel === 0 ? 0 : this.#within(AT_ONCE, fullPixels);
    return Math.min(1, Math.max(STEP * current, quick));
  }

  #within(milliseconds: number, fullPixels: number): number {
    const share = Math.sqrt(milliseconds / (this.#perPixel * fullPixels));
    return Math.min(1, Math.max(COARSEST, share));
  }
}

/** Frames per second as people see them: over the last second of frames drawn one after another. */
export class FrameRate {
  #times: number[] = [];

  /** A frame was shown at this time, in milliseconds. */
  shown(now: number): void {
    this.#times.push(now);
    while (this.#times.length > 0 && now - this.#times[0]! > 1000) this.#times.shift();
  }

  /** Frames in the second before `now`; `null` if the image has been still. */
  read(now: number): number | null {
    const recent = this.#times.filter((time) => now - time <= 1000);
    if (recent.length < 2 || now - recent[recent.length - 1]! > 500) return null;
    return (recent.length - 1) / ((recent[recent.length - 1]! - recent[0]!) / 1000);
  }
}
