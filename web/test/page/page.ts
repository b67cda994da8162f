/** What the tests of the package in a browser run in the page. */

import { openField, type Field, type OpenOptions } from "../../src/index.js";
import { asJson } from "./json.js";

export interface Opened {
  /** The field, or the error's code and message. */
  field: string | null;
  error: [code: unknown, message: string] | null;
  lods: number[];
  /** The longest time in ms for which the page could do nothing else. */
  blocked: number;
  took: number;
}

declare global {
  interface Window {
    openUrl: (url: string) => Promise<Opened>;
    openFile: (url: string) => Promise<Opened>;
  }
}

async function open(source: string | Blob, options: OpenOptions = {}): Promise<Opened> {
  const lods: number[] = [];
  let field: Field | null = null;
  let error: Opened["error"] = null;
  let blocked = 0;
  let last = performance.now();
  // A message to itself runs as soon as the thread is free.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
    port2.postMessage(null);
  };
  port2.postMessage(null);
  const start = last;
  try {
    const onLod = (now: Field): number => lods.push(now.lodsDecoded);
    field = await openField(source, { ...options, onLod });
  } catch (thrown) {
    error = [(thrown as { code?: unknown }).code, String(thrown)];
  }
  const took = performance.now() - start;
  port1.onmessage = null;
  return { field: field === null ? null : asJson(field), error, lods, blocked, took };
}

window.openUrl = (url) => open(url);
window.openFile = async (url) => open(await (await fetch(url)).blob());
