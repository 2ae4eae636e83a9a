/** Names: what containers call each other, who answers what the engine does not know, and the files of /etc. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import dnsPacket from "dns-packet";
import { run } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { hearNothing, Place } from "../support/network_place.ts";
import { Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "ip", "nsenter", "dig"] });
const test = sandbox.test.bind(sandbox);

/** What the name server of a place says, a line per record, sorted. */
async function dig(place: Place, ...question: string[]): Promise<string> {
  const said = await place.run("dig", "+short", "+time=2", "+tries=2", "@127.0.0.11", ...question);
  return said.trim().split("\n").sort().join(" ");
}

/** The code of its answer: NXDOMAIN, NOERROR. */
async function code(place: Place, ...question: string[]): Promise<string> {
  const said = await place.run("dig", "+time=2", "+tries=2", "@127.0.0.11", ...question);
  return /status: (\w+)/.exec(said)?.[1] ?? said;
}

const address = (box: Sandbox, name: string, network: string) =>
  box.inspect(name, `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`);

/** Lines of a file in a container. */
const lines = async (box: Sandbox, name: string, path: string) => (await box.ok("exec", name, "cat", path)).split("\n");

test("a container is found by name, alias, beginning of the id and host name, and its address by name", async (box) => {
  await box.ok("network", "create", "n1");
  const flags = ["--network", "n1", "--network-alias", "Data.Base", "--network-alias", "shared", "-h", "its-host"];
  await startSleeper(box, "target", ...flags);
  await startSleeper(box, "second", "--network", "n1", "--network-alias", "shared");
  const [ip, ip2, id] = [
    await address(box, "target", "n1"),
    await address(box, "second", "n1"),
    await box.inspect("target", "{{.Id}}"),
  ];
  {
    using second = await Place.container(box, "second");
    for (const name of ["target", "TARGET", "data.base", id.slice(0, 12), "its-host", "target.n1", "data.base.n1"]) {
      assert.equal(await dig(second, name), ip, name);
    }
    assert.equal(await dig(second, "shared"), [ip, ip2].sort().join(" "));
    assert.equal(await dig(second, "+tcp", "target"), ip);
    assert.equal(await dig(second, "-x", ip), "target.n1.");
    assert.equal(await code(second, "target", "AAAA"), "NOERROR");
    assert.equal(await dig(second, "target", "AAAA"), "");
  }
  assert.match(await box.ok("exec", "second", "ping", "-c", "1", "-W", "2", "target"), new RegExp(`\\(${ip}\\)`));
  await box.ok("rm", "-f", "target", "second");
  await box.ok("network", "rm", "n1");
});

test("answers follow connect, disconnect, stop, start and rename", async (box) => {
  await box.ok("network", "create", "n2");
  await box.ok("network", "create", "n3");
  await startSleeper(box, "asking", "--network", "n2");
  await startSleeper(box, "moving", "--network", "n3");
  {
    using asking = await Place.container(box, "asking");
    const knows = (name: string, expected: string) =>
      until(`${name} is ${expected || "nobody"}`, async () => await dig(asking, name) === expected, 1000);
    await knows("moving", "");
    await box.ok("network", "connect", "--alias", "nick", "n2", "moving");
    const ip = await address(box, "moving", "n2");
    await knows("moving", ip);
    await knows("nick", ip);
    await box.ok("rename", "moving", "moved");
    await knows("moved", ip);
    await knows("moving", "");
    await box.ok("network", "disconnect", "n2", "moved");
    await knows("moved", "");
    await box.ok("network", "connect", "n3", "asking");
    await knows("moved", await address(box, "moved", "n3"));
    await box.ok("stop", "-t", "0", "moved");
    await knows("moved", "");
    await startSleeper(box, "intruder", "--network", "n3");
    await box.ok("start", "moved");
    await knows("moved", await address(box, "moved", "n3"));
    assert.equal(await box.inspect("moved", "{{len .NetworkSettings.Networks}}"), "1");
  }
  await box.ok("rm", "-f", "asking", "moved", "intruder");
  await box.ok("network", "rm", "n2", "n3");
});

test("what is no container's name is asked of --dns, by UDP and TCP, and from an internal network nobody is", async (box) => {
  using host = Place.host();
  let asked = 0;
  host.serveDatagrams("127.0.0.153", 53, (data) => {
    const query = dnsPacket.decode(Buffer.from(data));
    const [question] = query.questions ?? [];
    asked++;
    const { name = "", type = "A" } = question ?? {};
    if (name === "silent.example") return undefined;
    const answers = type === "MX"
      ? [{ type: "MX" as const, name, data: { preference: 5, exchange: "mail.example" } }]
      : type === "A"
      ? [{ type: "A" as const, name, ttl: 60, data: "203.0.113.7" }]
      : [];
    const bytes = dnsPacket.encode({
      type: "response",
      flags: name === "none.example" ? 3 : 0,
      ...query.id !== undefined && { id: query.id },
      ...query.questions && { questions: query.questions },
      answers: name === "none.example" ? [] : answers,
    });
    return new Uint8Array(bytes);
  });
  await box.ok("network", "create", "n4");
  await box.ok("network", "create", "--internal", "n5");
  const flags = ["--dns", "127.0.0.153", "--dns-search", "a.example", "--dns-option", "timeout:1"];
  await startSleeper(box, "outward", "--network", "n4", ...flags);
  await startSleeper(box, "inward", "--network", "n5", ...flags);
  {
    using outward = await Place.container(box, "outward");
    using inward = await Place.container(box, "inward");
    assert.equal(await dig(outward, "www.example"), "203.0.113.7");
    assert.equal(await dig(outward, "www.example", "MX"), "5 mail.example.");
    assert.equal(await code(outward, "none.example"), "NXDOMAIN");
    const before = asked;
    assert.equal(await code(inward, "www.example"), "NXDOMAIN");
    assert.equal(asked, before);
    assert.equal(await code(outward, "+time=6", "+tries=1", "silent.example"), "SERVFAIL");
  }
  assert.deepEqual(await lines(box, "outward", "/etc/resolv.conf"), [
    "nameserver 127.0.0.11",
    "search a.example",
    "options timeout:1 ndots:0",
  ]);
  await startSleeper(box, "default", ...flags);
  assert.deepEqual((await lines(box, "default", "/etc/resolv.conf")).slice(0, 2), [
    "nameserver 127.0.0.153",
    "search a.example",
  ]);
  await startSleeper(box, "known");
  assert.match((await box.sauropod(["exec", "default", "nslookup", "known"])).stdout, /timed out|no servers|can't/);
  await box.ok("rm", "-f", "outward", "inward", "default", "known");
  await box.ok("network", "rm", "n4", "n5");
});

test("a container that exposes port 53 has it of every address beside the engine's, names included", async (box) => {
  await box.ok("network", "create", "n6");
  for (const protocol of ["tcp", "udp"]) {
    await startSleeper(box, protocol, "--network", "n6", "--expose", `53/${protocol}`);
  }
  await box.killEngine();
  {
    using udp = await Place.container(box, "udp");
    udp.serve(53);
    assert.equal(await dig(udp, "tcp"), await address(box, "tcp", "n6"));
    assert.equal(await dig(udp, "+tcp", "tcp"), await address(box, "tcp", "n6"));
    using tcp = await Place.container(box, "tcp");
    tcp.serve(53);
    await udp.hears({ ip: await address(box, "tcp", "n6"), port: 53, protocol: "udp" }, /^tcp heard/);
  }
  await box.ok("rm", "-f", "tcp", "udp");
  await box.ok("network", "rm", "n6");
});

test("hosts, hostname and resolv.conf are docker's, and follow a restart with another address", async (box) => {
  await box.ok("network", "create", "n7");
  const flags = ["--add-host", "outside:203.0.113.9", "--add-host", "me=host-gateway", "-h", "web.example.org"];
  await startSleeper(box, "files", "--network", "n7", ...flags);
  const gateway = await box.inspect("files", "{{.NetworkSettings.Networks.n7.Gateway}}");
  const first = await address(box, "files", "n7");
  const hosts = await lines(box, "files", "/etc/hosts");
  assert.ok(hosts.includes("127.0.0.1\tlocalhost"));
  assert.ok(hosts.includes("203.0.113.9\toutside"));
  assert.ok(hosts.includes(`${first}\tweb.example.org web`), hosts.join("\n"));
  assert.equal(await box.ok("exec", "files", "cat", "/etc/hostname"), "web.example.org");
  const [line = ""] = hosts.filter((line) => line.endsWith("\tme"));
  using host = Place.host();
  host.serve(18400);
  {
    using files = await Place.container(box, "files");
    await files.hears({ ip: line.split("\t")[0] ?? "", port: 18400 }, /^host heard/);
  }
  assert.equal((await lines(box, "files", "/etc/resolv.conf"))[0], "nameserver 127.0.0.11");
  await box.ok("stop", "-t", "0", "files");
  await startSleeper(box, "squatter", "--network", "n7");
  await startSleeper(box, "squatter2", "--network", "n7");
  await box.ok("start", "files");
  const second = await address(box, "files", "n7");
  assert.notEqual(second, first);
  const after = await lines(box, "files", "/etc/hosts");
  assert.ok(after.includes(`${second}\tweb.example.org web`));
  assert.ok(!after.some((line) => line.startsWith(first)));
  assert.equal(gateway, await box.inspect("files", "{{.NetworkSettings.Networks.n7.Gateway}}"));
  await box.ok("rm", "-f", "files", "squatter", "squatter2");
  await box.ok("network", "rm", "n7");
});

test("a link follows the other when it restarts with another address, and holds one way only", async (box) => {
  await startSleeper(box, "db", "--expose", "5432", "-e", "SECRET=x");
  await startSleeper(box, "app", "--link", "db:dblink");
  const linked = async () => (await lines(box, "app", "/etc/hosts")).find((line) => line.includes("dblink"));
  const first = await box.inspect("db", "{{.NetworkSettings.IPAddress}}");
  const id = (await box.inspect("db", "{{.Id}}")).slice(0, 12);
  assert.equal(await linked(), `${first}\tdblink ${id} db`);
  assert.ok(!(await lines(box, "db", "/etc/hosts")).some((line) => line.includes("app")));
  await box.ok("stop", "-t", "0", "db");
  await startSleeper(box, "taker");
  await startSleeper(box, "taker2");
  await box.ok("start", "db");
  const second = await box.inspect("db", "{{.NetworkSettings.IPAddress}}");
  assert.notEqual(second, first);
  assert.equal(await linked(), `${second}\tdblink ${id} db`);
  assert.match(await box.ok("exec", "app", "ping", "-c", "1", "-W", "2", "dblink"), new RegExp(`\\(${second}\\)`));
  await box.ok("restart", "-t", "0", "app");
  const env = await box.ok("exec", "app", "cat", "/proc/1/environ");
  assert.ok(env.includes(`DBLINK_PORT_5432_TCP=tcp://${second}:5432\0`), env);
  assert.ok(env.includes("DBLINK_NAME=/app/dblink\0"), env);
  assert.ok(env.includes("DBLINK_ENV_SECRET=x\0"), env);
  await box.ok("rm", "-f", "app", "db", "taker", "taker2");
  const lonely = await box.sauropod(["run", "--rm", "--link", "nobody:x", "busybox", "true"]);
  assert.equal(lonely.code, 125);
});

test("a link outlives another name of the other, and its removal disturbs nobody", async (box) => {
  await startSleeper(box, "db2");
  await startSleeper(box, "app2", "--link", "db2:store");
  const ip = await box.inspect("db2", "{{.NetworkSettings.IPAddress}}");
  assert.equal(await box.inspect("app2", "{{json .HostConfig.Links}}"), '["/db2:/app2/store"]');
  await box.ok("rename", "db2", "renamed");
  await box.ok("restart", "-t", "0", "app2");
  assert.ok((await lines(box, "app2", "/etc/hosts")).some((line) => line.startsWith(`${ip}\tstore `)));
  await box.ok("rm", "-f", "renamed");
  await startSleeper(box, "bystander");
  assert.equal(await box.inspect("bystander", "{{.State.Status}}"), "running");
  await box.ok("rm", "-f", "app2", "bystander");
});

test("in a network of one's own a link is an alias that only the recipient knows", async (box) => {
  await box.ok("network", "create", "n8");
  await startSleeper(box, "db8", "--network", "n8");
  await startSleeper(box, "app8", "--network", "n8", "--link", "db8:store");
  {
    using app = await Place.container(box, "app8");
    using db = await Place.container(box, "db8");
    assert.equal(await dig(app, "store"), await address(box, "db8", "n8"));
    assert.equal(await dig(db, "store"), "");
  }
  await box.ok("rm", "-f", "app8", "db8");
  await box.ok("network", "rm", "n8");
});

for (const bridged of ["0", "1"]) {
  const path = "/proc/sys/net/bridge/bridge-nf-call-iptables";
  test(
    `with icc=false containers of a bridge cannot talk, and published ports answer (bridge-nf-call-iptables=${bridged})`,
    async (box) => {
      Deno.writeTextFileSync(path, bridged);
      await box.ok("network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "n9");
      await startSleeper(box, "mute", "--network", "n9", "-p", "18410:80");
      await startSleeper(box, "mute2", "--network", "n9");
      {
        using mute = await Place.container(box, "mute");
        using mute2 = await Place.container(box, "mute2");
        using host = Place.host();
        mute.serve(80).serve(81);
        const ip = await address(box, "mute", "n9");
        const gateway = await box.inspect("mute", "{{.NetworkSettings.Networks.n9.Gateway}}");
        await host.hears({ ip: "127.0.0.1", port: 18410 }, /^mute heard/);
        await mute2.hears({ ip: gateway, port: 18410 }, /^mute heard/);
        await hearNothing([mute], [[mute2, { ip, port: 80 }], [mute2, { ip, port: 81, protocol: "udp" }]]);
      }
      await box.ok("rm", "-f", "mute", "mute2");
      await box.ok("network", "rm", "n9");
    },
    { path },
  );
}

test("where the default bridge has icc=false a link opens the exposed ports of the other, to the recipient alone", async () => {
  await using box = await Sandbox.open({ SAUROPOD_ICC: "false" });
  await startSleeper(box, "shop", "--expose", "80");
  await startSleeper(box, "buyer", "--link", "shop:store");
  await startSleeper(box, "thief");
  const dial = async (expectedIp: string) => {
    using shop = await Place.container(box, "shop");
    using buyer = await Place.container(box, "buyer");
    using thief = await Place.container(box, "thief");
    shop.serve(80).serve(81);
    buyer.serve(80);
    const to = (port: number) => ({ ip: expectedIp, port });
    await hearNothing([shop, buyer], [[thief, to(80)], [buyer, to(81)]]);
    await buyer.hears(to(80), /^shop heard/);
  };
  const before = await box.inspect("shop", "{{.NetworkSettings.IPAddress}}");
  await dial(before);
  await box.ok("stop", "-t", "0", "shop");
  const isGone = async () => !(await run(["iptables-save"])).includes(`-d ${before}/32`);
  await until("the link is closed", isGone, 3000); // or it would lead to whoever gets the address next
  await startSleeper(box, "newcomer");
  await startSleeper(box, "newcomer2");
  await box.ok("start", "shop");
  await dial(await box.inspect("shop", "{{.NetworkSettings.IPAddress}}"));
});
