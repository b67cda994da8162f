import { overLimit } from "./errors.js";

/**
 * What this decoder takes on: the numbers of the specification's section 9. Memory is bounded by
 * {@link DEFAULT_MEMORY}, time by `MAX_WORK`.
 */
export const LIMITS = {
  header: 2 ** 20,
  metadata: 2 ** 24,
  chunks: 4096,
  lods: 64,
  grids: 4096,
  levels: 4096,
  rows: 2 ** 28,
  voxels: 2 ** 28,
  depth: 10,
  side: 65536,
  features: 4096,
  networks: 16,
  inputs: 16,
  layers: 64,
  layerWidth: 16384,
  frequencies: 32,
  cells: 2 ** 30,
} as const;

/** The most memory that a file may need, in bytes, unless the caller says otherwise. */
export const DEFAULT_MEMORY = 2 ** 31;

export function within(value: number, most: number, what: string): void {
  if (value > most) overLimit(`${value} ${what}: at most ${most} are supported`);
}
