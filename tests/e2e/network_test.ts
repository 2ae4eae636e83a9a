/** Bridge networks from outside: addresses, names, ports, and that nothing is lost or left. The test's own host is a network namespace. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** What a server answers; undefined if nobody does. */
async function fetched(host: string): Promise<string | undefined> {
  try {
    return await (await fetch(`http://${host}/`, { signal: AbortSignal.timeout(3000) })).text();
  } catch {
    return undefined;
  }
}

/** The same from inside of a container; the wget of a static busybox does not survive the look-up of a name. */
const get = (host: string, port: number) => `printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 3 ${host} ${port} | tail -n 1`;

const json = async (command: Promise<string>) => JSON.parse(await command);

test("a fresh root has bridge, host and none", async (box) => {
  const rows = (await box.ok("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")).split("\n");
  assert.deepEqual(rows.slice(0, 3).sort(), ["bridge bridge local", "host host local", "none null local"]);
});

test("a container is in the default bridge: eth0 inside, a veth on the bridge outside, docker's fields in inspect", async (box) => {
  await box.ok("run", "-d", "--name", "plain", "busybox", "sleep", "1000");
  const [network] = await json(box.ok("network", "inspect", "bridge"));
  const id = await box.inspect("plain", "{{.Id}}");
  const { IPv4Address, MacAddress } = network.Containers[id];
  assert.equal(
    await box.inspect("plain", "{{.NetworkSettings.IPAddress}}/{{.NetworkSettings.IPPrefixLen}}"),
    IPv4Address,
  );
  assert.match(await box.ok("exec", "plain", "ip", "-o", "addr", "show", "eth0"), new RegExp(`inet ${IPv4Address} `));
  assert.match(
    await box.ok("exec", "plain", "ip", "link", "show", "eth0"),
    new RegExp(`eth0@if\\d+: .*link/ether ${MacAddress}`, "s"),
  );
  assert.match(
    await box.ok("exec", "plain", "ip", "route"),
    new RegExp(`default via ${network.IPAM.Config[0].Gateway} dev eth0`),
  );
  const links = JSON.parse(await run(["ip", "-j", "link"]));
  const bridge = network.Options["com.docker.network.bridge.name"];
  assert.ok(
    links.some((link: { ifname: string; master?: string }) => /^veth/.test(link.ifname) && link.master === bridge),
  );
  assert.match(
    await box.ok("exec", "plain", "cat", "/etc/hosts"),
    new RegExp(`^${IPv4Address.split("/")[0]}\t${id.slice(0, 12)}$`, "m"),
  );
  await box.ok("rm", "-f", "plain");
});

test("containers of the default bridge reach each other by address, and none outside of it by name", async (box) => {
  await box.ok("run", "-d", "--name", "one", "busybox", "sleep", "1000");
  const ip = await box.inspect("one", "{{.NetworkSettings.IPAddress}}");
  await box.ok("run", "--rm", "busybox", "ping", "-c", "1", "-W", "2", ip);
  const { code } = await box.sauropod(["run", "--rm", "busybox", "ping", "-c", "1", "-W", "1", "one"]);
  assert.notEqual(code, 0);
  await box.ok("rm", "-f", "one");
});

test("in a network of one's own a subnet is chosen or given, an address too, and names are found", async (box) => {
  await box.ok("network", "create", "--driver", "bridge", "my-net2");
  await box.ok(
    "network",
    "create",
    "--driver",
    "bridge",
    "--subnet",
    "172.33.1.0/24",
    "--gateway",
    "172.33.1.1",
    "my-net3",
  );
  const args = ["--network=my-net3", "--ip", "172.33.1.100"];
  await box.ok("run", "-d", "--name", "fixed", ...args, "--network-alias", "Database", "busybox", "sleep", "1000");
  assert.equal(await box.inspect("fixed", '{{(index .NetworkSettings.Networks "my-net3").IPAddress}}'), "172.33.1.100");
  for (const name of ["fixed", "database", (await box.inspect("fixed", "{{.Id}}")).slice(0, 12)]) {
    const found = await box.ok("run", "--rm", "--network=my-net3", "busybox", "nslookup", "-type=a", name);
    assert.match(found, /Address: 172\.33\.1\.100/, name);
  }
  await box.ok("run", "--rm", "--network=my-net3", "busybox", "ping", "-c", "1", "-W", "2", "fixed");
  const refused = await box.sauropod(["run", "--rm", "--network=my-net2", "--ip", "172.18.0.9", "busybox", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /only when connecting to networks with user configured subnets/);
  const twice = await box.sauropod(["run", "--rm", ...args, "busybox", "true"]);
  assert.match(twice.stderr, /Address already in use/);
  const inUse = await box.sauropod(["network", "rm", "my-net3"]);
  assert.match(inUse.stderr, /has active endpoints \(name:"fixed"/);
  await box.ok("rm", "-f", "fixed");
  await box.ok("network", "rm", "my-net2", "my-net3");
});

test("connect adds an interface at once, disconnect takes it away; bridges are kept apart until then", async (box) => {
  await box.ok("network", "create", "left");
  await box.ok("network", "create", "right");
  await box.ok("run", "-d", "--name", "aa", "--network", "left", "busybox", "sleep", "1000");
  await box.ok("run", "-d", "--name", "bb", "--network", "right", "busybox", "sleep", "1000");
  const ip = await box.inspect("bb", "{{.NetworkSettings.Networks.right.IPAddress}}");
  const reaches = async () => (await box.sauropod(["exec", "aa", "ping", "-c", "1", "-W", "1", ip])).code === 0;
  assert.equal(await reaches(), false);
  await box.ok("network", "connect", "right", "aa");
  assert.equal(await reaches(), true);
  assert.match(await box.ok("exec", "aa", "ping", "-c", "1", "-W", "2", "bb"), /1 packets received/);
  await box.ok("network", "disconnect", "right", "aa");
  assert.equal(await reaches(), false);
  await box.ok("rm", "-f", "aa", "bb");
  await box.ok("network", "rm", "left", "right");
});

test("a published port answers on 127.0.0.1, on the host's address, and from another container; the second is refused", async (box) => {
  const script = "echo hello > /tmp/index.html; httpd -f -p 80 -h /tmp";
  await box.ok("run", "-d", "--name", "web", "-p", "18090:80", "busybox", "sh", "-c", script);
  const gateway = await box.inspect("web", "{{.NetworkSettings.Gateway}}");
  await until("the server answers", async () => await fetched("127.0.0.1:18090") === "hello\n");
  assert.equal(await fetched(`${gateway}:18090`), "hello\n");
  assert.equal(await box.ok("run", "--rm", "busybox", "sh", "-c", get(gateway, 18090)), "hello");
  assert.equal(await box.ok("exec", "web", "sh", "-c", get(gateway, 18090)), "hello");
  assert.match(await box.ok("port", "web"), /^80\/tcp -> 0\.0\.0\.0:18090$/m);
  const second = await box.sauropod(["run", "-d", "--name", "web2", "-p", "18090:80", "busybox", "sleep", "1000"]);
  assert.equal(second.code, 125);
  assert.match(second.stderr, /Bind for 0\.0\.0\.0:18090 failed: port is already allocated/);
  await box.ok("rm", "-f", "web", "web2");
  assert.equal(await fetched("127.0.0.1:18090"), undefined);
});

test("the engine may be killed: traffic goes on, names and ports are the same afterwards", async (box) => {
  await box.ok("network", "create", "lasting");
  const script = "echo hello > /tmp/index.html; httpd -f -p 80 -h /tmp";
  await box.ok(
    "run",
    "-d",
    "--name",
    "server",
    "--network",
    "lasting",
    "-p",
    "18091:80",
    "busybox",
    "sh",
    "-c",
    script,
  );
  await box.ok("run", "-d", "--name", "client", "--network", "lasting", "busybox", "sleep", "1000");
  const before = await box.inspect("server", "{{json .NetworkSettings.Networks}} {{json .NetworkSettings.Ports}}");
  await box.killEngine();
  assert.equal(await fetched("127.0.0.1:18091"), "hello\n");
  assert.equal(
    await box.inspect("server", "{{json .NetworkSettings.Networks}} {{json .NetworkSettings.Ports}}"),
    before,
  );
  assert.equal(await box.ok("exec", "client", "sh", "-c", get("server", 80)), "hello");
  await box.ok("rm", "-f", "server", "client");
  await box.ok("network", "rm", "lasting");
});

test("host shares the host's interfaces, none has lo only, container:x those of the other", async (box) => {
  const names = "cut -d: -f1 /proc/net/dev | tail -n +3 | sort";
  const host = async () => (await run(["sh", "-c", names])).trim();
  const inside = () => box.ok("run", "--rm", "--network", "host", "busybox", "sh", "-c", names);
  // Bridges of other tests go when the kernel comes to it.
  await until("both see the same", async () => await inside() === await host());
  assert.equal(await box.ok("run", "--rm", "--network", "none", "busybox", "sh", "-c", names), "lo");
  await box.ok("run", "-d", "--name", "first", "busybox", "sleep", "1000");
  const address = "ip -o -4 addr show eth0";
  assert.equal(
    await box.ok("run", "--rm", "--network", "container:first", "busybox", "sh", "-c", address),
    await box.ok("exec", "first", "sh", "-c", address),
  );
  await box.ok("rm", "-f", "first");
});

test("a link names the other in /etc/hosts and tells of it in the environment", async (box) => {
  await box.ok("run", "-d", "--name", "db", "--expose", "5432", "-e", "USER=me", "busybox", "sleep", "1000");
  const ip = await box.inspect("db", "{{.NetworkSettings.IPAddress}}");
  const told = await box.ok("run", "--rm", "--link", "db:dblink", "busybox", "sh", "-c", "cat /etc/hosts; env");
  assert.match(told, new RegExp(`^${ip}\tdblink .*db$`, "m"));
  assert.match(told, new RegExp(`^DBLINK_PORT_5432_TCP_ADDR=${ip}$`, "m"));
  assert.match(told, /^DBLINK_ENV_USER=me$/m);
  await box.ok("rm", "-f", "db");
});

test("the real docker CLI creates networks and publishes ports here", async (box) => {
  const docker = async (...args: string[]) => {
    const { code, stdout, stderr } = await box.docker(args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  await docker("network", "create", "--subnet", "172.34.0.0/16", "by-docker");
  assert.match(await docker("network", "ls"), /by-docker +bridge +local/);
  await docker(
    "run",
    "-d",
    "--name",
    "d1",
    "--network",
    "by-docker",
    "-p",
    "127.0.0.1::80",
    "busybox",
    "sleep",
    "1000",
  );
  assert.match(await docker("port", "d1", "80"), /^127\.0\.0\.1:\d+$/);
  assert.match(await docker("ps", "--format", "{{.Ports}}"), /127\.0\.0\.1:\d+->80\/tcp/);
  await docker("network", "disconnect", "by-docker", "d1");
  await docker("rm", "-f", "d1");
  await docker("network", "rm", "by-docker");
});

test("a container that serves names itself has port 53 to itself, and still finds the others", async (box) => {
  await box.ok("network", "create", "served");
  await box.ok("run", "-d", "--name", "other", "--network", "served", "busybox", "sleep", "1000");
  const script = "httpd -p 53; netstat -lnt; nslookup -type=a other";
  const said = await box.ok("run", "--rm", "--network", "served", "--expose", "53/udp", "busybox", "sh", "-c", script);
  assert.match(said, /0\.0\.0\.0:53|:::53/);
  assert.match(
    said,
    new RegExp(`Address: ${await box.inspect("other", "{{.NetworkSettings.Networks.served.IPAddress}}")}`),
  );
  await box.ok("rm", "-f", "other");
  await box.ok("network", "rm", "served");
});
