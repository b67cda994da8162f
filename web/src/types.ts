/**
 * A coded neural field as `formats/nfc-v1.md` describes it, as plain data.
 *
 * Arrays over space are in C order with x fastest (`[z, y, x]`); half floats are kept as their bits.
 * Nothing is expanded: indices stay packed as they are in the file.
 */

/** A full lattice; `shape` is `[nz, ny, nx]`, `[ny, nx]` or `[nx]`. */
export interface DenseLayout {
  kind: "dense";
  alignCorners: boolean;
  padding: "zeros" | "border";
  shape: number[];
}

/**
 * A sparse octree of `2^depth` voxels per side.
 *
 * `voxels` are its Morton codes in increasing order (bit 3i is bit i of x, 3i+1 of y, 3i+2 of z).
 * `corners` are the lattice sites that have a vector, in the order of the vectors: the number
 * `(z * n + y) * n + x` with `n = 2^depth + 1`, ascending. Both are empty until the level arrives.
 */
export interface OctreeLayout {
  kind: "octree";
  depth: number;
  /** Number of voxels, known from the header before `voxels` arrives. */
  voxelCount: number;
  voxels: Uint32Array;
  corners: Uint32Array;
}

export type Layout = DenseLayout | OctreeLayout;

/** `rows * features` float16 bits, vector by vector. */
export interface Float16Code {
  kind: "float16";
  values: Uint16Array;
}

/**
 * Vector i is row `index[i]` of the codebook (`numCodes` rows of float16 bits). Index i takes the
 * bits `[i * bits, (i + 1) * bits)` of a bit string whose bit j is bit `j % 32` of `packed[j >> 5]`.
 */
export interface VQCode {
  kind: "vq";
  bits: number;
  numCodes: number;
  codebook: Uint16Array;
  packed: Uint32Array;
}

/**
 * Vector i is `mean + sum over r of coefficients[i, r] * basis[r]`, all float16 bits: `mean` of
 * `features`, `basis` of `rank * features`, `coefficients` of `rows * rank`.
 */
export interface LowRankCode {
  kind: "lowrank";
  rank: number;
  mean: Uint16Array;
  basis: Uint16Array;
  coefficients: Uint16Array;
}

/**
 * Value f of vector i is `offset + unit * values[f][i]` in float32, on a dense lattice of `sides`
 * z, y, x.
 */
export interface LatticeCode {
  kind: "lattice";
  unit: number;
  offset: number;
  sides: readonly [nz: number, ny: number, nx: number];
  /** The last step that was not 0: a level that goes on from this one starts with it. */
  lastStep: number;
  values: Int32Array[];
}

export type Code = Float16Code | VQCode | LowRankCode | LatticeCode;

/** What the header says of a level's code: enough to plan memory before the code arrives. */
export type CodeForm =
  | { kind: "float16" }
  | {
      kind: "vq";
      bits: number;
      numCodes: number;
      /** Codes in each layer, the coarsest first; the last, or the only one, has `numCodes`. */
      layers: number[];
    }
  | { kind: "lowrank"; rank: number }
  | {
      kind: "lattice";
      unit: number;
      offset: number;
      /** Whether it goes on from the lattice of the level before. */
      continues: boolean;
      octaves: { step: number; reach: number }[];
    };

export interface Level {
  /** The level of detail that adds this level. */
  lod: number;
  /** Its number when the levels of all grids are counted from 0. */
  position: number;
  layout: Layout;
  /**
   * The affine map d x (D + 1), row by row, from the field's D dimensions to the level's d, or `null`
   * for none. A plane or a line of a 3-D field has two rows or one.
   */
  transform: Float32Array | null;
  /** Number of vectors. */
  rows: number;
  /** Values of one vector. */
  features: number;
  /** How its vectors are coded, known from the header on. */
  form: CodeForm;
  /** `null` while it has not arrived; its vectors then count as zero. */
  code: Code | null;
  /** Which layer `code` is, from 0; below the last one of `form` until the finer ones arrive. */
  layer: number;
}

export interface Grid {
  /**
   * `product` multiplies levels channel by channel; levels not in use are left out. Of `finest` the
   * last level in use counts alone.
   */
  combine: "sum" | "concat" | "product" | "finest";
  levels: Level[];
}

export type Encoding =
  | { kind: "identity" }
  | { kind: "frequency"; frequencies: number; scale: number; includeInput: boolean }
  | { kind: "spherical_harmonics"; degree: number };

export interface NetworkInput {
  /** `features`, `position`, `direction`, or the name of an earlier network. */
  source: string;
  encoding: Encoding;
  /** Channels `[start, stop)` of the source, or `null` for all. */
  slice: [number, number] | null;
}

export type Activation =
  | "none"
  | "relu"
  | "leaky_relu"
  | "sine"
  | "softplus"
  | "exp"
  | "sigmoid"
  | "tanh"
  | "snake_alt"
  | "elu"
  | "silu";

/** `activation(gain * (weight x + bias))`. */
export interface Layer {
  outputs: number;
  inputs: number;
  activation: Activation;
  gain: number;
  /** `outputs * inputs` values, row by row. Each is a float16 value. */
  weight: Float32Array;
  bias: Float32Array | null;
}

export interface Network {
  name: string;
  inputs: NetworkInput[];
  layers: Layer[];
  /** Layers before which the network's encoded input is appended, ascending. */
  skips: number[];
}

/**
 * Which cells hold anything. `shape` is `[nz, ny, nx]` or `[ny, nx]`. Cell i, in C order, is bit
 * `i & 7` of `cells[i >> 3]`. The array's length is a multiple of 4, so that its bytes are also
 * little-endian u32 words whose word `i >> 5` has cell i as bit `i & 31`.
 */
export interface Occupancy {
  shape: number[];
  cells: Uint8Array;
}

export type FieldKind = "nerf" | "sdf" | "scalar";

export interface Field {
  kind: FieldKind;
  dims: 2 | 3;
  /** Lower corner, then upper corner: `2 * dims` numbers, x first. */
  bounds: Float64Array;
  /** Levels of detail in the file. */
  lods: number;
  /** How many of them have arrived, if only in a coarse layer; later ones have `code: null`. */
  lodsDecoded: number;
  grids: Grid[];
  /** Their weights are all there once `lodsDecoded` is not 0, and empty before. */
  networks: Network[];
  occupancy: Occupancy | null;
  /** The union of the metadata chunks that have arrived. */
  metadata: Record<string, unknown>;
}

/**
 * Why there is no field: `damaged` (not a sound `.nfc` file), `unsupported` (it may be sound, and
 * needs a newer decoder), `limit` (beyond what this decoder takes on), `network` (the bytes could
 * not be had).
 */
export type NfcErrorCode = "damaged" | "unsupported" | "limit" | "network";

export class NfcError extends Error {
  readonly code: NfcErrorCode;

  constructor(code: NfcErrorCode, message: string) {
    super(message);
    this.name = "NfcError";
    this.code = code;
  }
}
