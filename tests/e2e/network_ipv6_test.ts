/** Networks with IPv6, and stations of their own on the host's cable (macvlan; ipvlan is in tests/vm/). */
import assert from "node:assert/strict";
import { startSleeper } from "../support/containers.ts";
import { hearNothing, Place } from "../support/network_place.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "ip", "nsenter", "dig"] });
const test = sandbox.test.bind(sandbox);

const neighbour = () => Place.neighbour(["192.0.2.1/24", "2001:db8::1/64"], ["192.0.2.2/24", "2001:db8::2/64"]);

const field = (box: Sandbox, name: string, network: string, key: string) =>
  box.inspect(name, `{{(index .NetworkSettings.Networks "${network}").${key}}}`);

test("with --ipv6 a network has a unique local subnet, and its containers talk, are found and go out by IPv6", async (box) => {
  await box.ok("network", "create", "--ipv6", "six");
  await startSleeper(box, "six1", "--network", "six", "-p", "18600:80", "-p", "[::1]:18601:80");
  await startSleeper(box, "six2", "--network", "six");
  const [{ EnableIPv6, IPAM, Containers }] = JSON.parse(await box.ok("network", "inspect", "six"));
  assert.equal(EnableIPv6, true);
  assert.match(IPAM.Config[1].Subnet, /^fd[0-9a-f]{2}:[0-9a-f:]+\/64$/);
  const ip = await field(box, "six1", "six", "GlobalIPv6Address");
  assert.equal(Object.values<{ IPv6Address: string }>(Containers)[0]?.IPv6Address.split("/")[1], "64");
  assert.match(
    await box.ok("exec", "six1", "ip", "-6", "addr", "show", "eth0"),
    new RegExp(`inet6 ${ip}/64 scope global`),
  );
  assert.ok((await box.ok("exec", "six1", "cat", "/etc/hosts")).includes(`${ip}\t`));
  {
    using far = await neighbour();
    using host = Place.host();
    using six1 = await Place.container(box, "six1");
    using six2 = await Place.container(box, "six2");
    six1.serve(80).serve(80, "::");
    far.serve(90, "::");
    const asked = await six2.run("dig", "+short", "+time=2", "@127.0.0.11", "six1", "AAAA");
    assert.equal(asked.trim(), ip);
    const back = await six2.run("dig", "+short", "+time=2", "@127.0.0.11", "-x", ip);
    assert.equal(back.trim(), "six1.six.");
    await six2.hears({ ip, port: 80 }, /^six1 heard fd/);
    await six2.hears({ ip: "2001:db8::2", port: 90 }, /^neighbour heard 2001:db8::1$/);
    await far.hears({ ip: "2001:db8::1", port: 18600 }, /^six1 heard 2001:db8::2$/);
    await far.hears({ ip: "192.0.2.1", port: 18600 }, /^six1 heard 192\.0\.2\.2$/);
    for (const to of ["::1", "2001:db8::1"]) await host.hears({ ip: to, port: 18600 }, /^six1 heard /);
    await host.hears({ ip: "::1", port: 18601 }, /^six1 heard /);
    await six2.hears({ ip: "2001:db8::1", port: 18600 }, /^six1 heard /);
    await six1.hears({ ip: "2001:db8::1", port: 18600 }, /^six1 heard /);
    await far.run("ip", "-6", "route", "add", `${ip}/128`, "via", "2001:db8::1");
    await hearNothing([six1], [[far, { ip, port: 80 }], [far, { ip: "2001:db8::1", port: 18601 }]]);
  }
  await box.killEngine();
  assert.equal(await field(box, "six1", "six", "GlobalIPv6Address"), ip);
  await box.ok("rm", "-f", "six1", "six2");
  await box.ok("network", "rm", "six");
});

test("a subnet of IPv6 may be given, and addresses from it; bridges are kept apart by IPv6, too", async (box) => {
  const v4 = ["--subnet", "172.33.20.0/24"], v6 = ["--subnet", "fd00:33:20::/64", "--gateway", "fd00:33:20::1"];
  await box.ok("network", "create", "--ipv6", ...v4, ...v6, "given");
  await box.ok("network", "create", "--ipv6", "other");
  await startSleeper(box, "g1", "--network", "given", "--ip6", "fd00:33:20::99", "--ip", "172.33.20.9");
  await startSleeper(box, "o1", "--network", "other");
  assert.equal(await field(box, "g1", "given", "GlobalIPv6Address"), "fd00:33:20::99");
  assert.equal(await field(box, "g1", "given", "IPv6Gateway"), "fd00:33:20::1");
  const twice = await box.sauropod(["run", "--rm", "--network", "given", "--ip6", "fd00:33:20::99", "busybox", "true"]);
  assert.match(twice.stderr, /Address already in use/);
  const outside = await box.sauropod(["run", "--rm", "--network", "given", "--ip6", "fd00:44::9", "busybox", "true"]);
  assert.equal(outside.code, 125);
  {
    using g1 = await Place.container(box, "g1");
    using o1 = await Place.container(box, "o1");
    g1.serve(80, "::");
    await hearNothing([g1], [[o1, { ip: "fd00:33:20::99", port: 80 }]]);
  }
  await box.ok("network", "connect", "given", "o1");
  {
    using g1 = await Place.container(box, "g1");
    using o1 = await Place.container(box, "o1");
    g1.serve(80, "::");
    await o1.hears({ ip: "fd00:33:20::99", port: 80 }, /^g1 heard fd00:33:20::/);
  }
  await box.ok("rm", "-f", "g1", "o1");
  await box.ok("network", "rm", "given", "other");
});

test("a container connected to its first network with IPv6 while it runs gets an address of it; without one it has none", async (box) => {
  await box.ok("network", "create", "four");
  await box.ok("network", "create", "--ipv6", "later");
  await startSleeper(box, "grown", "--network", "four");
  assert.doesNotMatch(await box.ok("exec", "grown", "ip", "-6", "addr", "show", "eth0"), /inet6/);
  await box.ok("network", "connect", "later", "grown");
  const ip = await field(box, "grown", "later", "GlobalIPv6Address");
  assert.match(await box.ok("exec", "grown", "ip", "-6", "addr", "show", "eth1"), new RegExp(`inet6 ${ip}/64`));
  const gateway = await field(box, "grown", "later", "IPv6Gateway");
  await box.ok("exec", "grown", "ping", "-6", "-c", "1", "-W", "2", gateway);
  assert.match(await box.ok("exec", "grown", "ip", "-6", "route"), new RegExp(`^default via ${gateway} dev eth1`, "m"));
  await box.ok("rm", "-f", "grown");
  await box.ok("network", "rm", "four", "later");
});

test("in a macvlan network a container is a station of its own beside the host", async (box) => {
  using far = await neighbour();
  const pool = ["--subnet", "192.0.2.0/24", "--gateway", "192.0.2.2", "--ip-range", "192.0.2.128/25"];
  await box.ok("network", "create", "-d", "macvlan", "-o", "parent=uplink", ...pool, "cable");
  await startSleeper(box, "station", "--network", "cable");
  const ip = await field(box, "station", "cable", "IPAddress");
  assert.match(ip, /^192\.0\.2\.1[2-9]\d$/);
  {
    using station = await Place.container(box, "station");
    far.serve(90);
    station.serve(80);
    await station.hears({ ip: "192.0.2.2", port: 90 }, new RegExp(`^neighbour heard ${ip}$`));
    await far.hears({ ip, port: 80 }, /^station heard 192\.0\.2\.2$/);
  }
  await box.ok("rm", "-f", "station");
  await box.ok("network", "rm", "cable");
});
