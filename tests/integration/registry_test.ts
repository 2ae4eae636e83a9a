/** Passwords, tokens, certificates, mirrors and search; and images to Debian's registry server. */
import assert from "node:assert/strict";
import type { RegistryAuth } from "../../base/container_engine.ts";
import { run } from "../support/command.ts";
import { ConnectProxy } from "../support/connect_proxy.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";
import { selfSigned, signed, TokenServer } from "../support/token_server.ts";
import { flip, isBlob, layout, needs, Store, test } from "./registry_test_support.ts";

test("pull tells what is not there in Docker's words", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const name = `${registry.host}/a/three:absent`;
  await assert.rejects(store.pull(name), {
    class: "not_found",
    message: `manifest for ${name} not found: manifest unknown: manifest unknown`,
  });
  await assert.rejects(store.pull(`${registry.host}/a/none:1`), { class: "not_found" });
  await assert.rejects(store.pull("127.0.0.1:4/a/b:1"), {
    class: "unavailable",
    message: /^Get "http:\/\/127.0.0.1:4\/v2\/": /,
  });
  await store.assertEmpty();
});

test("a registry with a password lets in who knows it, and tells others", async () => {
  await using registry = await TestRegistry.start({ login: ["ann", "s3:cret"] });
  const auth: RegistryAuth = { username: "ann", password: "s3:cret" };
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:s3:cret");
  await using store = new Store();
  const name = `${registry.host}/a/three:1`;
  await assert.rejects(store.pull(name), {
    class: "not_found",
    message: /^pull access denied for .*\/a\/three, repository/,
  });
  await assert.rejects(store.pull(name, { auth: { ...auth, password: "wrong" } }), /pull access denied/);
  await store.pull(name, { auth });
  await store.images.tag(name, `${registry.host}/b/three:2`);
  await assert.rejects(store.push(`${registry.host}/b/three:2`), { class: "forbidden", message: /unauthorized/ });
  await store.push(`${registry.host}/b/three:2`, { auth });
  const login = (password: string) => store.images.login({ ...auth, password, serveraddress: registry.host });
  assert.deepEqual(await login("s3:cret"), { Status: "Login Succeeded", IdentityToken: "" });
  await assert.rejects(login("wrong"), { class: "forbidden", message: /unauthorized: / });
});

test("push sends what the registry lacks, and skopeo reads it", async () => {
  await using registry = await TestRegistry.start();
  await using other = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const [from, to] = [`${registry.host}/a/three:1`, `${other.host}/c/three:1`];
  await store.pull(from);
  await store.images.tag(from, to);
  const first = await store.push(to);
  assert.equal(first[0], `The push refers to repository [${other.host}/c/three]`);
  assert.equal(first.filter((text) => text === "Pushed").length, 3);
  const { Digest } = await other.inspect("c/three:1");
  assert.match(
    first.find((text) => text.startsWith("1: digest")) ?? "",
    new RegExp(`^1: digest: ${Digest} size: \\d+$`),
  );
  const config = await run(["skopeo", "inspect", "--config", "--raw", "--tls-verify=false", `docker://${to}`]);
  assert.deepEqual(JSON.parse(config).rootfs.diff_ids, (await store.images.inspect(from)).RootFS.Layers);
  assert.equal((await store.push(to)).filter((text) => text === "Layer already exists").length, 3);
  await store.images.tag(from, `${other.host}/d/three:1`);
  assert.equal(
    (await store.push(`${other.host}/d/three:1`)).filter((text) => text === "Mounted from c/three").length,
    3,
  );
  await using fresh = new Store();
  await fresh.pull(`${other.host}/d/three:1`);
  assert.equal((await fresh.images.inspect(`${other.host}/d/three:1`)).Id, (await store.images.inspect(from)).Id);
  await assert.rejects(store.push(`${other.host}/c/three:2`), {
    class: "not_found",
    message: `An image does not exist locally with the tag: ${other.host}/c/three`,
  });
});

test("push --all-tags sends every tag of the repository, and shares what they share", async () => {
  await using registry = await TestRegistry.start();
  await using other = await TestRegistry.start();
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  const from = `${registry.host}/a/three:1`;
  await store.pull(from);
  for (const tag of ["1", "2", "latest"]) await store.images.tag(from, `${other.host}/a/three:${tag}`);
  await store.images.tag(from, `${other.host}/a/another:1`);
  const told = await store.push(`${other.host}/a/three`, { allTags: true });
  assert.equal(told.filter((text) => text === "Pushed").length, 3);
  assert.deepEqual(told.filter((text) => /: digest: /.test(text)).map((text) => text.split(":")[0]), [
    "1",
    "2",
    "latest",
  ]);
  const tags = await (await fetch(`http://${other.host}/v2/a/three/tags/list`)).json();
  assert.deepEqual(tags.tags.toSorted(), ["1", "2", "latest"]);
  await assert.rejects(other.inspect("a/another:1"));
  await assert.rejects(store.push(`${other.host}/a/none`, { allTags: true }), { class: "not_found" });
  await assert.rejects(store.push(`${other.host}/a/three:1`, { allTags: true }), { class: "invalid" });
});

test("push tries again what broke", async () => {
  await using registry = await TestRegistry.start();
  await using store = new Store();
  for await (
    const _ of store.images.import(ReadableStream.from([await Deno.readFile(await busyboxRootTar())]), {
      reference: "x:1",
    })
  );
  const broken = new Set<string>();
  await using proxy = new FaultProxy(registry, ({ method }) => {
    if (method === "GET" || broken.has(method)) return undefined;
    broken.add(method);
    return { status: 500 };
  });
  await store.images.tag("x:1", `${proxy.host}/x:1`);
  await store.push(`${proxy.host}/x:1`);
  assert.ok((await registry.inspect("x:1"))["Digest"]);
});

test("credentials do not go where a redirect leads", async () => {
  await using registry = await TestRegistry.start({ login: ["ann", "secret"] });
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:secret");
  await using elsewhere = new FaultProxy(registry, () => ({ status: 403 }));
  await using proxy = new FaultProxy(registry, (request) => {
    if (!isBlob(request)) return undefined;
    return { redirect: request.url.replace(/127\.0\.0\.1:\d+/, elsewhere.host) };
  });
  await using store = new Store();
  const auth = { username: "ann", password: "secret" };
  await assert.rejects(store.pull(`${proxy.host}/a/three:1`, { auth }));
  assert.ok(proxy.headers.some((headers) => headers.has("authorization")));
  assert.ok(elsewhere.headers.length > 0);
  assert.ok(elsewhere.headers.every((headers) => !headers.has("authorization")));
});

test("search finds names in the catalogue of a registry that cannot search", async () => {
  await using registry = await TestRegistry.start();
  for (const name of ["a/three", "b/three", "b/four"]) await registry.put(await layout(), `${name}:1`);
  await using store = new Store();
  const found = await store.images.search(`${registry.host}/three`);
  assert.deepEqual(found.map(({ name }) => name), [`${registry.host}/a/three`, `${registry.host}/b/three`]);
});

test("a token server gives what the registry asks for, and nothing to strangers", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-token-" });
  await using server = await TokenServer.start(folder, ["ann", "secret"]);
  await using registry = await TestRegistry.start({ token: server });
  await registry.put(await layout(), "a/three:1", "--dest-creds", "ann:secret");
  server.asked.length = 0;
  const auth: RegistryAuth = { username: "ann", password: "secret" };
  await using store = new Store();
  const name = `${registry.host}/a/three:1`;
  await assert.rejects(store.pull(name), { class: "not_found", message: /^pull access denied/ });
  await store.pull(name, { auth });
  assert.ok(server.asked.every((fields) => fields.get("scope") === "repository:a/three:pull"));
  assert.equal(server.asked.at(-1)?.get("service"), "test");
  await store.images.tag(name, `${registry.host}/b/three:1`);
  const pushed = await store.push(`${registry.host}/b/three:1`, { auth });
  assert.equal(pushed.filter((text) => text === "Mounted from a/three").length, 3);
  const { IdentityToken } = await store.images.login({ ...auth, serveraddress: registry.host });
  assert.equal(IdentityToken, "refresh-me");
  await using other = new Store();
  await other.pull(name, { auth: { identitytoken: IdentityToken } });
  await assert.rejects(store.images.login({ ...auth, password: "no", serveraddress: registry.host }), {
    class: "forbidden",
    message: /unauthorized: incorrect username or password/,
  });
  await Deno.remove(folder, { recursive: true });
});

test("a registry on this machine may have a certificate that nobody has signed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  const tls = await selfSigned(folder, "registry", ["IP:127.0.0.1"]);
  await using registry = await TestRegistry.start({ tls });
  await registry.put(await layout(), "a/three:1");
  await using store = new Store();
  await store.pull(`${registry.host}/a/three:1`);
  await store.images.tag(`${registry.host}/a/three:1`, `${registry.host}/b/three:1`);
  await store.push(`${registry.host}/b/three:1`);
  assert.ok((await registry.inspect("b/three:1"))["Digest"]);
  await Deno.remove(folder, { recursive: true });
});

const elsewhere = "10.99.99.1";
const place = Deno.networkInterfaces().every(({ name }) => name === "lo") ? undefined : "needs a network namespace";

/** An address that is no loopback address, in this network namespace that has nothing else. */
async function otherAddress(): Promise<AsyncDisposable> {
  await run(["ip", "addr", "add", `${elsewhere}/32`, "dev", "lo"]);
  return { [Symbol.asyncDispose]: async () => void await run(["ip", "addr", "del", `${elsewhere}/32`, "dev", "lo"]) };
}

function placed(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires({ ...needs, unless: place }, name), fn });
}

placed("a certificate must hold, unless its authority lies in certs.d or the registry is called insecure", async () => {
  await using _address = await otherAddress();
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  const tls = await signed(folder, "registry", [`IP:${elsewhere}`]);
  await using registry = await TestRegistry.start({ tls, address: elsewhere });
  await registry.put(await layout(), "a/three:1");
  const name = `${registry.host}/a/three:1`;
  await using strict = new Store({ certificates: [] });
  await assert.rejects(strict.pull(name), { class: "unavailable", message: /certificate/ });
  await using insecure = new Store({ certificates: [], insecure: [`${elsewhere}/24`] });
  await insecure.pull(name);
  await Deno.mkdir(`${folder}/${registry.host}`);
  await Deno.copyFile(tls.authority, `${folder}/${registry.host}/ca.crt`);
  await using trusting = new Store({ certificates: [folder] });
  await trusting.pull(name);
  await Deno.remove(folder, { recursive: true });
});

placed("a certificate that has signed itself is believed when it lies in certs.d, for its own address", async () => {
  await using _address = await otherAddress();
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  for (
    const [name, address, fits] of [["right", elsewhere, true], ["wrong", "10.99.99.2", false]] as const
  ) {
    const tls = await selfSigned(folder, name, [`IP:${address}`]);
    await using registry = await TestRegistry.start({ tls, address: elsewhere });
    await registry.put(await layout(), "a/three:1");
    await Deno.mkdir(`${folder}/${registry.host}`);
    await Deno.copyFile(tls.certificate, `${folder}/${registry.host}/ca.crt`);
    await using store = new Store({ certificates: [folder] });
    if (fits) await store.pull(`${registry.host}/a/three:1`);
    else {await assert.rejects(store.pull(`${registry.host}/a/three:1`), {
        class: "unavailable",
        message: /certificate/,
      });}
  }
  await Deno.remove(folder, { recursive: true });
});

placed("a registry elsewhere is not spoken to without encryption, unless it is called insecure", async () => {
  await using _address = await otherAddress();
  await using registry = await TestRegistry.start({ address: elsewhere });
  await registry.put(await layout(), "a/three:1");
  const name = `${registry.host}/a/three:1`;
  await using strict = new Store();
  await assert.rejects(strict.pull(name), { class: "unavailable", message: /^Get "https:/ });
  await using insecure = new Store({ insecure: [registry.host] });
  await insecure.pull(name);
});

placed("a proxy of the environment is asked for registries elsewhere, and not for those on this machine", async () => {
  await using _address = await otherAddress();
  await using registry = await TestRegistry.start({ address: elsewhere });
  await using here = await TestRegistry.start();
  for (const one of [registry, here]) await one.put(await layout(), "a/three:1");
  await using proxy = new FaultProxy(registry, () => undefined);
  Deno.env.set("HTTP_PROXY", `http://${proxy.host}`);
  try {
    await using store = new Store({ insecure: [registry.host] });
    await store.pull(`${registry.host}/a/three:1`);
    const seen = proxy.seen.length;
    assert.ok(seen > 4);
    await using other = new Store();
    await other.pull(`${here.host}/a/three:1`);
    assert.equal(proxy.seen.length, seen);
  } finally {
    Deno.env.delete("HTTP_PROXY");
    Deno.env.delete("NO_PROXY");
  }
});

placed("https goes through a proxy of the environment, unless NO_PROXY names the registry", async () => {
  await using _address = await otherAddress();
  const folder = await Deno.makeTempDir({ prefix: "sauropod-tls-" });
  const tls = await signed(folder, "registry", [`IP:${elsewhere}`]);
  await using registry = await TestRegistry.start({ tls, address: elsewhere });
  await registry.put(await layout(), "a/three:1");
  await Deno.mkdir(`${folder}/${registry.host}`);
  await Deno.copyFile(tls.authority, `${folder}/${registry.host}/ca.crt`);
  using proxy = new ConnectProxy();
  Deno.env.set("HTTPS_PROXY", `http://${proxy.host}`);
  try {
    await using store = new Store({ certificates: [folder] });
    await store.pull(`${registry.host}/a/three:1`);
    assert.deepEqual([...new Set(proxy.asked)], [registry.host]);
    const before = proxy.asked.length;
    Deno.env.set("NO_PROXY", elsewhere);
    await using other = new Store({ certificates: [folder] });
    await other.pull(`${registry.host}/a/three:1`);
    assert.equal(proxy.asked.length, before);
  } finally {
    Deno.env.delete("HTTPS_PROXY");
    Deno.env.delete("NO_PROXY");
    await Deno.remove(folder, { recursive: true });
  }
});

test("a mirror is asked for what Docker Hub has, and the next when it fails", async () => {
  await using registry = await TestRegistry.start();
  await registry.put(await layout(), "library/three:1");
  await using bad = new FaultProxy(registry, (request) => isBlob(request) ? { change: flip } : undefined);
  await using store = new Store({ mirrors: ["http://127.0.0.1:4", `http://${bad.host}`, `http://${registry.host}/`] });
  await store.pull("three:1");
  assert.deepEqual(await store.names(), ["three:1"]);
  assert.ok(bad.seen.length > 0);
});
