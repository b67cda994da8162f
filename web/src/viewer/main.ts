/** The viewer's page: opens a file, shows it while it arrives, and answers to the controls. */

import { Viewer } from "./viewer.js";
import { nameOf, queryOf, sourceOf } from "./link.js";
import { WELCOME } from "./messages.js";
import { byId } from "./page.js";

interface Listed {
  name: string;
}

/** The files that lie beside this page, as its server or export says; none if it does not. */
async function filesBeside(): Promise<Listed[]> {
  try {
    const response = await fetch("files.json");
    if (!response.ok) return [];
    const listing = (await response.json()) as { files?: unknown };
    const files = Array.isArray(listing.files) ? listing.files : [];
    return files.filter((file): file is Listed => typeof file?.name === "string");
  } catch {
    return [];
  }
}

function addressOf(file: Listed): string {
  const page = new URL(location.href);
  page.search = queryOf(file.name);
  page.hash = "";
  return page.href;
}

/** Open the file that the address names, unless it is open. Whether it names one. */
function openAddressed(viewer: Viewer): boolean {
  try {
    const source = sourceOf(new URL(location.href));
    if (source === null) return false;
    const open = viewer.source;
    if (!(open instanceof URL && open.href === source.href))
      void viewer.open(source, nameOf(source));
  } catch (error) {
    viewer.fail(error, "The file");
  }
  return true;
}

function offer(files: Listed[], viewer: Viewer): void {
  if (files.length < 2) return;
  const select = byId("file", HTMLSelectElement);
  select.replaceChildren(...files.map(({ name }) => new Option(name, name)));
  const mark = () => {
    const open = viewer.source;
    const shown = files.find((file) => sourceOf(new URL(addressOf(file)))?.href === String(open));
    select.value = shown?.name ?? "";
  };
  mark();
  byId("files").hidden = false;
  select.addEventListener("change", () => {
    history.pushState(null, "", addressOf({ name: select.value }));
    openAddressed(viewer);
  });
  viewer.opened = mark;
  window.addEventListener("popstate", () => void openAddressed(viewer));
}

function makeWorker(): Worker {
  const build = new URL(import.meta.url).search;
  return new Worker(new URL(`./worker.js${build}`, import.meta.url), { type: "module" });
}

async function start(): Promise<void> {
  const viewer = new Viewer(makeWorker);
  const addressed = openAddressed(viewer);
  const files = await filesBeside();
  if (!addressed) {
    if (files.length > 0) {
      history.replaceState(null, "", addressOf(files[0]!) + location.hash);
      openAddressed(viewer);
    } else {
      viewer.say("welcome", WELCOME);
    }
  }
  offer(files, viewer);
}

void start();
