/** The worker that fetches and decodes a file, so that the page's own thread never waits. */

import { NfcError } from "./types.js";
import { HttpSource } from "./stream/http.js";
import { makeUpdate, type OpenMessage, type WorkerMessage } from "./stream/messages.js";
import { readField } from "./stream/read.js";
import { BlobSource } from "./stream/source.js";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  scope.postMessage(message, transfer);
}

async function open({ source, options }: OpenMessage): Promise<void> {
  let first = true;
  const bytes = typeof source === "string" ? new HttpSource(source) : new BlobSource(source);
  const events = {
    progress: (progress: Parameters<Parameters<typeof readField>[1]["progress"]>[0]) =>
      post({ type: "progress", progress }),
    lod: (...[field, changed, last]: Parameters<Parameters<typeof readField>[1]["lod"]>) => {
      const { update, transfer } = makeUpdate(field, changed, first, last);
      first = false;
      post({ type: "lod", update }, transfer);
    },
  };
  try {
    const field = await readField(bytes, events, options);
    post({ type: "done", metadata: field.metadata });
  } catch (error) {
    const code = error instanceof NfcError ? error.code : null;
    post({ type: "error", code, message: error instanceof Error ? error.message : String(error) });
  }
}

// The same program may be that of a page, which has no messages to answer.
if (typeof document === "undefined") {
  scope.onmessage = ({ data }: MessageEvent<OpenMessage>) => void open(data);
}
