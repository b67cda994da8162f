import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `npm test` runs in `web/`. */
export const FOLDER = join(process.cwd(), "..", "formats", "vectors", "v1");

/** Names of the golden files, without ending. */
export function vectorNames(): string[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".nfc"));
  if (names.length === 0) throw new Error(`no golden files in ${FOLDER}`);
  return names.map((name) => name.slice(0, -4)).sort();
}

export function vectorBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(FOLDER, `${name}.nfc`)));
}

export function vectorJson(name: string): Expected {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as Expected;
}

export interface ExpectedArray {
  shape: number[];
  type: "<u1" | "u1" | "<u2" | "<u8" | "<i4" | "<f2" | "<f4";
  sha256: string;
  first?: number[];
}

export interface ExpectedLevel {
  lod: number;
  code: "float16" | "vq" | "lowrank" | "lattice";
  shape?: number[];
  depth?: number;
  voxels?: ExpectedArray;
  corners?: ExpectedArray;
  indices?: ExpectedArray;
  codebook?: ExpectedArray;
  values?: ExpectedArray;
  mean?: ExpectedArray;
  basis?: ExpectedArray;
  coefficients?: ExpectedArray;
  unit?: number;
  offset?: number;
}

/** What a golden file decodes to. */
export interface Expected {
  kind: string;
  bounds: number[][];
  metadata: Record<string, unknown>;
  lods: number;
  levels: ExpectedLevel[];
  transforms: (ExpectedArray | null)[];
  networks: Record<
    string,
    { weight: ExpectedArray; bias: ExpectedArray | null; activation: string; gain: number }[]
  >;
  occupancy: { shape: number[]; cells: ExpectedArray } | null;
}
