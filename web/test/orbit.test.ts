import assert from "node:assert/strict";
import { test } from "node:test";
import type { View } from "../src/viewer/framing.js";
import { Orbit } from "../src/viewer/orbit.js";
import { length, sub, type Vec3 } from "../src/viewer/vector.js";

const HOME: View = { eye: [0, -3, 1], target: [0, 0, 0], up: [0, 0, 1], verticalFov: 0.6 };
const SIZE = 2;
const orbit = (home = HOME): Orbit => new Orbit(home, [0, 0, 1], SIZE);
const reach = ({ eye, target }: View): number => length(sub(eye, target));

test("a view at an absurd distance is brought to a sensible one", () => {
  for (const eye of [
    [1e30, 0, 0],
    [0, 1e300, 0],
    [1e-12, 0, 0],
  ] as Vec3[]) {
    const seen = orbit();
    seen.view = { ...HOME, eye };
    assert.ok(reach(seen.view) <= 4.001 * SIZE && reach(seen.view) >= 0.0399, String(eye));
    assert.ok(seen.view.eye.every(Number.isFinite));
  }
});

test("a view of an absurd place is not taken", () => {
  const seen = orbit();
  seen.view = { ...HOME, eye: [1e30, 1, 0], target: [1e30, 0, 0] };
  assert.deepEqual(seen.view, HOME);
});

test("a sensible view is taken as it is, however far off the first view is", () => {
  const seen = orbit();
  const view = { ...HOME, eye: [5, 5, 5] as Vec3, target: [1, 1, 0] as Vec3 };
  seen.view = view;
  assert.deepEqual(seen.view, view);
  const far = { ...HOME, eye: [0, -500, 0] as Vec3, verticalFov: 0.01 };
  const distant = orbit(far);
  distant.view = far;
  assert.deepEqual(distant.view, far);
  distant.zoom(0.5);
  assert.ok(Math.abs(reach(distant.view) - 250) < 1e-9);
  distant.zoom(1e-9);
  assert.ok(Math.abs(reach(distant.view) - 0.02 * SIZE) < 1e-9);
});

for (const unit of [1e-12, 1e12]) {
  test(`a view is moved alike in a unit of ${unit}`, () => {
    const times = (place: Vec3): Vec3 => [place[0] * unit, place[1] * unit, place[2] * unit];
    const home = { ...HOME, up: [0.6, 0, 0.8] as Vec3 };
    const [usual, other] = [
      orbit(home),
      new Orbit({ ...home, eye: times(HOME.eye) }, [0, 0, 1], SIZE * unit),
    ];
    for (const seen of [usual, other]) {
      seen.pan(0.1, 0.2);
      seen.turn(0.3, 0.1);
      seen.zoom(1.2);
    }
    const apart = length(sub(times(usual.view.eye), other.view.eye));
    assert.ok(apart < 1e-9 * unit, `${apart / unit}`);
  });
}
