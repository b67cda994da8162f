import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { NfcError } from "../src/types.js";
import { HttpSource, type HttpOptions } from "../src/stream/http.js";
import { cut, partial, serve } from "./server.js";

const FILE = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 255);
const QUICK: HttpOptions = { backoff: 1 };

async function read(source: HttpSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.pieces()) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function refused(promise: Promise<unknown>, message: RegExp, code = "network"): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof NfcError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}

test("one request for all, by range", async (t) => {
  const { url, ranges } = await serve(t, ({ from, response }) => {
    partial(response, FILE, from!);
    response.end(FILE.subarray(from!));
  });
  const source = new HttpSource(url, QUICK);
  assert.deepEqual(await read(source), FILE);
  assert.equal(source.total, FILE.length);
  assert.deepEqual(ranges, ["bytes=0-"]);
});

test("a server without ranges or length", async (t) => {
  const { url } = await serve(t, ({ response }) => {
    response.writeHead(200);
    response.write(FILE.subarray(0, 100));
    response.end(FILE.subarray(100));
  });
  assert.deepEqual(await read(new HttpSource(url, QUICK)), FILE);
});

test("a cut connection is taken up at the byte where it broke", async (t) => {
  const { url, ranges } = await serve(t, ({ from, number, response }) => {
    partial(response, FILE, from!, { etag: '"a"' });
    if (number < 3) cut(response, FILE.subarray(from!, from! + 1000));
    else response.end(FILE.subarray(from!));
  });
  assert.deepEqual(await read(new HttpSource(url, QUICK)), FILE);
  assert.deepEqual(
    ranges,
    [0, 1000, 2000, 3000].map((at) => `bytes=${at}-`),
  );
});

test("a cut connection to a server without ranges: what is there is skipped", async (t) => {
  const { url, ranges } = await serve(t, ({ number, response }) => {
    response.writeHead(200, { "content-length": FILE.length });
    if (number === 0) cut(response, FILE.subarray(0, 1234));
    else response.end(FILE);
  });
  assert.deepEqual(await read(new HttpSource(url, QUICK)), FILE);
  assert.equal(ranges.length, 2);
});

test("a server that gives less than was asked for is asked again", async (t) => {
  const { url, ranges } = await serve(t, ({ from, response }) => {
    const to = Math.min(from! + 2000, FILE.length);
    const range = `bytes ${from}-${to - 1}/${FILE.length}`;
    response.writeHead(206, { "content-range": range });
    response.end(FILE.subarray(from!, to));
  });
  assert.deepEqual(await read(new HttpSource(url, QUICK)), FILE);
  assert.equal(ranges.length, 3);
});

test("a passing failure of the server is tried again", async (t) => {
  const { url } = await serve(t, ({ from, number, response }) => {
    if (number < 2) {
      response.writeHead(503, { "retry-after": "0" }).end("busy");
      return;
    }
    partial(response, FILE, from!);
    response.end(FILE.subarray(from!));
  });
  assert.deepEqual(await read(new HttpSource(url, QUICK)), FILE);
});

test("a connection that stalls is cut and taken up", async (t) => {
  const { url, ranges } = await serve(t, ({ from, number, response }) => {
    partial(response, FILE, from!);
    if (number === 0) response.write(FILE.subarray(0, 500));
    else response.end(FILE.subarray(from!));
  });
  assert.deepEqual(await read(new HttpSource(url, { ...QUICK, stall: 200 })), FILE);
  assert.deepEqual(ranges, ["bytes=0-", "bytes=500-"]);
});

test("retries end", async (t) => {
  const { url, ranges } = await serve(t, ({ from, number, response }) => {
    partial(response, FILE, from!);
    if (number === 0) cut(response, FILE.subarray(0, 10));
    else response.destroy();
  });
  const reading = read(new HttpSource(url, { ...QUICK, retries: 3 }));
  await refused(reading, /connection was lost after 10 of 5000 bytes/);
  assert.equal(ranges.length, 4);
});

test("nobody there", async () => {
  await refused(read(new HttpSource("http://127.0.0.1:9/f.nfc", QUICK)), /could not be reached/);
});

for (const [status, message] of [
  [404, /there is no such file \(404 Not Found\)/],
  [410, /there is no such file/],
  [403, /denies access/],
  [401, /denies access/],
  [400, /answered 400/],
  [204, /answered 204/],
] as const) {
  test(`status ${status}`, async (t) => {
    const { url, ranges } = await serve(t, ({ response }) => response.writeHead(status).end());
    await refused(read(new HttpSource(url, QUICK)), message);
    assert.equal(ranges.length, 1);
  });
}

for (const range of [
  "bytes 100-4999/5000",
  "bytes 0-4999/4000",
  "bytes 9-3/5000",
  "bytes */5000",
  "pages 0-1/2",
  undefined,
]) {
  test(`206 with Content-Range: ${range}`, async (t) => {
    const { url } = await serve(t, ({ response }) => {
      response.writeHead(206, range === undefined ? {} : { "content-range": range });
      response.end(FILE);
    });
    await refused(read(new HttpSource(url, QUICK)), /\(206/);
  });
}

test("a resumed range that begins elsewhere", async (t) => {
  const { url } = await serve(t, ({ from, number, response }) => {
    partial(response, FILE, number === 0 ? from! : 0);
    if (number === 0) cut(response, FILE.subarray(0, 1000));
    else response.end(FILE);
  });
  await refused(read(new HttpSource(url, QUICK)), /asked for the bytes from 1000 on/);
});

for (const header of ["etag", "last-modified"]) {
  for (const status of [206, 200]) {
    test(`the file changes while it is read: ${header}, ${status}`, async (t) => {
      const { url } = await serve(t, ({ from, number, response }) => {
        const headers = { [header]: `"version ${number}"` };
        if (status === 206) partial(response, FILE, from!, headers);
        else response.writeHead(200, { "content-length": FILE.length, ...headers });
        if (number === 0) cut(response, FILE.subarray(0, 1000));
        else response.end(FILE.subarray(status === 206 ? from! : 0));
      });
      await refused(read(new HttpSource(url, QUICK)), /changed on the server/);
    });
  }
}

test("the file becomes longer or shorter while it is read", async (t) => {
  for (const length of [6000, 500]) {
    const other = new Uint8Array(length);
    const { url } = await serve(t, ({ from, number, response }) => {
      if (number === 0) {
        partial(response, FILE, from!);
        cut(response, FILE.subarray(0, 1000));
      } else if (from! >= length) {
        response.writeHead(416, { "content-range": `bytes */${length}` }).end();
      } else {
        partial(response, other, from!);
        response.end(other.subarray(from!));
      }
    });
    await refused(read(new HttpSource(url, QUICK)), /changed on the server/);
  }
});

test("a file kept compressed: what its server counts are not the file's bytes", async (t) => {
  const file = new Uint8Array(randomBytes(100_000)); // longer once it is compressed
  const stored = new Uint8Array(gzipSync(file));
  const { url, ranges } = await serve(t, ({ from, number, response }) => {
    partial(response, stored, from!, { "content-encoding": "gzip" });
    if (number === 0) cut(response, stored.subarray(0, 70_000));
    else response.end(stored.subarray(from!));
  });
  const source = new HttpSource(url, QUICK);
  assert.deepEqual(await read(source), file);
  assert.equal(source.total, null);
  assert.deepEqual(ranges, ["bytes=0-", "bytes=0-"]);
});

test("an empty file", async (t) => {
  const { url } = await serve(t, ({ response }) => {
    response.writeHead(416, { "content-range": "bytes */0" }).end();
  });
  await refused(read(new HttpSource(url, QUICK)), /empty/, "damaged");
});

test("abort ends the waiting and the connection", async (t) => {
  let closed = false;
  const { url } = await serve(t, ({ from, response }) => {
    partial(response, FILE, from!);
    response.write(FILE.subarray(0, 500));
    response.on("close", () => (closed = true));
  });
  const controller = new AbortController();
  const reading = read(new HttpSource(url, { ...QUICK, signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 100);
  await assert.rejects(reading, /enough/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(closed);
});
