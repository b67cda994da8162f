import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Lifetime } from "../src/viewer/lifetime.js";

const forever = new Promise<never>(() => undefined);

test("what comes of work comes through", async () => {
  const lifetime = new Lifetime(forever);
  assert.equal(await lifetime.during(Promise.resolve(7)), 7);
  await assert.rejects(lifetime.during(Promise.reject(new RangeError("no"))), RangeError);
});

test("work that is never done ends with what it is done on", async () => {
  let end: (reason: Error) => void = () => undefined;
  const lifetime = new Lifetime(new Promise((resolve) => (end = resolve)));
  const before = lifetime.during(forever);
  end(new Error("gone"));
  await assert.rejects(before, /gone/);
  await assert.rejects(lifetime.during(forever), /gone/);
});

test("nothing of work that is done is held", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const lifetime = new Lifetime(forever);
  const results: WeakRef<object>[] = [];
  const work = async (): Promise<void> => {
    results.push(new WeakRef(await lifetime.during(Promise.resolve({ pixels: "many" }))));
  };
  for (let i = 0; i < 20; i++) await work();
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  assert.ok(results.filter((result) => result.deref() !== undefined).length <= 1);
  assert.equal(await lifetime.during(Promise.resolve(1)), 1);
});
