/** Nothing of a network is lost, doubled or left: whoever is killed, whatever is deleted by hand. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import type { ContainerEngine } from "../../base/container_engine.ts";
import { output, run } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { Place } from "../support/network_place.ts";
import { Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "ip", "nsenter", "dig", "iptables-save"] });
const test = sandbox.test.bind(sandbox);

const settings = (box: Sandbox, names: readonly string[]) =>
  Promise.all(
    names.map((name) => box.inspect(name, "{{json .NetworkSettings.Networks}} {{json .NetworkSettings.Ports}}")),
  );

const links = async (): Promise<{ ifname: string; master?: string }[]> => JSON.parse(await run(["ip", "-j", "link"]));

const ourRules = async () =>
  (await run(["iptables-save"])).split("\n").filter((line) => /^-A .*SAUROPOD/.test(line))
    .map((line) => line.replace(/\[\d+:\d+\]/, "")).sort();

/** A network's bridge on the host. */
const bridgeOf = async (box: Sandbox, network: string) =>
  `br-${(await box.ok("network", "inspect", "--format", "{{.Id}}", network)).slice(0, 12)}`;

test("eight containers on three networks outlive kill -9 of the engine: traffic, names, ports, addresses", async (box) => {
  const networks = ["bridge", "la", "lb"];
  await box.ok("network", "create", "la");
  await box.ok("network", "create", "--subnet", "172.33.7.0/24", "lb");
  const names = Array.from({ length: 8 }, (_, i) => `c${i}`);
  for (const [i, name] of names.entries()) {
    const flags = i % 4 === 3 ? ["--publish-mode", "proxy"] : [];
    await startSleeper(box, name, "--network", networks[i % 3] ?? "", "-p", `${18500 + i}:80`, ...flags);
  }
  await box.ok("network", "connect", "--alias", "guest", "lb", "c1");
  await startSleeper(box, "halted", "--network", "lb", "--ip", "172.33.7.99");
  await box.ok("stop", "-t", "0", "halted");
  const [before, rules] = [await settings(box, names), await ourRules()];
  using places = new DisposableStack();
  using host = Place.host();
  for (const name of names) places.use(await Place.container(box, name)).serve(80);
  const c5 = places.use(await Place.container(box, "c5"));
  const translated = names.map((name, i) => ({ name, ip: "127.0.0.1", port: 18500 + i })).filter((_, i) => i % 4 !== 3);
  const hearsAll = (targets: typeof translated) =>
    Promise.all(targets.map(({ name, ...to }) => host.hears(to, new RegExp(`^${name} heard`))));
  await hearsAll(translated);
  let [lost, asked, going] = [0, 0, true];
  const traffic = (async () => {
    for (; going; asked++) if (await host.ask({ ip: "127.0.0.1", port: 18500 }, 500) === undefined) lost++;
  })();
  await box.killEngine();
  await hearsAll(translated);
  assert.deepEqual(await settings(box, names), before);
  going = false;
  await traffic;
  assert.equal(lost, 0, `${lost} of ${asked} connections were lost`);
  await hearsAll(names.map((name, i) => ({ name, ip: "127.0.0.1", port: 18500 + i })));
  const found = await c5.run("dig", "+short", "+time=1", "+tries=1", "@127.0.0.11", "guest");
  assert.equal(found.trim(), await box.inspect("c1", "{{.NetworkSettings.Networks.lb.IPAddress}}"));
  assert.deepEqual(await ourRules(), rules);
  // What is taken stays taken, what was given back is free.
  const taken = await box.inspect("c5", "{{.NetworkSettings.Networks.lb.IPAddress}}");
  const refused = await box.sauropod(["run", "--rm", "--network", "lb", "--ip", taken, "busybox", "true"]);
  assert.match(refused.stderr, /Address already in use/);
  const bound = await box.sauropod(["run", "--rm", "-p", "18500:80", "busybox", "true"]);
  assert.match(bound.stderr, /port is already allocated/);
  await box.ok("run", "--rm", "--network", "lb", "--ip", "172.33.7.99", "busybox", "true");
  places.dispose();
  await box.ok("rm", "-f", ...names, "halted");
  await box.ok("network", "rm", "la", "lb");
});

test("what an engine that was killed has left idle, bridges and rules, goes with the next one", async () => {
  await using box = await Sandbox.open();
  await box.ok("run", "--rm", "-p", "18520:80", "busybox", "true");
  await box.killEngine();
});

test("a network that was removed by hand or half made is gone for good after kill -9", async (box) => {
  await box.ok("network", "create", "brief");
  const bridge = await bridgeOf(box, "brief");
  await box.ok("network", "rm", "brief");
  await box.killEngine();
  await until("its bridge is gone", async () => !(await links()).some(({ ifname }) => ifname === bridge), 3000);
});

test("flushed rules are back within five seconds, and what others have in the tables stays", async (box) => {
  await startSleeper(box, "walled", "-p", "18530:80");
  {
    using walled = await Place.container(box, "walled");
    using host = Place.host();
    walled.serve(80);
    await host.hears({ ip: "127.0.0.1", port: 18530 }, /^walled heard/);
    await until(
      "no removal waits",
      async () => (await ourRules()).filter((rule) => rule.includes("-j DNAT")).length === 1,
    );
    const before = await ourRules();
    await run(["iptables", "-A", "FORWARD", "-s", "203.0.113.0/24", "-j", "ACCEPT"]);
    await run(["iptables", "-t", "nat", "-F"]);
    await run(["iptables", "-F"]);
    await run(["iptables", "-X"]);
    await run(["iptables", "-A", "INPUT", "-s", "203.0.113.1", "-j", "DROP"]);
    assert.deepEqual(await ourRules(), []);
    await until("they are back", async () => (await ourRules()).join("\n") === before.join("\n"), 5000);
    await host.hears({ ip: "127.0.0.1", port: 18530 }, /^walled heard/);
    assert.match(await run(["iptables", "-S", "INPUT"]), /-s 203\.0\.113\.1\/32 -j DROP/);
    await run(["iptables", "-D", "INPUT", "-s", "203.0.113.1", "-j", "DROP"]);
  }
  await box.ok("rm", "-f", "walled");
});

test("a bridge, or an interface of a container, that somebody deletes is there again at the next start", async (box) => {
  await box.ok("network", "create", "mended");
  await startSleeper(box, "m1", "--network", "mended");
  await startSleeper(box, "m2", "--network", "mended");
  const reaches = async (from: string, to: string) =>
    (await box.sauropod(["exec", from, "ping", "-c", "1", "-W", "1", to])).code === 0;
  assert.ok(await reaches("m1", "m2"));
  using m2 = await Place.container(box, "m2");
  await m2.run("ip", "link", "delete", "eth0");
  m2[Symbol.dispose]();
  assert.equal(await reaches("m1", "m2"), false);
  await box.ok("restart", "-t", "0", "m2");
  assert.ok(await reaches("m1", "m2"), "after an interface");
  await run(["ip", "link", "delete", await bridgeOf(box, "mended")]);
  assert.equal(await reaches("m1", "m2"), false);
  await box.ok("restart", "-t", "0", "m2", "m1");
  assert.ok(await reaches("m1", "m2"), "after a bridge");
  assert.ok(await reaches("m2", "m1"));
  await run(["ip", "link", "delete", await bridgeOf(box, "mended")]);
  await box.ok("network", "disconnect", "mended", "m1");
  await box.ok("rm", "-f", "m1", "m2");
  await box.ok("network", "rm", "mended");
});

test("of a /29 five containers get an address, the sixth is refused and leaves nothing, and takes the first that is free", async (box) => {
  await box.ok("network", "create", "--subnet", "172.33.9.0/29", "small");
  const ips = new Set<string>();
  for (let i = 0; i < 5; i++) {
    await startSleeper(box, `s${i}`, "--network", "small");
    ips.add(await box.inspect(`s${i}`, "{{.NetworkSettings.Networks.small.IPAddress}}"));
  }
  assert.equal(ips.size, 5);
  const veths = (await links()).length;
  const refused = await box.sauropod(["run", "-d", "--name", "s5", "--network", "small", "busybox", "sleep", "1000"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /no available IPv4 addresses on this network's address pools: small/);
  assert.equal((await links()).length, veths);
  await box.ok("stop", "-t", "0", "s2");
  await box.ok("start", "s5");
  const again = await box.sauropod(["start", "s2"]);
  assert.notEqual(again.code, 0);
  await box.ok("rm", "-f", "s0", "s1", "s2", "s3", "s4", "s5");
  await box.ok("network", "rm", "small");
});

test("for a minute containers fill a /24 and are removed at random: none shares an address or a port, nothing is left", async (box) => {
  await box.ok("network", "create", "--subnet", "172.33.11.0/24", "busy");
  await using engine: ContainerEngine = connect(box.socket);
  const taken = new Map<string, string>();
  const doubled: string[] = [];
  const end = Date.now() + 60_000;
  let starts = 0, refused = 0;
  const claim = (key: string, name: string) => {
    const other = taken.get(key);
    if (other !== undefined) doubled.push(`${key}: ${other} and ${name}`);
    taken.set(key, name);
  };
  const create = (name: string) =>
    engine.containers.create({
      Image: "busybox",
      Cmd: ["sleep", "1000"],
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { NetworkMode: "busy", PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
    }, { name });
  const start = async (name: string): Promise<{ Id: string; keys: string[] } | undefined> => {
    const { Id } = await create(name);
    try {
      await engine.containers.start(Id);
    } catch (error) {
      assert.match(String(error), /no available IPv4 addresses/);
      refused++;
      await engine.containers.remove(Id);
      return undefined;
    }
    starts++;
    const { Networks, Ports } = (await engine.containers.inspect(Id)).NetworkSettings;
    const { IPAddress, MacAddress } = Networks["busy"] ?? {};
    const keys = [`${IPAddress}`, `${MacAddress}`, `${Ports["80/tcp"]?.[0]?.HostPort}`];
    for (const key of keys) claim(key, name);
    return { Id, keys };
  };
  const remove = async ({ Id, keys }: { Id: string; keys: string[] }) => {
    for (const key of keys) taken.delete(key);
    if (Math.random() < 0.3) await engine.containers.stop(Id, { timeout: 0 });
    await engine.containers.remove(Id, { force: true });
  };
  // Sixteen times seventeen: more than there are addresses.
  const worker = async (number: number) => {
    const mine: { Id: string; keys: string[] }[] = [];
    for (let round = 0; Date.now() < end; round++) {
      const [victim] = mine.length === 17 || Math.random() < 0.2
        ? mine.splice(Math.floor(Math.random() * mine.length), 1)
        : [];
      if (victim !== undefined) await remove(victim);
      const started = await start(`w${number}-${round}`);
      if (started !== undefined) mine.push(started);
    }
    for (const one of mine) await remove(one);
  };
  await Promise.all(Array.from({ length: 16 }, (_, i) => worker(i)));
  assert.deepEqual(doubled, []);
  assert.ok(starts > 253, `${starts} starts`);
  assert.ok(refused > 0, `the subnet was never full: ${starts} starts`);
  // All are free again.
  const again = await Promise.all(Array.from({ length: 254 }, (_, i) => start(`again${i}`)));
  assert.equal(again.filter((one) => one === undefined).length, 1);
  await Promise.all(again.map((one) => one && remove(one)));
  const bridge = await bridgeOf(box, "busy");
  await until("no veth is left", async () => !(await links()).some(({ master }) => master === bridge), 30_000);
  await box.ok("network", "rm", "busy");
  await until("no rule is left of it", async () => !(await run(["iptables-save"])).includes(bridge), 5000);
  const held = await output(["sh", "-c", "cat /proc/net/tcp"]);
  assert.ok(!/0100007F:BF[0-9A-F]{2} /.test(held.stdout), "a port is held still"); // 127.0.0.1:48896-49151
});
