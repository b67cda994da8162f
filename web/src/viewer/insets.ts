/** What covers the edges of the image, and how a view is framed into the rest. */

import type { View as Camera } from "../gpu/renderer.js";
import type { Field } from "../types.js";
import type { View } from "./framing.js";

/** CSS pixels at each edge of the image that lie under something else. */
export interface Insets {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export const NO_INSETS: Insets = { top: 0, right: 0, bottom: 0, left: 0 };

/** Windows with a shorter side than this are too small to leave anything out. */
const SMALLEST = 160;
/** At least this share of a side is left for the content. */
const LEAST_SHARE = 0.5;

/** A rectangle of the image, in shares of its sides, from the left and the top. */
export interface Clear {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const ALL: Clear = { x: 0, y: 0, width: 1, height: 1 };

/** The part of an image of this size in CSS pixels that the insets leave. */
export function clearPart(insets: Insets, width: number, height: number): Clear {
  if (Math.min(width, height) < SMALLEST) return ALL;
  const [x, across] = along(insets.left / width, insets.right / width);
  const [y, down] = along(insets.top / height, insets.bottom / height);
  return { x, y, width: across, height: down };
}

/** Where the clear part of one side begins, and its length; insets give way where they are large. */
function along(before: number, after: number): [number, number] {
  const covered = Math.max(0, before) + Math.max(0, after);
  const scale = covered > 1 - LEAST_SHARE ? (1 - LEAST_SHARE) / covered : 1;
  return [Math.max(0, before) * scale, 1 - covered * scale];
}

/**
 * The camera of a whole image whose clear part shows what `view` shows.
 *
 * @param aspect width over height of the whole image
 */
export function framedInto(clear: Clear, view: View, field: Field, aspect: number): Camera {
  if (clear === ALL) return view;
  const shift = [
    (clear.x + clear.width / 2 - 0.5) * aspect,
    clear.y + clear.height / 2 - 0.5,
  ] as const;
  if (field.dims === 3) {
    const verticalFov = 2 * Math.atan(Math.tan(view.verticalFov / 2) / clear.height);
    return { ...view, verticalFov, shift };
  }
  // A sheet fills the image at an eye's distance of 1, and so it has to fill the clear part.
  const [x0, y0, x1, y1] = field.bounds as unknown as [number, number, number, number];
  const perHeight = (width: number, height: number) =>
    Math.max((x1 - x0) / width, (y1 - y0) / height);
  const wanted = perHeight(aspect * clear.width, clear.height);
  const reach = (view.eye[2] - view.target[2]) * (wanted / perHeight(aspect, 1));
  const moved = (view.eye[2] - view.target[2]) * wanted;
  const target = [
    view.target[0] - shift[0] * moved,
    view.target[1] + shift[1] * moved,
    view.target[2],
  ] as const;
  return { ...view, target, eye: [target[0], target[1], target[2] + reach] };
}
