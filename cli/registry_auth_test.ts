import assert from "node:assert/strict";
import type { Context } from "./command.ts";
import { completeName } from "./pull_image.ts";
import { HUB_KEY, registryKey, registryOf, storedAuth } from "./registry_auth.ts";

for (
  const [server, key] of [
    ["", HUB_KEY],
    ["docker.io", HUB_KEY],
    ["https://index.docker.io/v1/", HUB_KEY],
    ["registry-1.docker.io", HUB_KEY],
    ["https://r.example:5000/v2/", "r.example:5000"],
    ["r.example", "r.example"],
  ] as const
) {
  Deno.test(`registryKey(${server}) is ${key}`, () => assert.equal(registryKey(server), key));
}

for (
  const [image, registry, complete] of [
    ["busybox", "docker.io", "docker.io/library/busybox:latest"],
    ["a/b:1", "docker.io", "docker.io/a/b:1"],
    ["index.docker.io/a", "index.docker.io", "docker.io/library/a:latest"],
    ["localhost/a", "localhost", "localhost/a:latest"],
    ["r:5000/a/b@sha256:1", "r:5000", "r:5000/a/b@sha256:1"],
  ] as const
) {
  Deno.test(`${image} comes from ${registry} and is called ${complete}`, () => {
    assert.deepEqual([registryOf(image), completeName(image)], [registry, complete]);
  });
}

Deno.test("storedAuth() reads what docker has written, by whatever form of the server's name", async () => {
  const folder = await Deno.makeTempDir();
  const context = { env: (name: string) => name === "DOCKER_CONFIG" ? folder : undefined } as Context;
  assert.equal(await storedAuth(context, "r.example"), undefined);
  const auths = {
    "https://r.example/v1/": { auth: btoa("ann:pass:word") },
    "t.example": { auth: "", identitytoken: "token" },
    "e.example": {},
  };
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ auths }));
  assert.deepEqual(await storedAuth(context, "r.example"), {
    username: "ann",
    password: "pass:word",
    serveraddress: "r.example",
  });
  assert.deepEqual(await storedAuth(context, "t.example"), { serveraddress: "t.example", identitytoken: "token" });
  assert.equal(await storedAuth(context, "e.example"), undefined);
  await Deno.writeTextFile(`${folder}/config.json`, '{"auths": "secret');
  await assert.rejects(storedAuth(context, "r.example"), (error: Error) => !String(error.cause).includes("secret"));
  await Deno.remove(folder, { recursive: true });
});
