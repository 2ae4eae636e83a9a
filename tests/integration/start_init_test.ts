/** `--init`: a first process that only reaps and passes signals on. */
import assert from "node:assert/strict";
import { requires } from "../support/requires.ts";
import { Place, plainSpec, Running } from "../support/started.ts";

const needs = requires({ root: true, command: "busybox", kernel: "5.12" });
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...needs, fn });

test("--init passes signals on, reaps orphans and ends with the command's code", async () => {
  const script =
    "trap 'echo got it; exit 9' TERM; (sleep 0.05 &); sleep 0.1; ps -o stat | grep -c Z; echo ready; while :; do sleep 0.05; done";
  using place = new Place();
  await using running = await Running.start(
    await plainSpec(place, { init: true, process: { args: ["sh", "-c", script] } }),
    place,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  Deno.kill(running.started.pid, "SIGTERM");
  const { stdout, exitCode } = await running.end();
  assert.deepEqual([stdout, exitCode], ["0\nready\ngot it\n", 9]);
});

test("--init with a terminal puts the command into its foreground", async () => {
  using place = new Place();
  const process = { args: ["sh", "-c", "read x < /dev/tty; echo got $x"], terminal: true };
  await using running = await Running.start(await plainSpec(place, { init: true, process }), place);
  running.write("line\n");
  const { stdout, exitCode } = await running.end();
  assert.match(stdout, /got line/);
  assert.equal(exitCode, 0);
});
