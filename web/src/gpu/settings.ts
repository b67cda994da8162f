/**
 * The numbers an image is drawn with that follow from the field alone: the same as
 * `nfcodec/render/settings.py`, so that samples lie in the same places.
 */

import type { Field, Grid, Level } from "../codec/types.js";
import { levelsOf } from "./plan.js";

/** The shortest step of sphere tracing in voxels of the finest level, and in shares of the box. */
const MIN_STEP_VOXELS = 0.25;
const MIN_STEP_SHARE = 1 / 512;
const VOXELS_WITHOUT_GRID = 256;
/** Normals are differences over plus and minus this many voxels. */
export const NORMAL_STEP_VOXELS = 0.5;
/** Points at which the slope of a field is measured. */
export const SLOPE_POINTS = 4096;
/** Samples of a scalar volume along the longest side of the box at least. */
const SAMPLES_PER_SIDE = 192;
/** Optical depth of the box's diagonal where the field has its highest value, times opacity. */
export const FULL_DEPTH = 60;
/** Points along each axis at which the range of a scalar field is measured, in 2-D and in 3-D. */
export const RANGE_POINTS = { 2: 256, 3: 40 } as const;

export type Vector = readonly [number, number, number];

/** Sides of the box: upper corner minus lower. */
export function extentOf(field: Field): number[] {
  return Array.from({ length: field.dims }, (_, i) => field.bounds[field.dims + i] - field.bounds[i]);
}

/** The distance between samples of a radiance field, in its units. */
export function radianceStep(field: Field, lod: number, samplesPerVoxel?: number): number {
  let depth = -1;
  for (const level of levelsOf(field)) {
    if (level.layout.kind === "octree" && level.lod <= lod) depth = Math.max(depth, level.layout.depth);
  }
  const perVoxel = samplesPerVoxel ?? statedSamples(field);
  return Math.max(...extentOf(field)) / 2 ** (depth < 0 ? 7 : depth) / perVoxel;
}

function statedSamples(field: Field): number {
  const render = field.metadata["render"];
  if (typeof render !== "object" || render === null) return 1;
  const stated: unknown = (render as Record<string, unknown>)["samples_per_voxel"];
  if (typeof stated !== "number" || !(stated > 0) || !Number.isFinite(stated)) return 1;
  return Math.min(Math.max(stated, 1 / 16), 16);
}

/** The smallest side of a voxel of the levels in use, in the field's units. */
export function voxelSize(field: Field, lod: number): number {
  const extent = extentOf(field);
  let smallest = Infinity;
  for (const grid of field.grids) {
    for (const level of grid.levels) {
      if (level.lod > lod) continue;
      for (let axis = 0; axis < field.dims; axis++) {
        const cells = cellsAlong(level, axis) * stretch(grid, field.dims, axis);
        smallest = Math.min(smallest, extent[axis] / cells);
      }
    }
  }
  return smallest === Infinity ? Math.max(...extent) / VOXELS_WITHOUT_GRID : smallest;
}

function cellsAlong(level: Level, axis: number): number {
  const layout = level.layout;
  if (layout.kind === "octree") return 2 ** layout.depth;
  const corners = layout.shape[layout.shape.length - 1 - axis];
  return layout.alignCorners ? Math.max(corners - 1, 1) : corners;
}

/** A transform that shrinks the grid's share of the box shrinks its voxels with it. */
function stretch(grid: Grid, dims: number, axis: number): number {
  if (grid.transform === null) return 1;
  const row = grid.transform.subarray(axis * (dims + 1), axis * (dims + 1) + dims);
  return Math.max(1e-6, Math.hypot(...row));
}

/** The shortest step of sphere tracing. */
export function shortestStep(field: Field, voxel: number): number {
  return Math.min(MIN_STEP_VOXELS * voxel, MIN_STEP_SHARE * Math.max(...extentOf(field)));
}

/** The distance between samples of a scalar volume. */
export function scalarStep(field: Field, lod: number): number {
  return Math.min(voxelSize(field, lod), Math.max(...extentOf(field)) / SAMPLES_PER_SIDE);
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
