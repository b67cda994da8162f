/** How a field is drawn, apart from where from: what the controls set. */

import type { Field, FieldKind } from "../types.js";

export interface Look {
  /** The LOD wanted; `null` for the newest that has arrived. */
  lod: number | null;
  mode: string;
  /** Display-referred red, green, blue. */
  background: [number, number, number];
  colormap: string;
  /** Values that the colors cover; `null` for the file's or as sampled. */
  range: [number, number] | null;
  /** The value of an iso-surface; `null` for the middle of the range. */
  isoLevel: number | null;
}

/** What can be shown of each kind of field, with the words for it; the first is the default. */
export const MODES: Record<FieldKind, readonly (readonly [string, string])[]> = {
  nerf: [
    ["shaded", "Radiance"],
    ["depth", "Depth"],
  ],
  sdf: [
    ["shaded", "Light"],
    ["matcap", "Clay"],
    ["normals", "Normals"],
    ["depth", "Depth"],
  ],
  scalar: [
    ["shaded", "Volume"],
    ["iso", "Surface"],
  ],
};

/** What can be shown of `field`, as in {@link MODES}. */
export function modesOf(field: Field): readonly (readonly [string, string])[] {
  return field.dims === 2 ? [["shaded", "Plane"]] : MODES[field.kind];
}

/** The color behind the field that the file states; `null` if it states none. */
export function statedBackground(field: Field): [number, number, number] | null {
  const stated = field.metadata["background"];
  if (!Array.isArray(stated) || stated.length !== 3) return null;
  if (!stated.every((v) => typeof v === "number" && Number.isFinite(v))) return null;
  return stated.map((v: number) => Math.min(1, Math.max(0, v))) as [number, number, number];
}

/** The range of values that the file states; `null` if it states none. */
export function statedRange(field: Field): [number, number] | null {
  const stated = field.metadata["value_range"];
  if (!Array.isArray(stated) || stated.length !== 2) return null;
  const [low, high] = stated as [unknown, unknown];
  if (typeof low !== "number" || typeof high !== "number") return null;
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
}
