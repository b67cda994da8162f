/** A camera on a sphere around a target: what turning, moving and zooming do to the view. */

import type { View } from "./framing.js";
import { across, add, cross, dot, length, scale, sub, turned, unit, type Vec3 } from "./vector.js";

/** Radians that the eye keeps from the poles, where up would lose its meaning. */
const POLE = 0.01;
/** How close the eye may go, in sizes of the content. */
const NEAREST = 0.02;
/** How far the eye may go: in sizes of the content, and in distances of the first view. */
const FARTHEST = 4;
const FARTHEST_OF_HOME = 2.5;
/** A hinted `up` counts as upright if the image's horizon leans less than this (sine). */
const LEANING = 0.03;

export class Orbit {
  readonly #home: View;
  readonly #axis: Vec3;
  /** How close to its target and how far from it the eye may be. */
  readonly #nearest: number;
  readonly #farthest: number;
  #view: View;

  /**
   * @param home the first view, to which {@link reset} returns
   * @param upright the field's upright axis, about which the view turns unless `home` leans
   * @param size a length of the content, in the field's units
   */
  constructor(home: View, upright: Vec3, size: number) {
    this.#home = home;
    const reach = length(sub(home.eye, home.target));
    this.#nearest = Math.min(NEAREST * size, reach);
    this.#farthest = Math.max(FARTHEST * size, FARTHEST_OF_HOME * reach);
    const back = unit(sub(home.eye, home.target));
    const sideways = cross(home.up, back);
    const right = length(sideways) > 1e-6 ? unit(sideways) : across(back);
    const stands = dot(cross(back, right), upright) > 0;
    this.#axis = stands && Math.abs(dot(right, upright)) < LEANING ? upright : home.up;
    this.#view = home;
  }

  get view(): View {
    return this.#view;
  }

  /** A view at an absurd distance is brought to a sensible one; one of an absurd place is not taken. */
  set view(view: View) {
    const arm = sub(view.eye, view.target);
    const astray = length(sub(view.target, this.#home.target));
    if (!(astray <= 2 * this.#farthest && Number.isFinite(length(arm)))) return;
    const reach = length(arm);
    const kept = this.#within(reach);
    this.#view =
      kept === reach ? view : { ...view, eye: add(view.target, scale(arm, kept / reach)) };
  }

  #within(reach: number): number {
    return Math.min(this.#farthest, Math.max(this.#nearest, reach));
  }

  get isHome(): boolean {
    return this.#view === this.#home;
  }

  reset(): void {
    this.#view = this.#home;
  }

  /** Turn about the upright axis and tilt, in radians; the image follows the pointer. */
  turn(azimuth: number, elevation: number): void {
    const { eye, target } = this.#view;
    const arm = turned(sub(eye, target), this.#axis, -azimuth);
    const reach = length(arm);
    const sine = Math.min(1, Math.max(-1, dot(arm, this.#axis) / reach));
    const limit = Math.PI / 2 - POLE;
    const now = Math.asin(sine);
    const then = Math.min(limit, Math.max(-limit, now + elevation));
    const flat = sub(arm, scale(this.#axis, dot(arm, this.#axis)));
    const outward = length(flat) > 1e-9 * reach ? unit(flat) : across(this.#axis);
    const side = add(scale(outward, Math.cos(then)), scale(this.#axis, Math.sin(then)));
    this.#view = { ...this.#view, eye: add(target, scale(side, reach)), up: this.#axis };
  }

  /** Move the view sideways by a share of the image's height; the content follows the pointer. */
  pan(x: number, y: number): void {
    const { eye, target, up, verticalFov } = this.#view;
    const back = sub(eye, target);
    const perHeight = 2 * length(back) * Math.tan(verticalFov / 2);
    const sideways = cross(up, back);
    const right = length(sideways) > 1e-6 * length(back) ? unit(sideways) : across(unit(back));
    const above = unit(cross(back, right));
    const by = add(scale(right, -x * perHeight), scale(above, y * perHeight));
    this.#view = { ...this.#view, eye: add(eye, by), target: add(target, by) };
  }

  /** Go nearer by a factor below one, farther by one above. */
  zoom(factor: number): void {
    const { eye, target } = this.#view;
    const arm = sub(eye, target);
    const reach = this.#within(length(arm) * factor);
    this.#view = { ...this.#view, eye: add(target, scale(unit(arm), reach)) };
  }
}
