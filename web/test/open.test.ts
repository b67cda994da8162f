import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decode, parseFront, type Front } from "../src/coding/decoder.js";
import { NfcError, type Field } from "../src/types.js";
import { applyUpdate, makeUpdate } from "../src/stream/messages.js";
import { openField, type Progress } from "../src/stream/open.js";
import { readField } from "../src/stream/read.js";
import { BlobSource, type ByteSource } from "../src/stream/source.js";
import { partial, serve } from "./server.js";
import { FOLDER, vectorBytes, vectorNames } from "./vectors.js";

/** Deep equality that does not ask for prototypes, which messages lose. */
const same: (a: unknown, b: unknown) => void = (a, b) =>
  assert.deepEqual(structuredClone(a), structuredClone(b));

function inPieces(file: Uint8Array, size: number, total: number | null = null): ByteSource {
  return {
    total,
    async *pieces() {
      for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
    },
  };
}

const quiet = { progress: () => undefined, lod: () => undefined };

function refused(promise: Promise<unknown>, message: RegExp, code = "damaged"): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof NfcError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}

for (const name of vectorNames()) {
  test(`${name} in pieces of any size`, async () => {
    const file = vectorBytes(name);
    for (const size of [1, 7, 100, 4096, 10_000]) {
      const lods: number[] = [];
      const field = await readField(inPieces(file, size), {
        ...quiet,
        lod: (now, changed) => {
          lods.push(now.lodsDecoded);
          const levels = now.grids.flatMap((grid) => grid.levels);
          for (const at of changed) assert.equal(levels[at].lod, now.lodsDecoded - 1);
          for (const level of levels)
            assert.equal(level.code !== null, level.lod < now.lodsDecoded);
        },
      });
      assert.deepEqual(field, decode(file));
      const steps = (parseFront(file) as Front).chunks.filter(({ lod }) => lod !== null);
      assert.deepEqual(
        lods,
        steps.map(({ lod }) => lod! + 1),
      );
    }
  });

  test(`${name} as messages from the worker to the page`, async () => {
    const file = vectorBytes(name);
    let client: Field | null = null;
    const field = await readField(inPieces(file, 999), {
      ...quiet,
      lod: (now, changed, last) => {
        const { update, transfer } = makeUpdate(now, changed, client === null, last);
        client = applyUpdate(client, structuredClone(update, { transfer }));
        assert.equal(client.lodsDecoded, now.lodsDecoded);
      },
    });
    client!.metadata = field.metadata;
    same(client, decode(file));
  });
}

test("an LOD is there as soon as its bytes are", async () => {
  const file = vectorBytes("octree_classes");
  const { lodEnds } = parseFront(file) as Front;
  const at: number[] = [];
  let received = 0;
  const source: ByteSource = {
    total: file.length,
    async *pieces() {
      for (; received < file.length; ) yield file.subarray(received, ++received);
    },
  };
  await readField(source, { ...quiet, lod: () => at.push(received) });
  assert.deepEqual(at, lodEnds);
});

test("no more is read than is asked for", async () => {
  const file = vectorBytes("octree_classes");
  const { lodEnds } = parseFront(file) as Front;
  let progress: Progress | null = null;
  const events = { ...quiet, progress: (now: Progress) => (progress = now) };
  const field = await readField(inPieces(file, 1), events, { lods: 2 });
  assert.equal(field.lodsDecoded, 2);
  assert.deepEqual(progress, { received: lodEnds[1], total: file.length, lodEnds });
});

test("from a server and from a blob", async (t) => {
  const file = vectorBytes("octree_neighbors");
  const { url } = await serve(t, ({ from, response }) => {
    partial(response, file, from!);
    response.end(file.subarray(from!));
  });
  for (const source of [url, new URL(url), new Blob([file])]) {
    let calls = 0;
    let last: Progress | null = null;
    const field = await openField(source, {
      onLod: () => calls++,
      onProgress: (progress) => (last = progress),
    });
    assert.deepEqual(field, decode(file));
    assert.equal(calls, field.lods);
    const { lodEnds } = parseFront(file) as Front;
    assert.deepEqual(last, { received: file.length, total: file.length, lodEnds });
  }
});

test("a file cut behind an LOD is the field up to there", async () => {
  const file = vectorBytes("octree_neighbors");
  const { lodEnds } = parseFront(file) as Front;
  const field = await openField(new Blob([file.slice(0, lodEnds[1] + 5)]));
  assert.equal(field.lodsDecoded, 2);
  assert.equal(field.lods, 3);
});

test("a file cut in front of its first LOD", async () => {
  const file = vectorBytes("octree_neighbors");
  for (const length of [0, 5, 19, 100, 700]) {
    await refused(openField(new Blob([file.slice(0, length)])), /ends after \d+ bytes/);
  }
});

test("damage in a later LOD: those before it are shown first", async () => {
  const file = vectorBytes("octree_neighbors");
  const { lodEnds } = parseFront(file) as Front;
  file[lodEnds[1] + 40] ^= 1;
  const shown: number[] = [];
  const reading = openField(new Blob([file]), { onLod: (field) => shown.push(field.lodsDecoded) });
  await refused(reading, /chunk \d+ \(LEVL, from byte \d+\) fails its checksum/);
  assert.deepEqual(shown, [1, 2]);
});

test("bytes behind the last chunk", async () => {
  const file = new Uint8Array([...vectorBytes("octree_neighbors"), 0]);
  await refused(openField(new Blob([file])), /follow the last chunk/);
  await refused(readField(inPieces(file, 100), quiet), /follow the last chunk/);
});

test("an HTML page instead of a file", async (t) => {
  const { url } = await serve(t, ({ response }) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!DOCTYPE html><html><body>Not here</body></html>");
  });
  await refused(openField(url), /not a \.nfc file but an HTML or XML page/);
});

test("sizes beyond all bounds are refused before anything is read", async () => {
  const huge = (change: (view: DataView) => void): Promise<Field> => {
    const file = vectorBytes("octree_neighbors");
    change(new DataView(file.buffer));
    return openField(new Blob([file]));
  };
  await refused(
    huge((view) => view.setUint32(12, 0xffffffff, true)),
    /bytes of header/,
    "limit",
  );
  await refused(
    huge((view) => view.setUint16(10, 0xffff, true)),
    /chunks/,
    "limit",
  );
});

test("more memory than is allowed", async () => {
  const blob = new Blob([vectorBytes("octree_neighbors")]);
  await refused(openField(blob, { memory: 1000 }), /memory, above the limit/, "limit");
});

test("a newer file", async () => {
  const file = vectorBytes("octree_neighbors");
  file[8] = 2;
  await refused(openField(new Blob([file])), /version 2\.0; a newer decoder/, "unsupported");
});

test("an address that is none, and an abort in advance", async () => {
  await assert.rejects(openField("https://"), TypeError);
  const signal = AbortSignal.abort(new Error("not wanted"));
  await assert.rejects(openField(new Blob([]), { signal }), /not wanted/);
});

test("bytes, paths and file addresses", async () => {
  const path = join(FOLDER, "octree_float16.nfc");
  const wanted = decode(new Uint8Array(readFileSync(path)));
  const buffer = readFileSync(path); // small files come as parts of one pool
  const shifted = new Uint8Array(buffer.length + 1);
  shifted.set(buffer, 1);
  const views = [buffer, new DataView(buffer.buffer, buffer.byteOffset, buffer.length)];
  for (const bytes of [...views, shifted.subarray(1), shifted.slice(1).buffer]) {
    same(decode(bytes), wanted);
    same(await openField(bytes), wanted);
  }
  for (const place of [path, pathToFileURL(path), pathToFileURL(path).href]) {
    same(await openField(place), wanted);
  }
  await refused(openField("nowhere.nfc"), /nowhere\.nfc could not be read .*ENOENT/, "network");
  await refused(openField("."), /EISDIR/, "network");
});

test("a callback that returns a promise is waited for, and its error comes back", async () => {
  const blob = new Blob([vectorBytes("octree_neighbors")]);
  let drawn = 0;
  const draw = async () => {
    await new Promise((done) => setTimeout(done, 20));
    drawn++;
  };
  const field = await openField(blob, { onLod: draw });
  assert.equal(drawn, field.lods);
  const oops = async () => {
    await draw();
    throw new RangeError("not drawn");
  };
  await assert.rejects(openField(blob, { onLod: oops }), /not drawn/);
});

test("an error of the caller's comes back to the caller", async () => {
  const oops = (): never => {
    throw new RangeError("the caller's own");
  };
  const blob = new Blob([vectorBytes("octree_neighbors")]);
  await assert.rejects(openField(blob, { onLod: oops }), RangeError);
});

/** A worker as the page sees it, which answers by a script. */
function scripted(t: TestContext, act: (worker: Scripted) => void): () => Worker {
  return () => {
    const worker = new Scripted(act);
    t.after(() => assert.ok(worker.terminated, "the worker is ended"));
    return worker as unknown as Worker;
  };
}

class Scripted {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  terminated = false;
  private readonly act: (worker: Scripted) => void;

  constructor(act: (worker: Scripted) => void) {
    this.act = act;
  }

  postMessage(): void {
    setTimeout(() => this.act(this));
  }

  terminate(): void {
    this.terminated = true;
  }
}

test("errors keep their code on the way from the worker", async (t) => {
  const worker = scripted(t, (self) =>
    self.onmessage!({ data: { type: "error", code: "limit", message: "too much" } }),
  );
  await refused(openField(new Blob([]), { worker }), /too much/, "limit");
});

test("a worker that cannot be loaded", async (t) => {
  const worker = scripted(t, (self) =>
    self.onerror!({ message: "blocked", preventDefault: () => undefined }),
  );
  await refused(openField(new Blob([]), { worker }), /could not be loaded.*blocked/, "network");
});

test("an abort ends the worker", async (t) => {
  const controller = new AbortController();
  const worker = scripted(t, () => controller.abort(new Error("enough")));
  const reading = openField(new Blob([]), { worker, signal: controller.signal });
  await assert.rejects(reading, /enough/);
});

test("what cannot be passed on by the worker is no endless wait", async (t) => {
  const worker = scripted(t, (self) => self.onmessageerror!());
  await refused(openField(new Blob([]), { worker }), /not enough memory/, "limit");
});

test("a signal that outlives a file does not hold it", async (t) => {
  const { signal } = new AbortController();
  const worker = scripted(t, (self) =>
    self.onmessage!({ data: { type: "error", code: "limit", message: "too much" } }),
  );
  await refused(openField(new Blob([]), { worker, signal }), /too much/, "limit");
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("an abort ends the reading of a blob", async () => {
  const controller = new AbortController();
  const source = new BlobSource(new Blob([new Uint8Array(1 << 20)]), controller.signal);
  let pieces = 0;
  const reading = async (): Promise<void> => {
    for await (const _ of source.pieces()) {
      pieces++;
      controller.abort(new Error("enough"));
    }
  };
  await assert.rejects(reading(), /enough/);
  assert.equal(pieces, 1);
});
