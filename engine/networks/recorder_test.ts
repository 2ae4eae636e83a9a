import assert from "node:assert/strict";
import { type NetworkAction, Recorder } from "./recorder.ts";

const setting = (path: string): NetworkAction => ({ kind: "sysctl", place: "host", path, value: "1" });

Deno.test("what is noted goes to the record of the work that is on, and nowhere when nobody asked", () => {
  const recorder = new Recorder();
  const outer: NetworkAction[] = [], inner: NetworkAction[] = [];
  recorder.note(setting("before"));
  const result = recorder.during(outer, () => {
    recorder.note(setting("a"));
    recorder.during(inner, () => recorder.note(setting("b")));
    recorder.during(undefined, () => recorder.note(setting("nobody's")));
    recorder.note(setting("c"));
    return 7;
  });
  recorder.note(setting("after"));
  assert.deepEqual([result, outer, inner], [7, [setting("a"), setting("c")], [setting("b")]]);
});

Deno.test("work that fails ends its record", () => {
  const recorder = new Recorder();
  const done: NetworkAction[] = [];
  assert.throws(() =>
    recorder.during(done, () => {
      throw new Error("no");
    })
  );
  recorder.note(setting("after"));
  assert.deepEqual(done, []);
});

Deno.test("rules go to each record that waits for them and is named by them", async () => {
  const recorder = new Recorder();
  const first: NetworkAction[] = [], second: NetworkAction[] = [];
  const settled = Promise.withResolvers<void>();
  const all = [
    recorder.duringRules(first, ["br-1", "10.0.0.2"], () => settled.promise),
    recorder.duringRules(second, ["br-2"], () => settled.promise),
    recorder.duringRules(undefined, ["br-1"], () => settled.promise),
  ];
  recorder.executed(4, "-i br-1 and -i br-2");
  recorder.executed(6, "--to-destination 10.0.0.2");
  recorder.executed(4, "-i br-3");
  settled.resolve();
  await Promise.all(all);
  recorder.executed(4, "-i br-1, too late");
  const rules = (family: 4 | 6, text: string): NetworkAction => ({ kind: "firewall", place: "host", family, text });
  assert.deepEqual(first, [rules(4, "-i br-1 and -i br-2"), rules(6, "--to-destination 10.0.0.2")]);
  assert.deepEqual(second, [rules(4, "-i br-1 and -i br-2")]);
});
