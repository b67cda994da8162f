import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, queryOf, readHash, sourceOf, writeHash, type Shared } from "../src/viewer/link.js";
import type { Vec3 } from "../src/viewer/vector.js";

const NAMES = [
  "lego.nfc",
  "a field.nfc",
  "a#b 100%?.nfc",
  "%41.nfc",
  "größe.nfc",
  "gro\u0308ße.nfc",
  "http:x.nfc",
  "a\\b.nfc",
  " edge .nfc ",
  "a&src=b+c.nfc",
  "日本語.nfc",
  "a;b'c\"d<e>.nfc",
];
for (const name of NAMES) {
  test(`the address of ${JSON.stringify(name)} leads to it`, () => {
    const page = new URL(`https://host/site/${queryOf(name)}#lod=1`);
    const source = sourceOf(page)!;
    assert.equal(source.host, "host");
    assert.equal(source.search + source.hash, "");
    assert.equal(decodeURIComponent(source.pathname), `/site/${name}`);
    assert.equal(nameOf(source), name);
  });
}

test("names without anything special stay as they are", () => {
  assert.equal(queryOf("lego_4-bit.v1.nfc"), "?src=lego_4-bit.v1.nfc");
  assert.equal(queryOf("a field.nfc"), "?src=a%20field.nfc");
});

test("what a link holds comes back", () => {
  const shared: Shared = {
    view: { eye: [1, 2, 3], target: [0, 0, 0.5], up: [0, 0, 1], verticalFov: 0.6 },
    lod: 2,
    mode: "iso",
    colormap: "magma",
    range: [-1, 2.5],
    level: 0.25,
    background: [0, 128 / 255, 1],
  };
  assert.deepEqual(readHash(writeHash(shared)), shared);
  assert.deepEqual(readHash(writeHash({})), {});
});

for (const unit of [1e-12, 1e12]) {
  test(`a link holds a view of a field in a unit of ${unit}`, () => {
    const eye: Vec3 = [unit, 2 * unit, 3 * unit];
    const target: Vec3 = [0, 0, 0.5 * unit];
    const view = { eye, target, up: [0, 0, 1] as Vec3, verticalFov: 0.6 };
    assert.deepEqual(readHash(writeHash({ view })), { view });
    const same = [...eye, ...eye.map((v) => v * (1 + 1e-12)), 0, 0, 1, 0.6];
    assert.deepEqual(readHash(`#camera=${same.join(",")}`), {});
  });
}

test("what makes no sense in a link is left out", () => {
  for (const hash of [
    "#camera=1,2,3",
    "#camera=0,0,0,0,0,0,0,0,1,0.6",
    "#camera=1,0,0,0,0,0,0,0,0,0.6",
    "#camera=1,0,0,0,0,0,0,0,1,9",
    "#camera=1e300,0,0,0,0,0,0,0,1,0.6",
    "#camera=1,0,0,0,0,0,1e308,1e308,1e308,0.6",
    "#lod=-1",
    "#lod=1.5",
    "#range=2,1",
    "#range=a,b",
    "#background=red",
    "#background=12345",
    "#x",
  ]) {
    assert.deepEqual(readHash(hash), {}, hash);
  }
});
