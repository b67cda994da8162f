import assert from "node:assert/strict";
import { test } from "node:test";
import { NfcError } from "../src/types.js";
import { previewOf } from "../src/viewer/preview.js";
import { cut, partial, serve } from "./server.js";

const { signal } = new AbortController();
const IMAGE = Uint8Array.of(1, 2, 3, 4, 5);
/** Far more than a front is sought in, so that the image is asked for by itself. */
const BEFORE = 20_000;

/** A file of two chunks without checksums: one that is passed over, and the preview. */
function file(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + BEFORE + 12);
  const view = new DataView(bytes.buffer);
  bytes.set([0x89, 0x4e, 0x46, 0x43, 0x0d, 0x0a, 0x1a, 0x0a, 1, 1, 2, 0]);
  bytes.set(new TextEncoder().encode("LEVL"), 20);
  view.setUint32(24, BEFORE, true);
  bytes.set(new TextEncoder().encode("prev"), 32);
  view.setUint32(36, 12, true);
  view.setUint32(44 + BEFORE, IMAGE.length, true);
  bytes.set(IMAGE, 44 + BEFORE + 4);
  return bytes;
}

async function bytesOf(blob: Blob | null): Promise<Uint8Array> {
  return new Uint8Array(await blob!.arrayBuffer());
}

test("the preview of a blob, and from a server with ranges", async (t) => {
  const { url, ranges } = await serve(t, ({ from, response }) => {
    partial(response, file(), from!);
    response.end(file().subarray(from!));
  });
  assert.deepEqual(await bytesOf(await previewOf(new Blob([file()]), signal)), IMAGE);
  assert.deepEqual(await bytesOf(await previewOf(new URL(url), signal)), IMAGE);
  assert.deepEqual(ranges, ["bytes=0-4095", `bytes=${44 + BEFORE}-${44 + BEFORE + 11}`]);
});

test("of a file without an end, from a server without ranges, no more is read", async (t) => {
  const { url } = await serve(t, ({ response }) => {
    response.writeHead(200);
    response.write(file()); // and no end
  });
  assert.deepEqual(await bytesOf(await previewOf(new URL(url), signal)), IMAGE);
});

test("a file that is cut ahead of its preview has none", async (t) => {
  const whole = file().subarray(0, 5000);
  const { url, ranges } = await serve(t, ({ from, response }) => {
    if (from! < whole.length) {
      partial(response, whole, from!);
      response.end(whole.subarray(from!));
    } else {
      response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
    }
  });
  assert.equal(await previewOf(new URL(url), signal), null);
  assert.equal(ranges.length, 2);
  assert.equal(await previewOf(new Blob([whole]), signal), null);
});

test("a connection that is lost meanwhile is no wrong address", async (t) => {
  const { url } = await serve(t, ({ response }) => {
    response.writeHead(200, { "content-length": file().length });
    cut(response, file().subarray(0, 100));
  });
  await assert.rejects(previewOf(new URL(url), signal), (error) => {
    assert.ok(error instanceof NfcError);
    assert.equal(error.code, "network");
    return true;
  });
});
