/** Images from and to registries, as users do it: our command line and the real docker's. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { assertStoreWhole } from "../support/crash.ts";
import { busyboxOciLayout, fixtureFolder, tarFolder } from "../support/fixtures.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { TestRegistry } from "../support/registry.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "docker-registry", "skopeo", "umoci", "perl"] });
const test = sandbox.test.bind(sandbox);

/** A registry with the image `lib/bb:1`: busybox, whose layer every sandbox has, and one that nobody has. */
async function registry(login?: readonly [string, string]): Promise<TestRegistry> {
  const folder = `${fixtureFolder()}/registry-${crypto.randomUUID()}`;
  await run(["cp", "-a", await busyboxOciLayout(), folder]);
  await Deno.mkdir(`${folder}-layer`);
  await Deno.writeTextFile(`${folder}-layer/unique`, folder);
  await tarFolder(`${folder}-layer`, `${folder}.tar`);
  await run(["umoci", "raw", "add-layer", "--image", `${folder}:latest`, `${folder}.tar`]);
  const made = await TestRegistry.start(login === undefined ? {} : { login });
  const creds = login === undefined ? [] : ["--dest-creds", login.join(":")];
  await made.put(`oci:${folder}:latest`, "lib/bb:1", ...creds);
  return made;
}

/** With a configuration file of docker's of this test's own. */
function config(box: Sandbox): Record<string, string> {
  return { DOCKER_CONFIG: Deno.makeTempDirSync({ dir: box.folder }) };
}

test("run pulls the image that is missing, and tells of it on stderr", async (box) => {
  await using server = await registry();
  const name = `${server.host}/lib/bb:1`;
  const { code, stdout, stderr } = await box.sauropod(["run", "--rm", name, "echo", "runs"]);
  assert.deepEqual([code, stdout], [0, "runs\n"], stderr);
  assert.match(stderr, /^Unable to find image '.*\/lib\/bb:1' locally\n1: Pulling from lib\/bb\n/);
  assert.match(stderr, /^[0-9a-f]{12}: Pull complete$/m);
  assert.match(stderr, /^Status: Downloaded newer image for .*\/lib\/bb:1$/m);
  const again = await box.sauropod(["run", "--rm", name, "echo", "again"]);
  assert.deepEqual([again.stdout, again.stderr], ["again\n", ""]);
  await box.ok("rmi", name);
  const never = await box.sauropod(["run", "--rm", "--pull", "never", name]);
  assert.equal(never.code, 125);
  assert.match(never.stderr, /No such image/);
  const always = await box.sauropod(["run", "--rm", "--pull", "always", "-q", name, "echo", "pulled"]);
  assert.deepEqual([always.code, always.stdout, always.stderr], [0, "pulled\n", ""]);
});

test("run says why an image cannot be pulled, and leaves with 125", async (box) => {
  await using server = await registry();
  const { code, stderr } = await box.sauropod(["run", "--rm", `${server.host}/lib/absent:1`]);
  assert.equal(code, 125);
  assert.match(stderr, /manifest for .*\/lib\/absent:1 not found: manifest unknown/);
});

test("pull prints docker's lines, with -q the name alone", async (box) => {
  await using server = await registry();
  const name = `${server.host}/lib/bb`;
  const { Digest } = await server.inspect("lib/bb:1");
  const lines = (await box.ok("pull", `${name}:1`)).split("\n");
  assert.deepEqual(lines.map((line) => line.replace(/^[0-9a-f]{12}:/, "ID:")), [
    "1: Pulling from lib/bb",
    "ID: Already exists",
    "ID: Pulling fs layer",
    "ID: Verifying Checksum",
    "ID: Download complete",
    "ID: Pull complete",
    `Digest: ${Digest}`,
    `Status: Downloaded newer image for ${name}:1`,
    `${name}:1`,
  ]);
  assert.equal(await box.ok("pull", "-q", `${name}@${Digest}`), `${name}@${Digest}`);
  assert.equal(await box.ok("images", "--format", "{{.Digest}}", name), Digest);
  await box.ok("tag", `${name}:1`, `${name}:2`);
  const push = /: Layer already exists\n(.*\n)*2: digest: sha256:[0-9a-f]{64} size: \d+$/;
  assert.match(await box.ok("push", `${name}:2`), push);
  assert.doesNotMatch(await box.ok("push", `${name}:2`), /: Pushed$/m); // now all of it is known to be there
  await box.ok("rmi", `${name}:1`, `${name}:2`);
  assert.match(await box.ok("pull", "-a", name), new RegExp(`2: Pulling from lib/bb(.|\n)*\n${name}$`));
  assert.equal((await box.ok("images", "-q", name)).split("\n").length, 2);
});

test("login, logout, and the credentials in docker's file", async (box) => {
  await using server = await registry(["ann", "secret"]);
  const env = config(box);
  const name = `${server.host}/lib/bb:1`;
  const login = (password: string) =>
    box.sauropod(["login", "-u", "ann", "--password-stdin", server.host], { env, stdin: `${password}\n` });
  const wrong = await login("wrong");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /unauthorized: /);
  assert.match((await box.sauropod(["pull", name], { env })).stderr, /: pull access denied for /);
  const right = await login("secret");
  assert.deepEqual([right.code, right.stdout], [0, "Login Succeeded\n"], right.stderr);
  assert.match(right.stderr, /WARNING! Your credentials are stored unencrypted in '.*\/config.json'/);
  const file = `${env["DOCKER_CONFIG"]}/config.json`;
  assert.deepEqual(JSON.parse(await Deno.readTextFile(file)).auths, { [server.host]: { auth: btoa("ann:secret") } });
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.equal((await box.sauropod(["pull", name], { env })).code, 0);
  assert.equal((await box.sauropod(["push", name], { env })).code, 0);
  assert.equal((await box.docker(["pull", name], { env })).code, 0); // the same file
  const out = await box.sauropod(["logout", server.host], { env });
  assert.equal(out.stdout, `Removing login credentials for ${server.host}\n`);
  assert.equal((await box.sauropod(["push", name], { env })).code, 1);
}, { command: "docker" });

test("a credential helper is asked, and keeps what login gives it", async (box) => {
  await using server = await registry(["ann", "secret"]);
  const env = config(box);
  const folder = env["DOCKER_CONFIG"] ?? "";
  const helper = `#!/bin/sh
case $1 in
get) read server; [ -e ${folder}/kept ] || { echo "credentials not found in native keychain"; exit 1; }; cat ${folder}/kept;;
store) cat > ${folder}/kept;;
erase) rm -f ${folder}/kept;;
esac
`;
  await Deno.writeTextFile(`${folder}/docker-credential-test`, helper, { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ credHelpers: { [server.host]: "test" } }));
  const all = { ...env, PATH: `${folder}:${Deno.env.get("PATH")}` };
  const name = `${server.host}/lib/bb:1`;
  assert.equal((await box.sauropod(["pull", name], { env: all })).code, 1);
  const login = ["login", "-u", "ann", "--password-stdin", server.host];
  const { code, stderr } = await box.sauropod(login, { env: all, stdin: "secret" });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(JSON.parse(await Deno.readTextFile(`${folder}/kept`)), {
    ServerURL: server.host,
    Username: "ann",
    Secret: "secret",
  });
  assert.equal((await box.sauropod(["pull", name], { env: all })).code, 0);
  await box.sauropod(["logout", server.host], { env: all });
  assert.equal((await box.sauropod(["push", name], { env: all })).code, 1);
});

test("the real docker command logs in, pulls, runs, pushes and searches", async (box) => {
  await using server = await registry(["ann", "secret"]);
  const env = config(box);
  const name = `${server.host}/lib/bb`;
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await box.docker(args, { env });
    assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  const denied = await box.docker(["pull", `${name}:1`], { env });
  assert.match(denied.stderr, /pull access denied/);
  const login = ["login", "-u", "ann", "--password-stdin", server.host];
  assert.equal((await box.docker(login, { env, stdin: "wrong" })).code, 1);
  const { code, stdout, stderr } = await box.docker(login, { env, stdin: "secret" });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Login Succeeded/);
  assert.match(await ok("pull", `${name}:1`), /: Pull complete\nDigest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer/);
  await ok("rmi", `${name}:1`);
  assert.equal(await ok("run", "--rm", `${name}:1`, "echo", "docker"), "docker");
  await ok("tag", `${name}:1`, `${name}:docker`);
  assert.match(
    await ok("push", `${name}:docker`),
    /: Layer already exists\n(.*\n)*docker: digest: sha256:[0-9a-f]{64} size: \d+$/,
  );
  assert.equal(await ok("search", "--format", "{{.Name}}", `${server.host}/bb`), name);
}, { command: "docker" });

test("an engine that is killed in a pull leaves nothing, and the next pull succeeds", async (box) => {
  await using server = await registry();
  let asked = 0;
  await using proxy = new FaultProxy(server, ({ method, url }) => {
    if (method !== "GET" || !url.includes("/blobs/")) return undefined;
    return ++asked === 2 ? { delay: 3000 } : undefined; // the layer, after the configuration
  });
  const name = `${proxy.host}/lib/bb:1`;
  const layers = () => Array.from(Deno.readDirSync(`${box.folder}/root/layers`)).length;
  const [before, pid] = [layers(), await box.enginePid()];
  const pull = box.sauropod(["pull", name]);
  await until("the layer is on its way", () => asked === 2);
  Deno.kill(pid, "SIGKILL");
  assert.notEqual((await pull).code, 0);
  assert.equal(await box.ok("images", "-q", `${proxy.host}/lib/bb`), "");
  const staged = () => Array.from(Deno.readDirSync(`${box.folder}/root/staging`)).length;
  await until("staging is swept", () => staged() === 0);
  assert.equal(layers(), before);
  await box.ok("system", "check");
  await box.ok("pull", name);
  assert.equal(await box.ok("run", "--rm", name, "echo", "whole"), "whole");
});

const points = ["pull.downloaded", "pull.unpacked", "layer.skeleton", "layer.folder", "pull.layer", "pull.image"];
for (const point of points) {
  for (const mode of ["kill", "error"]) {
    test(`a pull that ends at ${point} by ${mode} leaves nothing, and the next one succeeds`, async (box) => {
      await using server = await registry();
      const name = `${server.host}/lib/bb:1`;
      const layers = () => Array.from(Deno.readDirSync(`${box.folder}/root/layers`)).length;
      const staged = () => Array.from(Deno.readDirSync(`${box.folder}/root/staging`)).length;
      const before = layers();
      await box.ok("engine", "stop");
      const { code } = await box.sauropod(["pull", name], { env: { SAUROPOD_FAIL: `${point}:${mode}` } });
      assert.notEqual(code, 0);
      await assertStoreWhole(box); // also of the engine that has gone on after an error
      if (mode === "error") await box.ok("engine", "stop"); // the next has no failpoint
      assert.equal(await box.ok("images", "-q", name), "");
      await until("staging is swept", () => staged() === 0);
      assert.equal(layers(), before);
      await box.ok("system", "check", "--digests");
      await box.ok("pull", name);
      assert.equal(await box.ok("run", "--rm", name, "cat", "/unique").then((text) => text.length > 0), true);
    });
  }
}

test("search lists what a registry has", async (box) => {
  await using server = await registry();
  assert.match(await box.ok("search", `${server.host}/b`), /^NAME +DESCRIPTION +STARS +OFFICIAL\n\S+\/lib\/bb +0/);
});
