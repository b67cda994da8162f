/**
 * The numbers an image is drawn with that follow from the field alone: the same as
 * `nfcodec/render/settings.py`, so that samples lie in the same places.
 */

import type { Field, Level } from "../types.js";
import { layoutType } from "../layouts/registry.js";
import { levelsOf } from "./levels.js";
import { finestOccupied } from "./occupied.js";
import { CONSTANTS } from "../shaders/tables.js";

export type Vector = readonly [number, number, number];

/** Sides of the box: upper corner minus lower. */
export function extentOf(field: Field): number[] {
  return Array.from(
    { length: field.dims },
    (_, i) => field.bounds[field.dims + i] - field.bounds[i],
  );
}

/** The distance between samples of a radiance field, in its units. */
export function radianceStep(field: Field, lod: number, samplesPerVoxel?: number): number {
  const finest = finestOccupied(levelsOf(field), lod);
  const voxels =
    finest === null
      ? CONSTANTS.RADIANCE_VOXELS_WITHOUT_OCTREE
      : Math.max(...layoutType(finest.layout).resolution(finest.layout));
  return Math.max(...extentOf(field)) / voxels / (samplesPerVoxel ?? statedSamples(field));
}

function statedSamples(field: Field): number {
  const render = field.metadata["render"];
  if (typeof render !== "object" || render === null) return 1;
  const stated: unknown = (render as Record<string, unknown>)["samples_per_voxel"];
  if (typeof stated !== "number" || !(stated > 0) || !Number.isFinite(stated)) return 1;
  return Math.min(
    Math.max(stated, CONSTANTS.MIN_SAMPLES_PER_VOXEL),
    CONSTANTS.MAX_SAMPLES_PER_VOXEL,
  );
}

/** The steepest slope of a distance that the metadata state, bounded; 0 if they state none. */
export function statedSlope(field: Field): number {
  const render = field.metadata["render"];
  if (typeof render !== "object" || render === null) return 0;
  const stated: unknown = (render as Record<string, unknown>)["slope"];
  if (typeof stated !== "number" || !(stated > 0)) return 0;
  return Math.min(stated, CONSTANTS.MAX_SLOPE);
}

/** The smallest side of a voxel of the levels in use, in the field's units. */
export function voxelSize(field: Field, lod: number): number {
  const extent = extentOf(field);
  let smallest = Infinity;
  for (const level of levelsOf(field)) {
    if (level.lod <= lod) smallest = Math.min(smallest, ...voxelSides(level, extent));
  }
  return smallest === Infinity ? Math.max(...extent) / CONSTANTS.VOXELS_WITHOUT_GRID : smallest;
}

/**
 * Sides of a level's voxels, in the field's units. A transform that shrinks the level's share of the
 * box shrinks its voxels with it. An axis of a plane or a line is measured along the axis of the box
 * that it follows most.
 */
function voxelSides({ layout, transform }: Level, extent: readonly number[]): number[] {
  const dims = extent.length;
  const voxels = layoutType(layout).resolution(layout);
  return voxels.map((along, axis) => {
    if (transform === null) return extent[axis] / along;
    const row = [...transform.subarray(axis * (dims + 1), axis * (dims + 1) + dims)];
    const sizes = row.map(Math.abs);
    const followed = voxels.length === dims ? axis : sizes.indexOf(Math.max(...sizes));
    return extent[followed] / (along * Math.max(1e-6, Math.hypot(...row)));
  });
}

/** The shortest step of sphere tracing. */
export function shortestStep(field: Field, voxel: number): number {
  return Math.min(
    CONSTANTS.MIN_STEP_VOXELS * voxel,
    CONSTANTS.MIN_STEP_SHARE * Math.max(...extentOf(field)),
  );
}

/** The distance between samples of a scalar volume. */
export function scalarStep(field: Field, lod: number): number {
  return Math.min(voxelSize(field, lod), Math.max(...extentOf(field)) / CONSTANTS.SAMPLES_PER_SIDE);
}

/** The distances of the nearest and the farthest point of the box from the eye. */
export function depthRange(field: Field, eye: Vector): [number, number] {
  const near: number[] = [];
  const far: number[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const low = field.bounds[axis];
    const high = field.bounds[field.dims + axis];
    near.push(Math.min(Math.max(eye[axis], low), high) - eye[axis]);
    far.push(Math.max(Math.abs(eye[axis] - low), Math.abs(eye[axis] - high)));
  }
  return [Math.hypot(...near), Math.hypot(...far)];
}

/** The axes of a camera, right, up and back, of one that looks from `eye` at `target`. */
export function cameraAxes(eye: Vector, target: Vector, up: Vector): [Vector, Vector, Vector] {
  const back = unit([eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]);
  let right = cross(up, back);
  if (Math.hypot(...right) < 1e-9) {
    // Looking along `up`: any right-hand side will do.
    right = cross(Math.abs(back[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0], back);
  }
  right = unit(right);
  return [right, cross(back, right), back];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: Vector): Vector {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}
