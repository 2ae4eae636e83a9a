import assert from "node:assert/strict";
import { resolveSettings } from "./settings.ts";

Deno.test("resolveSettings() takes a flag before the environment, and the environment before the default", () => {
  const env = (name: string) => ({ SAUROPOD_ROOT: "/env/root", SAUROPOD_RUN: "/env/run/" })[name];
  assert.deepEqual(resolveSettings({ root: "/flag" }, env), {
    root: "/flag",
    runDir: "/env/run",
    socket: "/env/run/sauropod.sock",
  });
  assert.deepEqual(resolveSettings({}, () => undefined), {
    root: "/var/lib/sauropod",
    runDir: "/run/sauropod",
    socket: "/run/sauropod/sauropod.sock",
  });
});

Deno.test("resolveSettings() refuses a host that is no Unix socket, and names it", () => {
  assert.throws(() => resolveSettings({ host: "tcp://1.2.3.4" }, () => undefined), /invalid host "tcp:\/\/1.2.3.4"/);
});
