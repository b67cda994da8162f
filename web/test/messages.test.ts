import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import { NfcError } from "../src/types.js";
import { checkImage } from "../src/gpu/renderer.js";
import { openField } from "../src/stream/open.js";
import { explain, interruption } from "../src/viewer/messages.js";
import { nfc, scalarHeader, u32 } from "./build.js";
import { NETW } from "./refused.js";
import { vectorBytes } from "./vectors.js";

test("a field whose images are decoded does not wait for a newer viewer", async () => {
  const file = nfc(scalarHeader([]), [["PICT", u32()], NETW]);
  const error = await openField(new Blob([file])).catch((reason: unknown) => reason);
  const { title, text } = explain(error, "lego.nfc");
  assert.equal(title, "lego.nfc cannot be shown by this viewer");
  assert.match(text, /vq-nerf field.*nfcodec render/);
  assert.doesNotMatch(text, /newer/);
});

test("a field that has no image is not called a defect of the viewer", () => {
  const field = decode(vectorBytes("plane"));
  checkImage(field);
  const check = () => checkImage({ ...field, kind: "sdf" });
  assert.throws(check, (error) => {
    const { title, text, remedy } = explain(error, "circle.nfc");
    assert.equal(title, "circle.nfc cannot be shown by this viewer");
    assert.match(text, /2-D sdf field has no image.*nfcodec decode/);
    assert.doesNotMatch(remedy, /defect|newer viewer/);
    return true;
  });
});

test("what has arrived and is damaged is not said to be missing", () => {
  assert.match(interruption(new NfcError("damaged", "a checksum")), /cannot be read/);
  assert.match(interruption(new NfcError("network", "the connection was lost")), /did not arrive/);
});
