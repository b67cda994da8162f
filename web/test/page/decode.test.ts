import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { decode } from "../../src/coding/decoder.js";
import { madeUpField } from "../build.js";
import { vectorBytes, vectorNames } from "../vectors.js";
import { asJson } from "./json.js";

const OUT = "build/page";
const MADE_UP = madeUpField([64, 64, 64]);
/** No part of the package needs more than this. */
const POLICY = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'";

function answer(path: string): [type: string, body: Uint8Array | string] | null {
  const name = path.slice(1);
  if (name === "")
    return ["text/html", '<!doctype html><script type="module" src="page.js"></script>'];
  if (name === "made-up.nfc") return ["application/octet-stream", MADE_UP];
  if (name === "page.html.nfc") return ["text/html", "<!doctype html><p>not here</p>"];
  if (name.endsWith(".js")) return ["text/javascript", readFileSync(`${OUT}/${name}`)];
  const vector = name.replace(/\.nfc$/, "");
  return vectorNames().includes(vector) ? ["application/octet-stream", vectorBytes(vector)] : null;
}

const server = createServer((request, response) => {
  const found = answer(request.url ?? "");
  if (found === null) {
    response.writeHead(404).end("<p>not found</p>");
    return;
  }
  const [type, body] = found;
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const headers = { "content-type": type, "content-security-policy": POLICY };
  if (from === undefined || type === "text/html") {
    response.writeHead(200, headers).end(body);
    return;
  }
  const range = `bytes ${from}-${body.length - 1}/${body.length}`;
  response.writeHead(206, { ...headers, "content-range": range }).end(body.slice(Number(from)));
});

let browser: Browser;
let page: Page;

before(async () => {
  await build({
    entryPoints: { page: "test/page/page.ts", worker: "src/worker.ts" },
    outdir: OUT,
    bundle: true,
    format: "esm",
    loader: { ".wgsl": "text" },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({
    executablePath: process.env["NFCODEC_BROWSER"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction("window.openFile !== undefined");
});

after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

for (const name of vectorNames()) {
  test(`${name} in the browser's worker, from the server and from disk`, async () => {
    const expected = asJson(decode(vectorBytes(name)));
    const lods = decode(vectorBytes(name)).lods;
    for (const opened of [
      await page.evaluate((url) => window.openUrl(url), `${name}.nfc`),
      await page.evaluate((url) => window.openFile(url), `${name}.nfc`),
    ]) {
      assert.equal(opened.error, null);
      assert.deepEqual(JSON.parse(opened.field!), JSON.parse(expected));
      // Once for each level of detail, and once more for each layer of one.
      const inOrder = Array.from({ length: lods }, (_, i) => i + 1);
      const layered = name.endsWith("_layers");
      assert.deepEqual(layered ? [...new Set(opened.lods)] : opened.lods, inOrder);
      assert.equal(opened.lods.length > lods, layered);
    }
  });
}

test("errors arrive with their code", async () => {
  const wrong = async (url: string): Promise<[unknown, string]> => {
    const { error } = await page.evaluate((at) => window.openUrl(at), url);
    assert.ok(error !== null);
    return error;
  };
  const [missing, missingText] = await wrong("nowhere.nfc");
  assert.equal(missing, "network");
  assert.match(missingText, /no such file \(404/);
  const [html, htmlText] = await wrong("page.html.nfc");
  assert.equal(html, "damaged");
  assert.match(htmlText, /HTML/);
});

test("the page's thread is free while millions of symbols are decoded", async (t) => {
  const first = await page.evaluate((url) => window.openUrl(url), "made-up.nfc");
  assert.deepEqual(JSON.parse(first.field!), JSON.parse(asJson(decode(MADE_UP))));

  // All that the page's thread does meanwhile, in its own time: a busy machine does not count.
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const before = await spent();
  const took = await page.evaluate((url) => window.timeUrl(url), "made-up.nfc");
  const worked = (await spent()) - before;
  t.diagnostic(`the page's thread worked for ${worked.toFixed(1)} ms of ${took.toFixed(0)} ms`);
  assert.ok(worked > 0 && worked < 50);

  // The measure is one: it sees the same work when the page does it itself.
  const start = await spent();
  await page.evaluate((url) => window.timeUrl(url, true), "made-up.nfc");
  assert.ok((await spent()) - start > 50);
});
