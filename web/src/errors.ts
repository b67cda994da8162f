import { NfcError } from "./types.js";

/** The file is not a sound `.nfc` file. */
export function damaged(message: string): never {
  throw new NfcError("damaged", message);
}

/** The file may be sound, but needs a newer decoder. */
export function unsupported(message: string): never {
  throw new NfcError("unsupported", `${message}; a newer decoder may read it`);
}

/** The file asks for more than this decoder takes on. */
export function overLimit(message: string): never {
  throw new NfcError("limit", message);
}
