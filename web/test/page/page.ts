/** What the tests of the package in a browser run in the page. */

import { openField, type Field } from "../../src/index.js";
import { asJson } from "./json.js";

export interface Opened {
  /** The field, or the error's code and message. */
  field: string | null;
  error: [code: unknown, message: string] | null;
  lods: number[];
}

declare global {
  interface Window {
    openUrl: (url: string) => Promise<Opened>;
    openFile: (url: string) => Promise<Opened>;
    /** ms until the field is there; `here` decodes it in the page's own thread. */
    timeUrl: (url: string, here?: boolean) => Promise<number>;
  }
}

async function open(source: string | Blob): Promise<Opened> {
  const lods: number[] = [];
  let field: Field | null = null;
  let error: Opened["error"] = null;
  try {
    const onLod = (now: Field): number => lods.push(now.lodsDecoded);
    field = await openField(source, { onLod });
  } catch (thrown) {
    error = [(thrown as { code?: unknown }).code, String(thrown)];
  }
  return { field: field === null ? null : asJson(field), error, lods };
}

window.openUrl = (url) => open(url);
window.openFile = async (url) => open(await (await fetch(url)).blob());
window.timeUrl = async (url, here = false) => {
  const start = performance.now();
  await openField(url, here ? { worker: null } : {});
  return performance.now() - start;
};
