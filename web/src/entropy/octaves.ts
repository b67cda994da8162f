import type { Payload } from "../container/payload.js";
import type { Work } from "../container/work.js";
import { Mixer } from "./mixing.js";

/** How an octave is coded (specification, section 8.4). */
export interface Octave {
  /** What a difference counts; 0 if there are none. */
  step: number;
  /** Sites whose prediction is at most this in size have a difference; 0 if all have. */
  reach: number;
}

/** Sides z, y, x of a lattice. */
export type Sides = readonly [nz: number, ny: number, nx: number];

/** A lattice that octaves go on from, and the last step with which it was coded. */
export interface Start {
  values: Int32Array;
  sides: Sides;
  step: number;
}

/** Values are held within this. */
const MAX_VALUE = 1 << 24;
/** A size has at most one bit more. */
const MAX_BITS = 24;
const SETS = 4;
const LENGTH = 2;
const SECOND = 25;
const LOWER = 50;
const KINDS = 51;
/** Contexts of each input, and where their slots begin. */
const CONTEXTS = [4 * 7 * 7, 9 * 4 * 3, 9 * 6, 5 * 5 * 3, 5 * 9 * 3, 7 * 7 * 4];
const BEGIN = CONTEXTS.map(
  (_, i) => KINDS * CONTEXTS.slice(0, i).reduce((sum, count) => sum + count, 0),
);
const SLOTS = KINDS * CONTEXTS.reduce((sum, count) => sum + count, 0);
/** Which of z, y, x are odd, in the order of reading. */
const CLASSES = [
  [0, 0, 0],
  [0, 0, 1],
  [0, 1, 0],
  [1, 0, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
  [1, 1, 1],
] as const;

/** The sides of the lattice that is coarser by so many octaves. */
export function halved(sides: Sides, times: number): Sides {
  let [nz, ny, nx] = sides;
  for (let i = 0; i < times; i++) {
    nz = (nz + 1) >> 1;
    ny = (ny + 1) >> 1;
    nx = (nx + 1) >> 1;
  }
  return [nz, ny, nx];
}

/** Reads lattices of `sides`, one for each of `starts`, from a range coder. */
export function readLattices(
  payload: Payload,
  octaves: readonly Octave[],
  sides: Sides,
  starts: readonly (Start | null)[],
  work: Work,
): Int32Array[] {
  const mixer = new Mixer(payload, SLOTS, SETS, KINDS);
  const found = starts.map((start, channel) => {
    if (channel > 0) mixer.reset();
    for (let o = 0; o < octaves.length; o++) {
      const [nz, ny, nx] = halved(sides, octaves.length - 1 - o);
      work.add(Math.floor((nz * ny * nx) / 16), payload.where);
    }
    let last = start;
    octaves.forEach((octave, o) => {
      const own = halved(sides, octaves.length - 1 - o);
      const values = new Octaves(mixer, own, octave, work, payload.where).read(last);
      last = { values, sides: own, step: octave.step || (last?.step ?? 0) };
    });
    return last!.values;
  });
  mixer.finish();
  return found;
}

/** One octave of one lattice. */
class Octaves {
  private readonly values: Int32Array;
  private readonly steps: Int32Array;
  private readonly plane: number;
  private readonly limit: number;

  constructor(
    private readonly mixer: Mixer,
    private readonly sides: Sides,
    private readonly octave: Octave,
    private readonly work: Work,
    private readonly where: string,
  ) {
    const [nz, ny, nx] = sides;
    this.values = new Int32Array(nz * ny * nx);
    this.steps = new Int32Array(octave.step === 0 ? 0 : nz * ny * nx);
    this.plane = ny * nx;
    this.limit = octave.reach === 0 ? MAX_VALUE : octave.reach;
  }

  read(before: Start | null): Int32Array {
    if (before === null) {
      this.work.add(this.values.length, this.where);
      this.code(0, 0, 0, 1);
      return this.values;
    }
    this.spread(before);
    for (const [z, y, x] of CLASSES) {
      const even = z + y + x === 0;
      if (!even) this.predict(z, y, x);
      if (this.octave.step === 0 || (even && this.octave.step >= before.step)) continue;
      this.work.add(this.near(z, y, x), this.where);
      this.code(z, y, x, 2);
    }
    return this.values;
  }

  private spread({ values, sides: [nz, ny, nx] }: Start): void {
    const width = this.sides[2];
    for (let z = 0, from = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        const to = 2 * z * this.plane + 2 * y * width;
        for (let x = 0; x < nx; x++) this.values[to + 2 * x] = values[from++];
      }
    }
  }

  private predict(oddZ: number, oddY: number, oddX: number): void {
    const { values, plane } = this;
    const [nz, ny, nx] = this.sides;
    const odd = oddZ + oddY + oddX;
    for (let z = oddZ; z < nz; z += 2) {
      for (let y = oddY; y < ny; y += 2) {
        const row = z * plane + y * nx;
        for (let x = oddX; x < nx; x += 2) {
          let total = 8 * odd;
          if (oddX) total += along(values, row + x, x, nx, 1);
          if (oddY) total += along(values, row + x, y, ny, nx);
          if (oddZ) total += along(values, row + x, z, nz, plane);
          values[row + x] = held(Math.floor(total / (16 * odd)));
        }
      }
    }
  }

  /** How many sites of a class get a difference. */
  private near(oddZ: number, oddY: number, oddX: number): number {
    const { values, plane, limit } = this;
    const [nz, ny, nx] = this.sides;
    let count = 0;
    for (let z = oddZ; z < nz; z += 2) {
      for (let y = oddY; y < ny; y += 2) {
        const row = z * plane + y * nx;
        for (let x = oddX; x < nx; x += 2) {
          if (Math.abs(values[row + x]) <= limit) count++;
        }
      }
    }
    return count;
  }

  /**
   * Reads the differences of a class whose predictions are there, and adds them.
   *
   * @param apart 2 for a class; 1 for a first lattice, whose sites are all of class 000
   */
  private code(oddZ: number, oddY: number, oddX: number, apart: 1 | 2): void {
    const { values, steps, plane, limit } = this;
    const { step } = this.octave;
    const [nz, ny, nx] = this.sides;
    const odd = oddZ + oddY + oddX;
    for (let z = oddZ; z < nz; z += apart) {
      for (let y = oddY; y < ny; y += apart) {
        for (let x = oddX; x < nx; x += apart) {
          const i = z * plane + y * nx + x;
          const p = values[i];
          if (Math.abs(p) > limit) continue;
          let least = Infinity;
          let most = -Infinity;
          let bend = 0;
          let bent = 0;
          let around = 0;
          let signed = 0;
          for (let axis = 0; axis < 3; axis++) {
            if (!(axis === 0 ? oddX : axis === 1 ? oddY : oddZ)) continue;
            const place = axis === 0 ? x : axis === 1 ? y : z;
            const side = axis === 0 ? nx : axis === 1 ? ny : nz;
            const stride = axis === 0 ? 1 : axis === 1 ? nx : plane;
            const alone = along(values, i, place, side, stride);
            least = Math.min(least, alone);
            most = Math.max(most, alone);
            if (place >= 3 && place + 3 < side) {
              const curve = alone - 8 * (values[i - stride] + values[i + stride]);
              bend += Math.abs(curve);
              bent += curve;
            }
            around += Math.abs(steps[i - stride]);
            signed += steps[i - stride];
            if (place + 1 < side) {
              around += Math.abs(steps[i + stride]);
              signed += steps[i + stride];
            }
          }
          let spread = 0;
          if (odd > 0) {
            around = Math.floor((2 * around + odd - 1) / odd);
            bend = Math.floor(bend / odd);
            spread = most - least;
          }
          const ofX = x >= apart ? steps[i - apart] : 0;
          const ofY = y >= apart ? steps[i - apart * nx] : 0;
          const ofZ = z >= apart ? steps[i - apart * plane] : 0;
          const same = grade(Math.abs(ofX) + Math.abs(ofY) + Math.abs(ofZ));
          const above = p > 0 ? 1 : p < 0 ? 2 : 0;
          const turn = bent > 0 ? 1 : bent < 0 ? 2 : 0;
          const flat = ratio(Math.floor(bend / 4), step);
          const far = Math.floor((6 * Math.abs(p)) / (limit + 1));
          const q = this.difference(
            BEGIN[0] + KINDS * ((odd * 7 + grade(around)) * 7 + same),
            BEGIN[1] + KINDS * ((flat * 4 + odd) * 3 + turn),
            BEGIN[2] + KINDS * (ratio(Math.floor(spread / 8), step) * 6 + far),
            BEGIN[3] + KINDS * ((cut(ofX, 2) * 5 + cut(ofY, 2)) * 3 + above),
            BEGIN[4] + KINDS * ((cut(ofZ, 2) * 9 + flat) * 3 + turn),
            BEGIN[5] + KINDS * ((cut(signed, 3) * 7 + cut(ofX + ofY + ofZ, 3)) * 4 + odd),
          );
          if (q === 0) continue;
          steps[i] = q;
          values[i] = held(p + q * step);
        }
      }
    }
  }

  /** A difference; a..f: where the slots of each input begin, one for each kind of decision. */
  private difference(a: number, b: number, c: number, d: number, e: number, f: number): number {
    const { mixer } = this;
    const decide = (kind: number, set: number): number =>
      mixer.decide(a + kind, b + kind, c + kind, d + kind, e + kind, f + kind, set, kind);
    if (!decide(0, 0)) return 0;
    const negative = decide(1, 1);
    let bits = 0;
    while (bits < MAX_BITS && decide(LENGTH + bits, bits === 0 ? 2 : 3)) bits++;
    let size = 1;
    for (let k = 0; k < bits; k++) size = 2 * size + decide(k === 0 ? SECOND + bits : LOWER, 3);
    return negative ? -size : size;
  }
}

/** 16 times the prediction at an odd place `i` of `n` along an axis. */
function along(v: Int32Array, at: number, i: number, n: number, stride: number): number {
  const before = v[at - stride];
  if (i + 1 >= n) return i >= 3 ? 24 * before - 8 * v[at - 3 * stride] : 16 * before;
  const both = before + v[at + stride];
  if (i < 3 || i + 3 >= n) return 8 * both;
  return 9 * both - v[at - 3 * stride] - v[at + 3 * stride];
}

function held(value: number): number {
  return Math.min(Math.max(value, -MAX_VALUE), MAX_VALUE);
}

function grade(count: number): number {
  if (count <= 2) return count;
  if (count <= 4) return 3;
  if (count <= 8) return 4;
  return count <= 16 ? 5 : 6;
}

/** The number of bits of `size` in eighths of steps, at most 8. */
function ratio(size: number, step: number): number {
  return 32 - Math.clz32(Math.min(Math.floor((8 * size) / step), 255));
}

function cut(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most) + most;
}
