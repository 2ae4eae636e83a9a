/** Published ports: how they are asked for, who reaches them and who must not, with iptables and without. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { hearNothing, Place, type Target } from "../support/network_place.ts";
import { program, Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "ip", "nsenter"] });
const test = sandbox.test.bind(sandbox);

const neighbour = () => Place.neighbour(["192.0.2.1/24", "192.0.2.9/24"], ["192.0.2.2/24"]);

/** What `port` prints: `80/tcp -> 0.0.0.0:8080`. */
const ports = async (box: Sandbox, name: string) => (await box.ok("port", name)).split("\n");

test("every form of -p is understood, and port, ps and inspect show what came of it", async (box) => {
  const forms = [
    ...["5200:5200", "127.0.0.1:5201:80", "127.0.0.1::81", "127.0.0.1:5202:", "82", "5210-5211:90-91", "5220-5229:95"],
    ...["5230:53/udp", "5231:53/sctp", "[::1]:5203:83", "91-92", "127.0.0.1:5240-5241:96-97/udp"],
  ];
  await startSleeper(box, "forms", ...forms.flatMap((form) => ["-p", form]));
  const shown = await ports(box, "forms");
  const expected = [
    /^5200\/tcp -> 0\.0\.0\.0:5200$/,
    /^5200\/tcp -> \[::\]:5200$/,
    /^80\/tcp -> 127\.0\.0\.1:5201$/,
    /^81\/tcp -> 127\.0\.0\.1:49\d\d\d$/,
    /^5202\/tcp -> 127\.0\.0\.1:5202$/,
    /^82\/tcp -> 0\.0\.0\.0:49\d\d\d$/,
    /^90\/tcp -> 0\.0\.0\.0:5210$/,
    /^91\/tcp -> 0\.0\.0\.0:5211$/,
    /^91\/tcp -> 0\.0\.0\.0:49\d\d\d$/,
    /^92\/tcp -> 0\.0\.0\.0:49\d\d\d$/,
    /^95\/tcp -> 0\.0\.0\.0:522\d$/,
    /^53\/udp -> 0\.0\.0\.0:5230$/,
    /^53\/sctp -> 0\.0\.0\.0:5231$/,
    /^83\/tcp -> \[::1\]:5203$/,
    /^96\/udp -> 127\.0\.0\.1:5240$/,
    /^97\/udp -> 127\.0\.0\.1:5241$/,
  ];
  for (const line of expected) assert.ok(shown.some((one) => line.test(one)), `${line} is not in ${shown.join(", ")}`);
  assert.equal(shown.length, 24); // of every address: of IPv4 and of IPv6
  assert.match(await box.ok("port", "forms", "53/udp"), /^0\.0\.0\.0:5230$/m);
  assert.equal(await box.ok("port", "forms", "80"), "127.0.0.1:5201");
  const row = await box.ok("ps", "--filter", "name=forms", "--format", "{{.Ports}}");
  for (
    const part of [
      "127.0.0.1:5201->80/tcp",
      "0.0.0.0:5230->53/udp",
      "0.0.0.0:5231->53/sctp",
      "[::1]:5203->83/tcp",
      "0.0.0.0:5210->90/tcp",
    ]
  ) {
    assert.ok(row.includes(part), `${part} is not in ${row}`);
  }
  const inspected = JSON.parse(await box.inspect("forms", "{{json .NetworkSettings.Ports}}"));
  assert.deepEqual(inspected["80/tcp"], [{ HostIp: "127.0.0.1", HostPort: "5201" }]);
  await box.ok("rm", "-f", "forms");
});

test("-P maps every exposed port to one of 49000-49900, of --expose and of the image, and no two alike", async (box) => {
  await box.ok("import", "-c", "EXPOSE 9000/udp", "-c", "EXPOSE 80", await busyboxRootTar(), "exposing");
  const given: string[] = [];
  for (const name of ["all1", "all2"]) {
    await box.ok("run", "-d", "--name", name, "-P", "--expose", "7000-7001", "exposing", "sleep", "1000");
    const shown = (await ports(box, name)).filter((line) => line.includes("0.0.0.0"));
    assert.deepEqual(shown.map((line) => line.split(" ")[0]), ["80/tcp", "7000/tcp", "7001/tcp", "9000/udp"]);
    given.push(...shown.map((line) => `${line.includes("udp") ? "udp" : "tcp"} ${line.split(":")[1]}`));
  }
  for (const port of given.map((text) => Number(text.slice(4)))) assert.ok(port >= 49000 && port <= 49900, `${port}`);
  assert.equal(new Set(given).size, given.length);
  await box.ok("rm", "-f", "all1", "all2");
});

test("a port that a process of the host holds is refused before the start, and one of ours is refused to processes", async (box) => {
  const holder = Deno.listen({ hostname: "0.0.0.0", port: 18100 });
  const refused = await box.sauropod(["run", "-d", "--name", "late", "-p", "18100:80", "busybox", "sleep", "1000"]);
  holder.close();
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /failed to bind host port .*0\.0\.0\.0:18100.*: address already in use/);
  assert.equal(await box.inspect("late", "{{.State.Status}} {{.State.Pid}}"), "created 0");
  await box.ok("start", "late");
  for (const hostname of ["0.0.0.0", "127.0.0.1", "::"]) {
    assert.throws(() => Deno.listen({ hostname, port: 18100 }).close(), Deno.errors.AddrInUse, hostname);
  }
  const beside = await box.sauropod(["run", "--name", "beside", "-p", "127.0.0.1:18100:80", "busybox", "true"]);
  assert.match(beside.stderr, /Bind for 127\.0\.0\.1:18100 failed: port is already allocated/);
  await box.ok("stop", "-t", "0", "late");
  Deno.listen({ hostname: "0.0.0.0", port: 18100 }).close();
  await box.ok("rm", "-f", "late", "beside");
});

test("a published port answers whoever reaches the host, and tells who asks; a bound one nobody by another way", async (box) => {
  await box.ok("network", "create", "elsewhere");
  const flags = ["-p", "18300:80", "-p", "127.0.0.1:18301:81", "-p", "192.0.2.1:18302:82", "-p", "18303:83/udp"];
  using far = await neighbour();
  await startSleeper(box, "served", ...flags);
  await startSleeper(box, "beside");
  await startSleeper(box, "apart", "--network", "elsewhere");
  {
    using host = Place.host();
    using served = await Place.container(box, "served");
    using beside = await Place.container(box, "beside");
    using apart = await Place.container(box, "apart");
    for (const port of [80, 81, 82, 83]) served.serve(port);
    const gateway = await box.inspect("served", "{{.NetworkSettings.Gateway}}");
    const itsIp = await box.inspect("served", "{{.NetworkSettings.IPAddress}}");
    const other = await box.inspect("apart", "{{.NetworkSettings.Networks.elsewhere.Gateway}}");
    const asked: readonly [Place, string, Omit<Target, "ip">][] = [
      ...["127.0.0.1", "127.0.0.5", "192.0.2.1", gateway].map((ip) =>
        [host, ip, { port: 18300 }] as [Place, string, Omit<Target, "ip">]
      ),
      [host, "127.0.0.1", { port: 18301 }],
      [host, "192.0.2.1", { port: 18302 }],
      [host, "127.0.0.1", { port: 18303, protocol: "udp" }],
      [host, "192.0.2.1", { port: 18303, protocol: "udp" }],
      [beside, "192.0.2.1", { port: 18300 }],
      [beside, gateway, { port: 18300 }],
      [beside, gateway, { port: 18303, protocol: "udp" }],
      [beside, "192.0.2.1", { port: 18302 }],
      [apart, "192.0.2.1", { port: 18300 }],
      [apart, other, { port: 18300 }],
      [served, "192.0.2.1", { port: 18300 }],
      [served, gateway, { port: 18300 }],
      [served, gateway, { port: 18303, protocol: "udp" }],
    ];
    for (const [place, ip, to] of asked) await place.hears({ ip, ...to }, /^served heard /);
    for (const ip of ["192.0.2.1", "192.0.2.9"]) await far.hears({ ip, port: 18300 }, /^served heard 192\.0\.2\.2$/);
    await far.hears({ ip: "192.0.2.1", port: 18302 }, /^served heard 192\.0\.2\.2$/);
    await far.hears({ ip: "192.0.2.9", port: 18303, protocol: "udp" }, /^served heard 192\.0\.2\.2$/);

    await far.run("ip", "route", "add", "172.16.0.0/12", "via", "192.0.2.1");
    await hearNothing([served], [
      [far, { ip: "192.0.2.1", port: 18301 }],
      [far, { ip: gateway, port: 18301 }],
      [far, { ip: "192.0.2.9", port: 18302 }],
      [far, { ip: itsIp, port: 81 }],
      [far, { ip: itsIp, port: 82 }],
      [far, { ip: itsIp, port: 80 }],
      [beside, { ip: gateway, port: 18301 }],
      [beside, { ip: gateway, port: 18302 }],
      [apart, { ip: itsIp, port: 81 }],
      [host, { ip: "127.0.0.1", port: 18302 }],
      [host, { ip: "192.0.2.1", port: 18301 }],
    ]);
    host.serve(18309, "127.0.0.1");
    await far.aimAtLoopback("192.0.2.1");
    await beside.aimAtLoopback(gateway);
    await hearNothing([served, host], [
      ...[18301, 18309].flatMap((port) => [far, beside].map((who) => [who, { ip: "127.0.0.1", port }] as const)),
    ]);
  }
  await box.ok("rm", "-f", "served", "beside", "apart");
  await box.ok("network", "rm", "elsewhere");
});

test("a client of UDP that goes on asking is answered by the next container at once when the first has ended", async (box) => {
  using host = Place.host();
  using far = await neighbour();
  const clients = [[host, "127.0.0.1"], [host, "192.0.2.1"], [far, "192.0.2.1"]] as const;
  const askAll = async (expected: RegExp) => {
    for (const [place, ip] of clients) {
      await place.hears({ ip, port: 18310, protocol: "udp", from: 40_053 }, expected);
    }
  };
  // Before anybody is there: what the kernel remembers of it must not stand in the way, either.
  for (const [place, ip] of clients) await place.ask({ ip, port: 18310, protocol: "udp", from: 40_053 }, 50);
  for (const name of ["first", "second"]) {
    await startSleeper(box, name, "-p", "18310:53/udp");
    {
      using place = await Place.container(box, name);
      place.serve(53);
      await askAll(new RegExp(`^${name} heard`));
    }
    const ip = await box.inspect(name, "{{.NetworkSettings.IPAddress}}");
    await box.ok("rm", "-f", name);
    const flows = Deno.readTextFileSync("/proc/self/net/nf_conntrack").split("\n");
    assert.deepEqual(flows.filter((line) => line.includes(`src=${ip} `) && line.includes("udp")), []);
  }
});

test("--publish-mode proxy serves TCP and UDP as well, and proxy-protocol tells who asks", async (box) => {
  using host = Place.host();
  using far = await neighbour();
  await startSleeper(
    box,
    "carried",
    "--publish-mode",
    "proxy",
    "-p",
    "18320:80",
    "-p",
    "127.0.0.1:18321:80",
    "-p",
    "18322:53/udp",
  );
  await startSleeper(box, "told", "--publish-mode", "proxy-protocol", "-p", "18323:80");
  {
    using carried = await Place.container(box, "carried");
    using told = await Place.container(box, "told");
    carried.serve(80).serve(53);
    const gateway = await box.inspect("carried", "{{.NetworkSettings.Gateway}}");
    for (const ip of ["127.0.0.1", "192.0.2.1", "::1"]) await host.hears({ ip, port: 18320 }, /^carried heard/);
    for (const ip of ["127.0.0.1", "192.0.2.1"]) {
      await host.hears({ ip, port: 18322, protocol: "udp" }, /^carried heard/);
    }
    await host.hears({ ip: "127.0.0.1", port: 18321 }, /^carried heard/);
    await far.hears({ ip: "192.0.2.1", port: 18320 }, /^carried heard/);
    await far.hears({ ip: "192.0.2.9", port: 18322, protocol: "udp" }, /^carried heard/);
    await told.hears({ ip: gateway, port: 18320 }, /^carried heard/);
    await carried.hears({ ip: gateway, port: 18320 }, /^carried heard/);
    await far.aimAtLoopback("192.0.2.1");
    await hearNothing([carried], [
      [far, { ip: "192.0.2.1", port: 18321 }],
      [far, { ip: "127.0.0.1", port: 18321 }],
      [told, { ip: gateway, port: 18321 }],
    ]);
    const words = told.firstWords(80, 28);
    await far.ask({ ip: "192.0.2.1", port: 18323 });
    const header = await words;
    assert.deepEqual([...header.slice(12, 16)], [0x21, 0x11, 0, 12]);
    assert.deepEqual([...header.slice(16, 24)], [192, 0, 2, 2, 192, 0, 2, 1]);
    assert.equal((header[26] ?? 0) * 256 + (header[27] ?? 0), 18323);
  }
  const before = await ports(box, "carried");
  await box.killEngine();
  assert.deepEqual(await ports(box, "carried"), before);
  {
    using carried = await Place.container(box, "carried");
    carried.serve(80);
    await host.hears({ ip: "127.0.0.1", port: 18320 }, /^carried heard/);
  }
  await box.ok("rm", "-f", "carried", "told");
});

test("without iptables ports are served all the same, and the log says once what is missing", async () => {
  await using box = await Sandbox.open();
  await box.killEngine();
  // The engine looks in /usr/sbin, whatever the PATH: so it is started where nothing is there.
  const script = 'mount --bind /dev/null "$(readlink -f "$(command -v iptables-restore)")"; exec "$@"';
  const hidden = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"];
  const { code, stderr } = await output([...hidden, ...program, "info"], { env: box.env });
  assert.equal(code, 0, stderr);
  await box.ok("network", "create", "plain");
  await startSleeper(box, "bare", "--network", "plain", "-p", "18330:80", "-p", "18331:81/udp");
  await startSleeper(box, "bare2", "--network", "plain");
  {
    using host = Place.host();
    using far = await neighbour();
    using bare = await Place.container(box, "bare");
    using bare2 = await Place.container(box, "bare2");
    bare.serve(80).serve(81);
    await host.hears({ ip: "127.0.0.1", port: 18330 }, /^bare heard/);
    await far.hears({ ip: "192.0.2.1", port: 18330 }, /^bare heard/);
    await far.hears({ ip: "192.0.2.1", port: 18331, protocol: "udp" }, /^bare heard/);
    const gateway = await box.inspect("bare", "{{.NetworkSettings.Networks.plain.Gateway}}");
    await bare2.hears({ ip: gateway, port: 18330 }, /^bare heard/);
  }
  const log = Deno.readTextFileSync(`${box.folder}/run/engine.log`);
  assert.equal(log.match(/iptables-restore is not installed/g)?.length, 1);
});
