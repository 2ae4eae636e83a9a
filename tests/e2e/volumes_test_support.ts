/** What tests with volumes share: a sandbox that is empty again after each, and short forms. */
import assert from "node:assert/strict";
import { assertNoBugs } from "../support/crash.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "setfattr", "getfattr"] });

/** One test; what it leaves of containers and volumes is removed, for the next counts them. */
export function test(name: string, fn: (box: Sandbox) => Promise<void>, needs = {}): void {
  sandbox.test(name, async (box) => {
    try {
      await fn(box);
    } finally {
      const ids = (await box.ok("ps", "-aq")).split("\n").filter(Boolean);
      if (ids.length > 0) await box.ok("rm", "-fv", ...ids);
      const volumes = await volumesOf(box);
      if (volumes.length > 0) await box.ok("volume", "rm", ...volumes);
    }
    assertNoBugs(box);
  }, needs);
}

export const net = ["--network", "none"];
export const volumesOf = async (box: Sandbox) => (await box.ok("volume", "ls", "-q")).split("\n").filter(Boolean);
export const dataOf = (box: Sandbox, name: string) => box.ok("volume", "inspect", "-f", "{{.Mountpoint}}", name);
export const sh = (box: Sandbox, flags: string[], script: string) =>
  box.ok("run", "--rm", ...net, ...flags, "busybox", "sh", "-c", script);

/** What must fail: its message. */
export async function fails(box: Sandbox, ...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await box.sauropod(args);
  assert.notEqual(code, 0, `sauropod ${args.join(" ")} succeeded: ${stdout}`);
  return stderr;
}
