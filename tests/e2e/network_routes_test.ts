/** Which way packets take: out of the host, and where a container is in several networks or changes them. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { hearNothing, Place } from "../support/network_place.ts";
import { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "ip", "nsenter"] });
const test = sandbox.test.bind(sandbox);

const neighbour = () => Place.neighbour(["192.0.2.1/24"], ["192.0.2.2/24"]);

const address = (box: Sandbox, name: string, network: string) =>
  box.inspect(name, `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`);

test("containers go out by the host's address, by their own where it is asked for, and not at all from an internal network", async (box) => {
  await box.ok("network", "create", "out");
  await box.ok("network", "create", "-o", "com.docker.network.bridge.enable_ip_masquerade=false", "bare");
  await box.ok("network", "create", "--internal", "shut");
  using far = await neighbour();
  far.serve(90);
  await far.run("ip", "route", "add", "172.16.0.0/12", "via", "192.0.2.1");
  for (const network of ["bridge", "out", "bare", "shut"]) {
    await startSleeper(box, `in-${network}`, "--network", network);
  }
  const own = await address(box, "in-bare", "bare");
  const seen = { "in-bridge": "192.0.2.1", "in-out": "192.0.2.1", "in-bare": own };
  for (const [name, ip] of Object.entries(seen)) {
    using place = await Place.container(box, name);
    for (const protocol of ["tcp", "udp"] as const) {
      await place.hears({ ip: "192.0.2.2", port: 90, protocol }, new RegExp(`^neighbour heard ${ip}$`));
    }
  }
  {
    using host = Place.host();
    using shut = await Place.container(box, "in-shut");
    shut.serve(80);
    await hearNothing([far, shut], [
      [shut, { ip: "192.0.2.2", port: 90 }],
      [far, { ip: await address(box, "in-shut", "shut"), port: 80 }],
    ]);
    await host.hears({ ip: await address(box, "in-shut", "shut"), port: 80 }, /^in-shut heard/);
  }
  await box.ok("rm", "-f", ...["bridge", "out", "bare", "shut"].map((network) => `in-${network}`));
  await box.ok("network", "rm", "out", "bare", "shut");
});

test("several --network give several interfaces, and what is connected while it does not run is there at its start", async (box) => {
  await box.ok("network", "create", "--subnet", "172.33.30.0/24", "w1");
  await box.ok("network", "create", "w2");
  await box.ok("network", "create", "--subnet", "172.33.31.0/24", "w3");
  const fixed = ["--network", "name=w1,ip=172.33.30.7,mac-address=02:42:00:00:00:07"];
  await box.ok("create", "--name", "wide", ...fixed, "--network", "w2", "busybox", "sleep", "1000");
  await box.ok("network", "connect", "--ip", "172.33.31.8", "w3", "wide");
  await box.ok("network", "disconnect", "w2", "wide");
  for (const _ of ["start", "restart"]) {
    await box.ok("restart", "-t", "0", "wide");
    const text = await box.ok("exec", "wide", "ip", "-o", "-4", "addr");
    assert.deepEqual(text.match(/eth\d +inet \S+/g), ["eth0    inet 172.33.30.7/24", "eth1    inet 172.33.31.8/24"]);
    assert.match(await box.ok("exec", "wide", "ip", "link", "show", "eth0"), /link\/ether 02:42:00:00:00:07/);
  }
  await box.ok("rm", "-f", "wide");
  await box.ok("network", "rm", "w1", "w2", "w3");
});

test("when the network with the way out is left another one leads out, and a network that is joined does not change it", async (box) => {
  await box.ok("network", "create", "left");
  await box.ok("network", "create", "kept");
  await startSleeper(box, "walker", "--network", "left");
  using far = await neighbour();
  far.serve(90);
  const way = async () => (await box.ok("exec", "walker", "ip", "route")).split("\n")[0];
  const before = await way();
  await box.ok("network", "connect", "kept", "walker");
  assert.equal(await way(), before);
  {
    using walker = await Place.container(box, "walker");
    await box.ok("network", "disconnect", "left", "walker");
    await walker.hears({ ip: "192.0.2.2", port: 90 }, /^neighbour heard/);
    await box.ok("network", "disconnect", "kept", "walker");
    await box.ok("network", "connect", "left", "walker");
    await walker.hears({ ip: "192.0.2.2", port: 90 }, /^neighbour heard/);
  }
  await box.ok("rm", "-f", "walker");
  await box.ok("network", "rm", "left", "kept");
});

test("a published port follows its container into another network, and never leads to who got its address", async (box) => {
  await box.ok("network", "create", "--subnet", "172.33.32.0/24", "first");
  await box.ok("network", "create", "--subnet", "172.33.33.0/24", "other");
  for (const [i, mode] of ["dnat", "proxy"].entries()) {
    await startSleeper(box, "mover", "--network", "first", "-p", `${18700 + i}:80`, "--publish-mode", mode);
    await box.ok("network", "connect", "other", "mover");
    const before = await address(box, "mover", "first");
    using host = Place.host();
    {
      using mover = await Place.container(box, "mover");
      mover.serve(80);
      await host.hears({ ip: "127.0.0.1", port: 18700 + i }, /^mover heard/);
      await box.ok("network", "disconnect", "first", "mover");
      await startSleeper(box, "heir", "--network", "first", "--ip", before);
      using heir = await Place.container(box, "heir");
      heir.serve(80);
      await host.hears({ ip: "127.0.0.1", port: 18700 + i }, /^mover heard/);
      await box.killEngine();
      assert.match(await box.ok("port", "mover"), new RegExp(`^80/tcp -> 0.0.0.0:${18700 + i}$`, "m"));
      await host.hears({ ip: "127.0.0.1", port: 18700 + i }, /^mover heard/);
    }
    await box.ok("rm", "-f", "mover", "heir");
  }
  await box.ok("network", "rm", "first", "other");
});

test("default subnets that a route of the host overlaps are passed over, and the log says so", async () => {
  await run(["ip", "route", "add", "blackhole", "172.17.0.0/16", "metric", "9"]);
  await run(["ip", "route", "add", "blackhole", "172.18.4.0/24", "metric", "9"]);
  try {
    await using box = await Sandbox.open();
    await box.ok("network", "create", "next");
    const subnet = (network: string) =>
      box.ok("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", network);
    assert.doesNotMatch(await subnet("bridge"), /^172\.1[78]\./);
    assert.doesNotMatch(await subnet("next"), /^172\.1[78]\./);
    const log = Deno.readTextFileSync(`${box.folder}/run/engine.log`);
    assert.match(log, /the network bridge gets 172\.\d+\.0\.0\/16: .*172\.17\.0\.0\/16/);
  } finally {
    await run(["ip", "route", "del", "blackhole", "172.17.0.0/16", "metric", "9"]);
    await run(["ip", "route", "del", "blackhole", "172.18.4.0/24", "metric", "9"]);
  }
});

test("a thousand ports are one range: published and given back without ado", async (box) => {
  await startSleeper(box, "wideopen", "-p", "20000-20999:20000-20999");
  {
    using host = Place.host();
    using wide = await Place.container(box, "wideopen");
    wide.serve(20000).serve(20999);
    for (const port of [20000, 20999]) await host.hears({ ip: "127.0.0.1", port }, /^wideopen heard/);
  }
  assert.equal((await run(["iptables-save"])).match(/--dport 2\d\d\d\d.* -j DNAT/g)?.length, 1);
  await box.ok("rm", "-f", "wideopen");
});
