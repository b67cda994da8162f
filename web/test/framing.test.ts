import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import { firstView, isHinted } from "../src/viewer/framing.js";
import { vectorBytes } from "./vectors.js";

const CAMERA = { eye: [1, 2, 30], target: [0, 0.5, 0], up: [0, 1, 0], vertical_fov: 0.5 };

function hinted(camera: Record<string, unknown>) {
  const field = decode(vectorBytes("octree_neighbors"));
  field.metadata = { camera: { ...CAMERA, ...camera } };
  return field;
}

test("a hint is taken as it is", () => {
  const view = firstView(hinted({}), 1);
  assert.deepEqual(
    [view.eye, view.target, view.up, view.verticalFov],
    [CAMERA.eye, CAMERA.target, CAMERA.up, 0.5],
  );
  assert.ok(isHinted(hinted({})));
});

for (const camera of [
  { eye: [1e300, 0, 0] },
  { eye: [1e308, 1e308, 1e308] },
  { target: [0, -1e300, 0] },
  { eye: [1e12, 0, 0], target: [1e12, 0, 1] },
]) {
  test(`a hint of an absurd place: ${JSON.stringify(camera)}`, () => {
    const { eye, target } = firstView(hinted(camera), 1);
    for (const part of [...eye, ...target]) assert.ok(Math.abs(part) < 1e3, `${eye}, ${target}`);
    assert.ok(!isHinted(hinted(camera)));
  });
}

test("a hinted upright axis beyond all numbers is not taken", () => {
  const { up } = firstView(hinted({ up: [1e308, 1e308, 1e308] }), 1);
  assert.ok(Math.abs(Math.hypot(...up) - 1) < 1e-12);
});

for (const unit of [1e-12, 1e12]) {
  test(`a hint of a field in a unit of ${unit}`, () => {
    const times = (place: number[]) => place.map((v) => v * unit);
    const field = hinted({ eye: times(CAMERA.eye), target: times(CAMERA.target) });
    field.bounds = field.bounds.map((v) => v * unit);
    assert.deepEqual(firstView(field, 1).eye, times(CAMERA.eye));
    field.metadata = { camera: { ...CAMERA, eye: times([1, 2, 3]), target: times([1, 2, 3]) } };
    assert.notDeepEqual(firstView(field, 1).eye, times([1, 2, 3]));
  });
}
