import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import { cameraAxes } from "../src/gpu/settings.js";
import type { View as Camera } from "../src/gpu/renderer.js";
import type { Field } from "../src/types.js";
import type { View } from "../src/viewer/framing.js";
import { ALL, clearPart, framedInto, NO_INSETS } from "../src/viewer/insets.js";
import { dot, sub, type Vec3 } from "../src/viewer/vector.js";
import { vectorBytes, vectorNames } from "./vectors.js";

const VIEW: View = { eye: [3, -2, 1], target: [0, 0, 0], up: [0, 0, 1], verticalFov: 0.7 };
const [WIDTH, HEIGHT] = [800, 500];

/** Where a camera sees a point, in pixels of an image of this size: as `Parameters.camera` says. */
function seen(camera: Camera, point: Vec3, width: number, height: number): [number, number] {
  const [right, up, back] = cameraAxes(camera.eye, camera.target, camera.up) as [Vec3, Vec3, Vec3];
  const offset = sub(point, camera.eye as Vec3);
  const focal = (0.5 * height) / Math.tan(0.5 * camera.verticalFov);
  const [x, y] = camera.shift ?? [0, 0];
  const depth = -dot(offset, back);
  return [
    width / 2 + x * height + (focal * dot(offset, right)) / depth,
    height / 2 + y * height - (focal * dot(offset, up)) / depth,
  ];
}

function of(dims: number): Field {
  return vectorNames()
    .map((name) => decode(vectorBytes(name)))
    .find((field) => field.dims === dims)!;
}

test("what a view shows is shown in the part that the insets leave", () => {
  const insets = { top: 60, right: 200, bottom: 40, left: 10 };
  const clear = clearPart(insets, WIDTH, HEIGHT);
  const [width, height] = [WIDTH - 210, HEIGHT - 100];
  const camera = framedInto(clear, VIEW, of(3), WIDTH / HEIGHT);
  for (const point of [
    [0, 0, 0],
    [0.3, 0.4, -0.2],
    [-0.5, 0.1, 0.6],
  ] as Vec3[]) {
    const [x, y] = seen(VIEW, point, width, height);
    const found = seen(camera, point, WIDTH, HEIGHT);
    assert.ok(Math.hypot(found[0] - x - 10, found[1] - y - 60) < 1e-9, String(found));
  }
});

test("a sheet fills the part that the insets leave", () => {
  const field = of(2);
  const [x0, y0, x1, y1] = field.bounds as unknown as [number, number, number, number];
  const home: View = {
    eye: [(x0 + x1) / 2, (y0 + y1) / 2, 1],
    target: [(x0 + x1) / 2, (y0 + y1) / 2, 0],
    up: [0, 1, 0],
    verticalFov: 0.6,
  };
  const clear = clearPart({ top: 100, right: 300, bottom: 0, left: 0 }, WIDTH, HEIGHT);
  const { eye, target } = framedInto(clear, home, field, WIDTH / HEIGHT);
  // As `Parameters.plane`: units of a pixel, and the point in the middle.
  const perPixel = (eye[2] - target[2]) * Math.max((x1 - x0) / WIDTH, (y1 - y0) / HEIGHT);
  const across = (x1 - x0) / perPixel;
  const down = (y1 - y0) / perPixel;
  assert.ok(Math.abs(Math.max(across / 500, down / 400) - 1) < 1e-9);
  const middle = WIDTH / 2 + (home.target[0] - target[0]) / perPixel;
  const height = HEIGHT / 2 - (home.target[1] - target[1]) / perPixel;
  assert.ok(Math.hypot(middle - 250, height - 300) < 1e-6, `${middle} ${height}`);
});

test("insets give way where they would leave less than half, and in tiny windows", () => {
  const { width, height } = clearPart({ top: 300, right: 0, bottom: 300, left: 900 }, 1000, 400);
  assert.ok(Math.abs(width - 0.5) < 1e-12 && Math.abs(height - 0.5) < 1e-12);
  assert.equal(clearPart({ top: 30, right: 0, bottom: 0, left: 0 }, 96, 96), ALL);
  assert.deepEqual(clearPart(NO_INSETS, WIDTH, HEIGHT), ALL);
});
