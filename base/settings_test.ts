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

Deno.test("resolveSettings() takes registries from repeated flags, or from a variable with commas", () => {
  const env = (name: string) =>
    ({ SAUROPOD_INSECURE_REGISTRY: "a:1, 10.0.0.0/8,", SAUROPOD_REGISTRY_MIRROR: "" })[name];
  const { insecureRegistries, registryMirrors } = resolveSettings({ registryMirrors: ["https://m"] }, env);
  assert.deepEqual([insecureRegistries, registryMirrors], [["a:1", "10.0.0.0/8"], ["https://m"]]);
  assert.equal(resolveSettings({ insecureRegistries: ["b"] }, env).insecureRegistries?.join(), "b");
});

Deno.test("another root folder has a run folder of its own, the same each time, unless one is given", () => {
  const settings = (root: string, runDir?: string) => resolveSettings({ root, runDir }, () => undefined).runDir;
  assert.equal(settings("/var/lib/sauropod"), "/run/sauropod");
  assert.match(settings("/srv/a"), /^\/run\/sauropod-[0-9a-f]{8}$/);
  assert.equal(settings("/srv/a"), settings("/srv/a/"));
  assert.notEqual(settings("/srv/a"), settings("/srv/b"));
  assert.equal(settings("/srv/a", "/run/x"), "/run/x");
});
