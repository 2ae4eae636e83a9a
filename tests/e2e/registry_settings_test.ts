/** How an engine reaches registries: its settings, its environment, and what several who pull at once get. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { busyboxOciLayout, fixtureFolder, tarFolder } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";
import { program, Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { Terminal } from "../support/terminal.ts";

const command = ["busybox", "docker-registry", "skopeo", "umoci", "perl", "ip"];
const sandbox = new SharedSandbox({ command });
const test = sandbox.test.bind(sandbox);
const elsewhere = "10.99.98.1";
const unless = Deno.networkInterfaces().every(({ name }) => name === "lo") ? undefined : "needs a network namespace";

/** A registry with the image `lib/bb:1` of two layers: busybox's, and 2 MB that nobody has. */
async function registry(address = "127.0.0.1"): Promise<TestRegistry> {
  const folder = `${fixtureFolder()}/registry-${crypto.randomUUID()}`;
  await run(["cp", "-a", await busyboxOciLayout(), folder]);
  await Deno.mkdir(`${folder}-layer`);
  const bytes = new Uint8Array(2 << 20);
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  await Deno.writeFile(`${folder}-layer/unique`, bytes);
  await tarFolder(`${folder}-layer`, `${folder}.tar`);
  await run(["umoci", "raw", "add-layer", "--image", `${folder}:latest`, `${folder}.tar`]);
  const made = await TestRegistry.start({ address });
  await made.put(`oci:${folder}:latest`, "lib/bb:1");
  return made;
}

/** An address that is no loopback address, in a network namespace that has nothing else. */
async function otherAddress(): Promise<AsyncDisposable> {
  await run(["ip", "addr", "add", `${elsewhere}/32`, "dev", "lo"]);
  return { [Symbol.asyncDispose]: async () => void await run(["ip", "addr", "del", `${elsewhere}/32`, "dev", "lo"]) };
}

function placed(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires({ root: true, cgroup: "any", command, unless }, name), fn });
}

test("on a terminal each layer has a line, which becomes a bar and then `Pull complete`", async (box) => {
  await using server = await registry();
  await using proxy = new FaultProxy(server, ({ url }) => /\/blobs\//.test(url) ? { trickle: 8192 } : undefined);
  await using terminal = new Terminal([...program, "pull", `${proxy.host}/lib/bb:1`], { env: box.env, columns: 120 });
  assert.equal(await terminal.exit(60_000), 0);
  const screen = terminal.screen.replaceAll("\x1b", "ESC");
  // Up to the line, which is wiped, and down again.
  assert.match(screen, /ESC\[\d+AESC\[2K\r[0-9a-f]{12}: Downloading \[=+> *\] +[\d.]+[kM]?B\/2\.\d+MB/);
  assert.match(screen, /[0-9a-f]{12}: Pull complete\rESC\[1B/);
  assert.match(screen, /\r\nStatus: Downloaded newer image for \S+\/lib\/bb:1\r\n/);
  await box.ok("rmi", `${proxy.host}/lib/bb:1`);
});

test("pull --platform takes what fits, and says what it has found instead", async (box) => {
  await using server = await registry();
  const name = `${server.host}/lib/bb:1`;
  const own = Deno.build.arch === "aarch64" ? "linux/arm64" : "linux/amd64";
  const wrong = await box.sauropod(["pull", "--platform", "linux/s390x", name]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /does not match the specified platform: wanted linux\/s390x, actual: linux\/a/);
  assert.equal(await box.ok("images", "-q", name), "");
  await box.ok("pull", "-q", "--platform", own, name);
  assert.equal(await box.ok("run", "--rm", "--platform", own, name, "echo", "runs"), "runs");
  await box.ok("rmi", name);
});

test("push -a sends all tags, by our command and by docker's", async (box) => {
  await using server = await registry();
  const name = `${server.host}/lib/bb`;
  await box.ok("pull", "-q", `${name}:1`);
  for (const tag of ["2", "3"]) await box.ok("tag", `${name}:1`, `${server.host}/ours/bb:${tag}`);
  const told = await box.ok("push", "-a", `${server.host}/ours/bb`);
  assert.match(told, /^2: digest: sha256:[0-9a-f]{64} size: \d+$/m);
  assert.match(told, /^3: digest: sha256:[0-9a-f]{64} size: \d+$/m);
  await box.ok("tag", `${name}:1`, `${server.host}/theirs/bb:4`);
  const docker = await box.docker(["push", "-a", `${server.host}/theirs/bb`]);
  assert.equal(docker.code, 0, docker.stderr);
  for (const image of ["ours/bb:2", "ours/bb:3", "theirs/bb:4"]) assert.ok((await server.inspect(image))["Digest"]);
  await box.ok(
    "rmi",
    `${name}:1`,
    `${server.host}/ours/bb:2`,
    `${server.host}/ours/bb:3`,
    `${server.host}/theirs/bb:4`,
  );
}, { command: "docker" });

test("pull, run and docker at once, of one image: its layer is fetched once, and all three have it", async (box) => {
  await using server = await registry();
  await using proxy = new FaultProxy(server, ({ url }) => /\/blobs\//.test(url) ? { delay: 300 } : undefined);
  const name = `${proxy.host}/lib/bb:1`;
  const all = await Promise.all([
    box.sauropod(["pull", "-q", name]),
    box.sauropod(["run", "--rm", name, "wc", "-c", "/unique"]),
    box.docker(["pull", "-q", name]),
  ]);
  assert.deepEqual(all.map(({ code }) => code), [0, 0, 0], all.map(({ stderr }) => stderr).join("\n"));
  assert.match(all[1].stdout, /^2097152 /);
  const fetched = proxy.seen.filter((line) => /^GET .*\/blobs\//.test(line));
  const layer = JSON.parse(await run(["skopeo", "inspect", "--tls-verify=false", `docker://${server.host}/lib/bb:1`]));
  assert.equal(fetched.filter((line) => line.endsWith(layer.Layers.at(-1))).length, 1, fetched.join("\n"));
  await box.ok("rmi", name);
}, { command: "docker" });

placed(
  "a mirror from the settings serves short names; an insecure registry is reached without encryption",
  async () => {
    await using _address = await otherAddress();
    await using server = await registry(elsewhere);
    await using mirror = await TestRegistry.start();
    await mirror.put(`docker://${server.host}/lib/bb:1`, "library/bb:1", "--src-tls-verify=false");
    await using box = await Sandbox.open({
      SAUROPOD_REGISTRY_MIRROR: `http://${mirror.host}`,
      SAUROPOD_INSECURE_REGISTRY: server.host,
    });
    assert.equal(await box.ok("run", "--rm", "bb:1", "echo", "by the mirror"), "by the mirror");
    assert.match(await box.ok("images", "--format", "{{.Repository}}:{{.Tag}}"), /^bb:1$/m);
    await box.ok("pull", "-q", `${server.host}/lib/bb:1`);
    await box.ok("engine", "stop");
    const strict = { SAUROPOD_INSECURE_REGISTRY: "" };
    const refused = await box.sauropod(["pull", `${server.host}/lib/bb:1`], { env: strict });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Get "https:\/\/10\.99\.98\.1/);
    await box.ok("engine", "stop");
    const flag = ["--insecure-registry", `${elsewhere}/24`, "pull", "-q", `${server.host}/lib/bb:1`];
    assert.equal((await box.sauropod(flag, { env: strict })).code, 0);
  },
);

placed(
  "a proxy in the engine's environment is asked for registries elsewhere, unless NO_PROXY names them",
  async () => {
    await using _address = await otherAddress();
    await using server = await registry(elsewhere);
    await using proxy = new FaultProxy(server, () => undefined);
    const insecure = { SAUROPOD_INSECURE_REGISTRY: server.host, HTTP_PROXY: `http://${proxy.host}` };
    await using box = await Sandbox.open(insecure);
    await box.ok("pull", "-q", `${server.host}/lib/bb:1`);
    const asked = proxy.seen.length;
    assert.ok(asked > 3, proxy.seen.join("\n"));
    await box.ok("rmi", `${server.host}/lib/bb:1`);
    await box.ok("engine", "stop");
    const env = { NO_PROXY: elsewhere };
    assert.equal((await box.sauropod(["pull", "-q", `${server.host}/lib/bb:1`], { env })).code, 0);
    assert.equal(proxy.seen.length, asked);
  },
);
