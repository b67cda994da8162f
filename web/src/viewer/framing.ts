/**
 * Where to look from at first: the file's camera hint, or a view that shows all of the content.
 * The rules are those of `nfcodec render` (nfcodec/render/views.py).
 */

import type { Field } from "../types.js";
import { levelsOf } from "../gpu/levels.js";
import { cellsOf, occupiedOf } from "../gpu/occupied.js";
import { add, cross, dot, length, scale, sub, unit, type Vec3 } from "./vector.js";

/** A pinhole view: points in the field's units, the angle in radians. */
export interface View {
  eye: Vec3;
  target: Vec3;
  up: Vec3;
  verticalFov: number;
}

const VERTICAL_FOV = (35 * Math.PI) / 180;
const MARGIN = 0.05;
const AZIMUTH = (35 * Math.PI) / 180;
const ELEVATION = (20 * Math.PI) / 180;
/** Share of occupied cells that the content box may leave out at either end of an axis. */
const STRAY = 0.002;
/** A hint from farther away than this, in diagonals of the bounds, shows nothing and is not taken. */
const FARTHEST_HINT = 1e6;

/** The image's shape that the hint was made for, width over height; `null` without one. */
export function hintedAspect(field: Field): number | null {
  const { width, height } = hint(field);
  const known = typeof width === "number" && typeof height === "number";
  return known && width > 0 && height > 0 ? width / height : null;
}

/** Whether the file says from where it is seen, so that this does not depend on its content. */
export function isHinted(field: Field): boolean {
  return hintedPlace(field, "eye") !== null && hintedPlace(field, "target") !== null;
}

/** The first view of a 3-D field in an image of the given width over height. */
export function firstView(field: Field, aspect: number): View {
  const stated = hint(field);
  const fov = stated["vertical_fov"];
  let verticalFov =
    typeof fov === "number" && fov > 1e-3 && fov < Math.PI - 1e-3 ? fov : VERTICAL_FOV;
  const up = direction(stated["up"]) ?? upright(field);
  const box = contentBox(field);
  const target = hintedPlace(field, "target") ?? middle(box);
  const eye = hintedPlace(field, "eye");
  const widest = Math.max(...sub(box[1], box[0]));
  if (eye !== null && length(sub(eye, target)) > 1e-9 * widest) {
    // The hint frames the content in its own shape: a narrower window must not cut the sides off.
    const wanted = hintedAspect(field) ?? 1;
    if (aspect < wanted) {
      verticalFov = 2 * Math.atan((Math.tan(verticalFov / 2) * wanted) / aspect);
      verticalFov = Math.min(verticalFov, 2.6);
    }
    return { eye, target, up, verticalFov };
  }
  const side = sideOf(up);
  const away = distance(box, target, side, up, verticalFov, aspect);
  return { eye: add(target, scale(side, away)), target, up, verticalFov };
}

/** The axis that stands upright in this kind of field: y for shapes, z for everything else. */
export function upright(field: Field): Vec3 {
  return field.kind === "sdf" ? [0, 1, 0] : [0, 0, 1];
}

/** Lower and upper corner of what is there, in the field's units. */
export function contentBox(field: Field): [Vec3, Vec3] {
  const [low, high] = boundsOf(field);
  const counts = cellCounts(field);
  if (counts === null) return [low, high];
  const corner: [number[], number[]] = [[], []];
  counts.forEach((along, axis) => {
    const [first, last] = inner(along);
    const side = high[axis]! - low[axis]!;
    corner[0].push(low[axis]! + side * first);
    corner[1].push(low[axis]! + side * last);
  });
  return corner as unknown as [Vec3, Vec3];
}

/** How many occupied cells there are in each slice across x, y and z; `null` if unknown. */
function cellCounts(field: Field): Float64Array[] | null {
  const arrived = levelsOf(field).filter((level) => level.code !== null);
  const occupied = occupiedOf(field, Infinity, arrived);
  if (occupied === null) return null;
  const counts = occupied.shape.map((along) => new Float64Array(along));
  let any = false;
  for (const cell of cellsOf(field, occupied)) {
    for (let axis = 0; axis < 3; axis++) counts[axis]![cell[axis]!]! += 1;
    any = true;
  }
  return any ? counts : null;
}

/** The part of an axis, as shares of it, that holds all but a few stray cells. */
function inner(counts: Float64Array): [number, number] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  let first = -1;
  let last = counts.length - 1;
  for (let i = 0; i < counts.length; i++) {
    before += counts[i]!;
    if (first < 0 && before > STRAY * total) first = i;
    if (before >= (1 - STRAY) * total) {
      last = i;
      break;
    }
  }
  return [Math.max(first, 0) / counts.length, (last + 1) / counts.length];
}

function hint(field: Field): Record<string, unknown> {
  const stated = field.metadata["camera"];
  const isMap = typeof stated === "object" && stated !== null && !Array.isArray(stated);
  return isMap ? (stated as Record<string, unknown>) : {};
}

/** The place that the hint gives, if one could see the field from or at it. */
function hintedPlace(field: Field, key: "eye" | "target"): Vec3 | null {
  const place = vector(hint(field)[key]);
  const [low, high] = boundsOf(field);
  const most = FARTHEST_HINT * length(sub(high, low));
  return place !== null && length(sub(place, middle([low, high]))) <= most ? place : null;
}

function boundsOf(field: Field): [Vec3, Vec3] {
  const corner = (at: number) => [...field.bounds.subarray(at, at + 3)] as unknown as Vec3;
  return [corner(0), corner(3)];
}

function vector(value: unknown): Vec3 | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  return value.every((v) => typeof v === "number" && Number.isFinite(v))
    ? (value as unknown as Vec3)
    : null;
}

function direction(value: unknown): Vec3 | null {
  const found = vector(value);
  const size = found === null ? 0 : length(found);
  return found !== null && size > 1e-12 && size < Infinity ? unit(found) : null;
}

function middle([low, high]: [Vec3, Vec3]): Vec3 {
  return scale(add(low, high), 0.5);
}

/** To the right of the front and a little above; the front is z where y is up, else -y. */
function sideOf(up: Vec3): Vec3 {
  const upmost = Math.max(...up.map(Math.abs));
  const standing = Math.abs(up[2]) === upmost;
  const towards: Vec3 = standing ? [0, -1, 0] : [0, 0, 1];
  const front = unit(sub(towards, scale(up, dot(towards, up))));
  const flat = add(scale(front, Math.cos(AZIMUTH)), scale(cross(up, front), Math.sin(AZIMUTH)));
  return add(scale(flat, Math.cos(ELEVATION)), scale(up, Math.sin(ELEVATION)));
}

/** How far from `aim` an eye must stand in the direction `side` to see all of a box. */
function distance(
  box: [Vec3, Vec3],
  aim: Vec3,
  side: Vec3,
  up: Vec3,
  verticalFov: number,
  aspect: number,
): number {
  const right = unit(cross(up, side));
  const above = cross(side, right);
  const tangent = Math.tan(verticalFov / 2);
  let needed = 0;
  for (let corner = 0; corner < 8; corner++) {
    const pick = (axis: number) => box[(corner >> axis) & 1]![axis]!;
    const offset = sub([pick(0), pick(1), pick(2)], aim);
    const across = Math.max(
      Math.abs(dot(offset, right)) / (tangent * aspect),
      Math.abs(dot(offset, above)) / tangent,
    );
    needed = Math.max(needed, dot(offset, side) + across);
  }
  return needed * (1 + MARGIN);
}
