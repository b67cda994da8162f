import assert from "node:assert/strict";
import { test } from "node:test";
import type { Field } from "../src/types.js";
import { Plane } from "../src/viewer/plane.js";

/** Sides of 2 and 1, in a square image: it is as wide as the field. */
const field = { dims: 2, bounds: Float64Array.of(1, 0, 3, 1) } as unknown as Field;
const plane = (): Plane => new Plane(field, () => 1);
const seen = ({ view }: Plane): number[] => [view.target[0], view.target[1], view.eye[2]];

test("at first all of the field is seen", () => {
  assert.deepEqual(seen(plane()), [2, 0.5, 1]);
  assert.ok(plane().isHome);
});

test("the content follows the pointer, whether it is moved or turned", () => {
  const moved = plane();
  moved.pan(0.25, 0.125);
  assert.deepEqual(seen(moved), [1.5, 0.75, 1]);
  const turned = plane();
  turned.turn(Math.PI / 4, Math.PI / 8);
  assert.deepEqual(seen(turned), [1.5, 0.75, 1]);
  turned.zoom(0.5);
  turned.pan(-0.25, 0);
  assert.deepEqual(seen(turned), [1.75, 0.75, 0.5]);
  turned.reset();
  assert.ok(turned.isHome);
});

test("it cannot be lost from sight", () => {
  const far = plane();
  far.pan(100, -100);
  far.zoom(1e9);
  assert.deepEqual(seen(far), [1, 0, 4]);
  far.zoom(1e-12);
  assert.deepEqual(seen(far), [1, 0, 1e-3]);
  far.view = { eye: [1e30, 0, 1e30], target: [1e30, 0, 0], up: [0, 1, 0], verticalFov: 1 };
  assert.deepEqual(seen(far), [3, 0, 4]);
});
