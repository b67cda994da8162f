import { createHash } from "node:crypto";
import { unpack } from "../src/container/packed.js";
import type { Field, Level } from "../src/types.js";
import type { Expected, ExpectedArray, ExpectedLevel } from "./vectors.js";

/** A decoded field in the form of the golden files' JSON. */
export function summary(field: Field): Expected {
  const half = field.bounds.length / 2;
  const { occupancy } = field;
  return {
    kind: field.kind,
    bounds: [Array.from(field.bounds.slice(0, half)), Array.from(field.bounds.slice(half))],
    metadata: JSON.parse(JSON.stringify(field.metadata)) as Record<string, unknown>,
    lods: field.lods,
    levels: field.grids.flatMap((grid) => grid.levels.map(level)),
    transforms: field.grids.map(({ levels: [{ transform }] }) =>
      transform === null
        ? null
        : array("<f4", [field.dims, field.dims + 1], new Uint8Array(transform.buffer)),
    ),
    networks: Object.fromEntries(
      field.networks.map(({ name, layers }) => [
        name,
        layers.map(({ weight, bias, outputs, inputs, activation, gain }) => ({
          weight: array("<f2", [outputs, inputs], toHalves(weight)),
          bias: bias === null ? null : array("<f2", [outputs], toHalves(bias)),
          activation,
          gain,
        })),
      ]),
    ),
    occupancy:
      occupancy === null
        ? null
        : {
            shape: occupancy.shape,
            cells: integers(
              "u1",
              occupancy.shape,
              Array.from(
                { length: occupancy.shape.reduce((a, b) => a * b, 1) },
                (_, i) => (occupancy.cells[i >> 3] >> (i & 7)) & 1,
              ),
            ),
          },
  };
}

function level({ lod, layout, rows, features, code }: Level): ExpectedLevel {
  if (code === null) throw new Error("a level has not arrived");
  const found: ExpectedLevel = { lod, code: code.kind };
  if (layout.kind === "octree") {
    found.depth = layout.depth;
    found.voxels = integers("<u8", [layout.voxels.length], Array.from(layout.voxels));
    const n = 2 ** layout.depth + 1;
    const places = Array.from(layout.corners).flatMap((site) => [
      site % n,
      Math.floor(site / n) % n,
      Math.floor(site / n / n),
    ]);
    found.corners = integers("<i4", [rows, 3], places);
  } else {
    found.shape = layout.shape;
  }
  if (code.kind === "vq") {
    found.indices = integers("<u2", [rows], Array.from(unpack(code.packed, rows, code.bits)));
    found.codebook = array("<f2", [code.numCodes, features], bytesOf(code.codebook));
  } else if (code.kind === "lowrank") {
    found.mean = array("<f2", [features], bytesOf(code.mean));
    found.basis = array("<f2", [code.rank, features], bytesOf(code.basis));
    found.coefficients = array("<f2", [rows, code.rank], bytesOf(code.coefficients));
  } else if (code.kind === "lattice") {
    found.unit = code.unit;
    found.offset = code.offset;
    const channels = code.values.flatMap((channel) => Array.from(channel));
    found.values = integers("<i4", [features, rows], channels);
  } else {
    found.values = array("<f2", [rows, features], bytesOf(code.values));
  }
  return found;
}

function bytesOf(values: Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function array(type: ExpectedArray["type"], shape: number[], bytes: Uint8Array): ExpectedArray {
  return { shape, type, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function integers(
  type: "u1" | "<u2" | "<i4" | "<u8",
  shape: number[],
  values: number[],
): ExpectedArray {
  const size = { u1: 1, "<u2": 2, "<i4": 4, "<u8": 8 }[type];
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (size === 1) view.setUint8(i, value);
    else if (size === 2) view.setUint16(2 * i, value, true);
    else view.setUint32(size * i, value, true);
  });
  return { ...array(type, shape, bytes), first: values.slice(0, 64) };
}

/** float32 values that are float16 values, as float16 bits. */
export function toHalves(values: Float32Array): Uint8Array {
  const bits = Uint16Array.from(values, (value) => {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const size = Math.abs(value);
    if (size < 2 ** -14) return sign | (size * 2 ** 24);
    const exponent = Math.floor(Math.log2(size));
    return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024);
  });
  return bytesOf(bits);
}
