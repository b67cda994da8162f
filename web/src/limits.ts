import shared from "../../nfcodec/container/limits.json";
import { overLimit } from "./errors.js";

/**
 * What this decoder takes on: the numbers of the specification's section 9, from the file that the
 * decoder in Python reads too. Both refuse the same files.
 */
export const LIMITS = shared;

/** The most memory that a file may need, in bytes, unless the caller says otherwise. */
export const DEFAULT_MEMORY = shared.memory.most;

export function within(value: number, most: number, what: string): void {
  if (value > most) overLimit(`${value} ${what}: at most ${most} are supported`);
}
