/** What moving and zooming do to the view of a 2-D field; it has no other side to turn to. */

import type { Field } from "../types.js";
import type { View } from "./framing.js";
import { length, sub } from "./vector.js";

/** The least and the greatest part of the field in an image, as a factor on its sides. */
const NEAREST = 1e-3;
const FARTHEST = 4;

/** A sheet that is moved under the image: as {@link Orbit} to those who move it. */
export class Plane {
  readonly #field: Field;
  readonly #aspect: () => number;
  readonly #home: View;
  #view: View;

  /** @param aspect gives the image's width over its height */
  constructor(field: Field, aspect: () => number) {
    this.#field = field;
    this.#aspect = aspect;
    const [x0, y0, x1, y1] = field.bounds as unknown as [number, number, number, number];
    this.#home = planeView((x0 + x1) / 2, (y0 + y1) / 2, 1);
    this.#view = this.#home;
  }

  get view(): View {
    return this.#view;
  }

  /** Only its target and its distance are taken, as far as they make sense here. */
  set view({ eye, target }: View) {
    this.#place(target[0], target[1], length(sub(eye, target)));
  }

  get isHome(): boolean {
    return this.#view === this.#home;
  }

  reset(): void {
    this.#view = this.#home;
  }

  /** What turns other fields, in radians for half the image's height, moves this one. */
  turn(azimuth: number, elevation: number): void {
    this.pan(azimuth / Math.PI, elevation / Math.PI);
  }

  /** Move by shares of the image's height; the content follows the pointer. */
  pan(x: number, y: number): void {
    const [x0, y0, x1, y1] = this.#field.bounds as unknown as [number, number, number, number];
    const { target, eye } = this.#view;
    const reach = length(sub(eye, target));
    const perHeight = reach * Math.max((x1 - x0) / this.#aspect(), y1 - y0);
    this.#place(target[0] - x * perHeight, target[1] + y * perHeight, reach);
  }

  /** Nearer by a factor below one, farther by one above. */
  zoom(factor: number): void {
    const { target, eye } = this.#view;
    this.#place(target[0], target[1], length(sub(eye, target)) * factor);
  }

  #place(x: number, y: number, reach: number): void {
    const [x0, y0, x1, y1] = this.#field.bounds as unknown as [number, number, number, number];
    const within = (value: number, low: number, high: number) =>
      Math.min(high, Math.max(low, value));
    this.#view = planeView(within(x, x0, x1), within(y, y0, y1), within(reach, NEAREST, FARTHEST));
  }
}

function planeView(x: number, y: number, reach: number): View {
  return { eye: [x, y, reach], target: [x, y, 0], up: [0, 1, 0], verticalFov: 0.6 };
}
