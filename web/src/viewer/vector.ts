/** Vectors of three numbers. */
export type Vec3 = readonly [number, number, number];

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const sub = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, s: number): Vec3 => [a[0] * s, a[1] * s, a[2] * s];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** `a` at length one; `a` must not be zero. */
export const unit = (a: Vec3): Vec3 => scale(a, 1 / length(a));

/** `a` turned about the unit vector `axis` by `angle` radians (Rodrigues' formula). */
export function turned(a: Vec3, axis: Vec3, angle: number): Vec3 {
  const c = Math.cos(angle);
  const along = scale(axis, dot(axis, a) * (1 - c));
  return add(add(scale(a, c), scale(cross(axis, a), Math.sin(angle))), along);
}

/** Any unit vector across the unit vector `a`. */
export function across(a: Vec3): Vec3 {
  return unit(cross(Math.abs(a[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0], a));
}
