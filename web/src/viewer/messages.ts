/** What to tell people when there is nothing to look at. */

import { NfcError } from "../types.js";

export interface Message {
  title: string;
  /** What is wrong, in a sentence or two. */
  text: string;
  /** What to do about it. */
  remedy: string;
}

/** The message for an error that ended the reading of `name`. */
export function explain(error: unknown, name: string): Message {
  if (error instanceof TypeError) return wrongAddress(error.message);
  const code = codeOf(error);
  const text = sentence(error instanceof Error ? error.message : String(error));
  switch (code) {
    case "damaged":
      return {
        title: `${name} cannot be read`,
        text,
        remedy:
          "Copy or download the file again as binary. If you have it on disk, " +
          "“nfcodec verify” says whether it is sound.",
      };
    case "unsupported":
      return {
        title: `${name} cannot be shown by this viewer`,
        text,
        remedy:
          "“nfcodec info” says what is in it. If it needs a newer version, update nfcodec and, if " +
          "this page is an export, export it anew.",
      };
    case "limit":
      return {
        title: `${name} is too large`,
        text,
        remedy: "Encode the field with fewer levels of detail, or look at a smaller one.",
      };
    case "network":
      return {
        title: `${name} could not be loaded`,
        text,
        remedy:
          "Check the name and the connection. A file on another server needs that server's " +
          "permission (CORS).",
      };
    default:
      return {
        title: `${name} could not be shown`,
        text,
        remedy: "This is a defect of the viewer: please report it with this text.",
      };
  }
}

/** What to say in front of the reason where a part of a file is shown already. */
export function interruption(error: unknown): string {
  const arrived = codeOf(error) !== "network";
  return arrived ? "The rest of the file cannot be read." : "The rest of the file did not arrive.";
}

/** Errors that crossed from the worker may have lost their class, not their code. */
function codeOf(error: unknown): unknown {
  return error instanceof NfcError ? error.code : (error as { code?: unknown } | null)?.code;
}

function wrongAddress(text: string): Message {
  return {
    title: "This address names no file",
    text: sentence(text),
    remedy: "Put the file beside this page and open ?src=name.nfc, or drop it here.",
  };
}

/** Why there is no image although the file may be sound; `shown`: what is shown in its place. */
export function noGraphics(reason: string, shown = ""): Message {
  return {
    title: "This browser cannot draw the field",
    text: `${sentence(reason)} ${shown}`.trim(),
    remedy:
      "The viewer needs WebGPU: a current Chrome, Edge, Firefox or Safari, with graphics " +
      "acceleration switched on, on a page served over https or from this machine.",
  };
}

/** Nothing was named to look at. */
export const WELCOME: Message = {
  title: "Drop a .nfc file here, or open one",
  text: "It is drawn while it is read, on this machine; nothing is sent anywhere.",
  remedy: "A file beside this page opens with ?\u2060src=name.nfc in the address.",
};

/** `text` with a capital at its start and a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "The reason is not known.";
  const ended = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended[0]!.toUpperCase() + ended.slice(1);
}

/** Bytes as file managers count them, in powers of 1000. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count;
  let unit = "";
  for (unit of ["kB", "MB", "GB"]) {
    value /= 1000;
    if (value < 999.5) break;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
