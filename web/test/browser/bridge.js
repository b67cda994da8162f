/**
 * A browser that does what it is told, one line of JSON after the other: the tests in
 * tests/viewer and benchmarks/streaming.py look at its images.
 *
 *   node bridge.js /usr/bin/chromium
 *
 * A line on stdin is {"do": name, ...}; the answer on stdout is {"ok": value} or {"error": text}.
 * WebGPU runs in software, so that images are the same on every machine.
 */

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const browser = await chromium.launch({ executablePath: process.argv[2], args: FLAGS });
let context = null;
let page = null;
let said = [];

/** What the page says of itself. */
function look() {
  const text = (id) => document.getElementById(id)?.textContent ?? null;
  const seen = (id) => document.getElementById(id)?.checkVisibility() ?? false;
  const bar = document.getElementById("bar");
  return {
    ...document.body.dataset,
    title: text("name"),
    message: seen("message")
      ? [text("message-title"), text("message-text"), text("message-remedy")]
      : null,
    notice: seen("notice") ? `${text("notice-title")} ${text("notice-text")}` : null,
    received: text("received"),
    level: text("level-shown"),
    pixels: text("pixels"),
    memory: text("memory"),
    frames: text("frames"),
    percent: Number(bar?.getAttribute("aria-valuenow")),
    preview: seen("preview"),
    canvas:
      document.querySelector("#image canvas")?.checkVisibility({ visibilityProperty: true }) ??
      false,
  };
}

const deeds = {
  /** A fresh page: width, height, dark, scale, touch, reduced, before (code that runs first). */
  async page({ width = 96, height = 96, dark = false, scale = 1, touch = false, before = null }) {
    await context?.close();
    context = await browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: scale,
      colorScheme: dark ? "dark" : "light",
      hasTouch: touch,
      isMobile: touch,
      acceptDownloads: true,
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    if (before !== null) await context.addInitScript(before);
    page = await context.newPage();
    said = [];
    page.on("console", (line) => said.push(`${line.type()}: ${line.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  },
  goto: ({ url }) => page.goto(url, { waitUntil: "commit" }).then(() => null),
  look: () => page.evaluate(look),
  /** Wait until an expression holds in the page, then look. */
  async until({ code, seconds = 60 }) {
    // Asked from here: the page's policy lets no text be run as code within it.
    const end = Date.now() + 1000 * seconds;
    let failure = "";
    const holds = () =>
      page.evaluate(code).catch((error) => {
        failure = ` (${error.message})`; // the page may not be there yet
        return false;
      });
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${seconds} s${failure}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return page.evaluate(look);
  },
  evaluate: ({ code }) => page.evaluate(code),
  said: () => said,
  /** An image of the whole window, or of the field alone. */
  async shot({ path, bare = false }) {
    const was = await page.evaluate(() => document.body.hasAttribute("data-bare"));
    await page.evaluate((on) => document.body.toggleAttribute("data-bare", on), bare || was);
    if (bare) await page.evaluate(() => document.activeElement?.blur()); // no focus ring either
    await page.screenshot({ path });
    await page.evaluate((on) => document.body.toggleAttribute("data-bare", on), was);
  },
  resize: (size) => page.setViewportSize(size),
  click: ({ selector }) => page.click(selector),
  focus: ({ selector }) => page.focus(selector),
  key: ({ key }) => page.keyboard.press(key),
  async drag({ from, to, button = "left" }) {
    await page.mouse.move(...from);
    await page.mouse.down({ button });
    await page.mouse.move(...to, { steps: 4 });
    await page.mouse.up({ button });
  },
  async wheel({ at, by }) {
    await page.mouse.move(...at);
    await page.mouse.wheel(0, by);
  },
  /** Touch with one or more fingers, each a list of places. */
  async touch({ fingers }) {
    const session = await context.newCDPSession(page);
    const send = (type, points) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      });
    await send(
      "touchStart",
      fingers.map((places) => places[0]),
    );
    for (let step = 1; step < fingers[0].length; step++) {
      await send(
        "touchMove",
        fingers.map((places) => places[step]),
      );
    }
    await send("touchEnd", []);
    await session.detach();
  },
  /** Drop a file with this content on the page. */
  drop: ({ name, base64 }) =>
    page.evaluate(
      async ([name, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], name));
        for (const type of ["dragover", "drop"]) {
          document.body.dispatchEvent(
            new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }),
          );
        }
      },
      [name, base64],
    ),
  /** Do something that saves a file; its content. */
  async download({ key }) {
    const [saved] = await Promise.all([page.waitForEvent("download"), page.keyboard.press(key)]);
    const stream = await saved.createReadStream();
    const parts = [];
    for await (const part of stream) parts.push(part);
    return { name: saved.suggestedFilename(), base64: Buffer.concat(parts).toString("base64") };
  },
  emulate: (options) => page.emulateMedia(options),
  tree: () => page.locator("body").ariaSnapshot(),
};

process.stdout.write(JSON.stringify({ ok: browser.version() }) + "\n");
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const { do: deed, ...options } = JSON.parse(line);
    answer = { ok: (await deeds[deed](options)) ?? null };
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
