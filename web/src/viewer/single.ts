/**
 * The program of a page that holds everything itself, the field too: `nfcodec view --export x.html`.
 * It is the page's program and, loaded once more, the decoder's worker.
 */

import "../worker.js";
import { Viewer } from "./viewer.js";

function start(): void {
  const program = (document.currentScript as HTMLScriptElement).src;
  const held = document.getElementById("field")!;
  const bytes = Uint8Array.from(atob(held.textContent), (letter) => letter.charCodeAt(0));
  held.remove();
  const name = held.dataset["name"] ?? "field.nfc";
  const viewer = new Viewer(() => new Worker(program));
  void viewer.open(new File([bytes], name), name);
}

if (typeof document !== "undefined") start();
