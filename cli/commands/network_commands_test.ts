import assert from "node:assert/strict";
import type { ExplainOptions } from "../../base/container_engine.ts";
import type { EndpointSettings, NetworkCreate } from "../../base/docker/network.ts";
import { forbidden, notFound } from "../../base/errors.ts";
import { network } from "../format/network_graph_test_support.ts";
import { command as connect } from "./network_connect.ts";
import { command as create } from "./network_create.ts";
import { command as disconnect } from "./network_disconnect.ts";
import { command as inspect } from "./network_inspect.ts";
import { command as ls } from "./network_ls.ts";
import { command as rm } from "./network_rm.ts";
import { run } from "./run_test_support.ts";

const found = [
  { ...network("my-net10", "bridge"), Id: "a".repeat(64), Created: "2026-01-02T03:04:05.123456700Z" },
  { ...network("bridge", "bridge"), Id: "b".repeat(64), Labels: { c: "d", a: "b" } },
  { ...network("host", "host"), Id: "c".repeat(64) },
  { ...network("my-net2", "bridge"), Id: "d".repeat(64), Internal: true },
];
const list = (...line: string[]) => run(ls, { networks: { list: () => Promise.resolve([...found]) } }, line);

// The goldens are what docker 28.2.2 printed for the same networks.
Deno.test("network ls prints docker's table, numbers in names in their order", async () => {
  assert.equal(
    (await list()).stdout,
    `NETWORK ID     NAME       DRIVER    SCOPE
bbbbbbbbbbbb   bridge     bridge    local
cccccccccccc   host       host      local
dddddddddddd   my-net2    bridge    local
aaaaaaaaaaaa   my-net10   bridge    local
`,
  );
});

for (
  const [line, stdout] of [
    [["-q"], "bbbbbbbbbbbb\ncccccccccccc\ndddddddddddd\naaaaaaaaaaaa\n"],
    [["-q", "--no-trunc", "--format", "table"], ["b", "c", "d", "a"].map((c) => `${c.repeat(64)}\n`).join("")],
    [["-q", "--format", "{{.Name}}"], "bridge\nhost\nmy-net2\nmy-net10\n"],
    [["-q", "--format", "raw"], ["b", "c", "d", "a"].map((c) => `network_id: ${c.repeat(12)}\n`).join("")],
    [
      ["--format", 'table {{.Name}}\\t{{.Internal}}\\t{{.IPv6}}\\t{{.Labels}}\\t{{.Label "a"}}'],
      `NAME       INTERNAL   IPV6      LABELS    a
bridge     false      false     a=b,c=d   b
host       false      false               
my-net2    true       false               
my-net10   false      false               
`,
    ],
    [
      ["--format", "{{.CreatedAt}} {{.Scope}} {{.IPv4}}"],
      "2026-01-02 03:04:05 +0000 UTC local true\n".repeat(3) +
      "2026-01-02 03:04:05.1234567 +0000 UTC local true\n",
    ],
  ] as const
) {
  Deno.test(`network ls ${line.join(" ")}`, async () => assert.equal((await list(...line)).stdout, stdout));
}

Deno.test("network ls --format json gives docker's fields", async () => {
  const [first = ""] = (await list("--format", "json")).stdout.split("\n");
  assert.deepEqual(JSON.parse(first), {
    CreatedAt: "2026-01-02 03:04:05 +0000 UTC",
    Driver: "bridge",
    ID: "bbbbbbbbbbbb",
    IPv4: "true",
    IPv6: "false",
    Internal: "false",
    Labels: "a=b,c=d",
    Name: "bridge",
    Scope: "local",
  });
});

Deno.test("network ls hands filters on, and fails in docker's words for an unknown field", async () => {
  let asked: unknown;
  const networks = { list: (filters: unknown) => (asked = filters, Promise.resolve([...found])) };
  await run(ls, { networks }, ["-f", "driver=bridge", "--filter", "name=a", "-f", "name=b"]);
  assert.deepEqual(asked, { driver: ["bridge"], name: ["a", "b"] });
  await assert.rejects(list("--format", "{{.Nope}}"), /can't evaluate field Nope in type network/);
});

/** The request that a line makes. */
async function created(line: string): Promise<NetworkCreate> {
  let config: NetworkCreate | undefined;
  const networks = {
    create: (given: NetworkCreate) => (config = given, Promise.resolve({ Id: "e".repeat(64), Warning: "" })),
  };
  assert.deepEqual(await run(create, { networks }, line.split(" ")), {
    code: 0,
    stdout: `${"e".repeat(64)}\n`,
    stderr: "",
  });
  assert.ok(config);
  return config;
}

Deno.test("network create asks for a bridge with a pool of the engine's choice", async () => {
  assert.deepEqual(await created("n1"), {
    Name: "n1",
    Driver: "bridge",
    Scope: "",
    IPAM: { Driver: "default", Options: {}, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    Options: {},
    Labels: {},
  });
});

Deno.test("network create takes docker's flags, several values in one too", async () => {
  const line =
    "-d macvlan --subnet 10.0.0.0/24,fd00::/64 --gateway 10.0.0.1 --gateway fd00::1 --ip-range 10.0.0.0/25 " +
    "--aux-address a=10.0.0.5 --internal --ipv6 --attachable --label x=y=z --label l -o parent=eth0 " +
    "--opt com.docker.network.driver.mtu=1400 --ipam-opt k=v --scope local --publish-mode proxy n2";
  assert.deepEqual(await created(line), {
    Name: "n2",
    Driver: "macvlan",
    Scope: "local",
    EnableIPv6: true,
    IPAM: {
      Driver: "default",
      Options: { k: "v" },
      Config: [
        {
          Subnet: "10.0.0.0/24",
          IPRange: "10.0.0.0/25",
          Gateway: "10.0.0.1",
          AuxiliaryAddresses: { a: "10.0.0.5" },
        },
        { Subnet: "fd00::/64", Gateway: "fd00::1" },
      ],
    },
    Internal: true,
    Attachable: true,
    Ingress: false,
    Options: { "parent": "eth0", "com.docker.network.driver.mtu": "1400", "sauropod.publish_mode": "proxy" },
    Labels: { x: "y=z", l: "" },
  });
  assert.equal((await created("--ipv6=false n")).EnableIPv6, false);
});

for (
  const [line, message] of [
    ["--subnet 10.0.0.0/24 --gateway 1.2.3.4 n", "no matching subnet for gateway 1.2.3.4"],
    ["--ipv4=false n", "networks without IPv4 are not supported"],
    ["--publish-mode x n", 'invalid publish mode: "x": must be one of "dnat", "proxy" or "proxy-protocol"'],
    ["--label= n", `invalid argument "" for "--label" flag: invalid label '': empty name`],
    ["--config-only n", "unknown flag: --config-only"],
  ] as const
) {
  Deno.test(`network create ${line} is refused`, () => assert.rejects(async () => await created(line), { message }));
}

Deno.test("network create tells the engine's warning", async () => {
  const networks = { create: () => Promise.resolve({ Id: "e", Warning: "no iptables" }) };
  assert.deepEqual(await run(create, { networks }, ["n"]), {
    code: 0,
    stdout: "e\n",
    stderr: "WARNING: no iptables\n",
  });
});

const step = { kind: "netlink", place: "host", text: "RTM_NEWLINK create bridge b", reason: "the switch" } as const;
const told = (options?: ExplainOptions) => options?.explain ? { Steps: [step] } : {};
const explaining = {
  create: (_config: NetworkCreate, options?: ExplainOptions) =>
    Promise.resolve({ Id: "e", Warning: "", ...told(options) }),
  connect: (_network: string, _container: string, _endpoint?: EndpointSettings, options?: ExplainOptions) =>
    Promise.resolve(told(options)),
};

for (const [command, line, stdout] of [[create, ["n"], "e\n"], [connect, ["n", "c"], ""]] as const) {
  Deno.test(`network command ${line.join(" ")} with --explain prints on stderr what was done`, async () => {
    const parts = { networks: explaining };
    const { stderr, ...rest } = await run(command, parts, ["--explain", ...line]);
    assert.deepEqual(rest, { code: 0, stdout });
    assert.match(
      stderr,
      /^# 1 steps .*\n\n# on the host\n0 {2}netlink {3}RTM_NEWLINK create bridge b +# the switch\n$/,
    );
    const json = await run(command, parts, ["--explain=json", ...line]);
    assert.deepEqual([json.stdout, JSON.parse(json.stderr)], [stdout, { network: [step] }]);
    assert.equal((await run(command, parts, line)).stderr, "");
  });
}

function removing() {
  const removed: string[] = [];
  const remove = async (name: string) => {
    if (name === "nope") throw await notFound("network nope not found");
    if (name === "bridge") throw forbidden("bridge is a pre-defined network and cannot be removed");
    removed.push(name);
  };
  return { removed, networks: { remove } };
}

Deno.test("network rm prints names, goes on after a failure and leaves with 1", async () => {
  const parts = removing();
  assert.deepEqual(await run(rm, parts, ["nope", "a", "bridge", "b"]), {
    code: 1,
    stdout: "a\nb\n",
    stderr: "network nope not found\nbridge is a pre-defined network and cannot be removed\n",
  });
  assert.deepEqual(parts.removed, ["a", "b"]);
});

Deno.test("network rm -f says nothing of a network that is not there, and forces nothing else", async () => {
  assert.deepEqual(await run(rm, removing(), ["-f", "nope", "a"]), { code: 0, stdout: "a\n", stderr: "" });
  assert.equal((await run(rm, removing(), ["-f", "bridge"])).code, 1);
});

Deno.test("network inspect prints JSON or a template, and leaves with 1 for what is not there", async () => {
  const networks = {
    inspect: (name: string) =>
      name === "nope" ? Promise.reject(notFound("network nope not found")) : Promise.resolve({
        ...network(name, "bridge", ["10.0.0.0/24", "10.0.0.1"]),
        Options: { o: "1" },
      }),
  };
  const template = "{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}} {{.Options}} {{.Containers}}";
  assert.deepEqual(await run(inspect, { networks }, ["-f", template, "a", "nope"]), {
    code: 1,
    stdout: "a 10.0.0.0/24 10.0.0.1 map[o:1] map[]\n",
    stderr: "network nope not found\n",
  });
  const { stdout } = await run(inspect, { networks }, ["a"]);
  assert.ok(stdout.startsWith('[\n    {\n        "Name": "a",\n        "Id": "61'), stdout);
});

Deno.test("network connect asks for addresses, names and links, and prints nothing", async () => {
  let asked: unknown;
  const networks = {
    connect: (network: string, container: string, endpoint?: EndpointSettings) => (
      asked = [network, container, endpoint], Promise.resolve({})
    ),
  };
  const line = "--ip 1.2.3.4 --ip6 fd00::1 --alias a --alias b,c --link x:y --driver-opt k=v,l=m my-net c1";
  assert.deepEqual(await run(connect, { networks }, line.split(" ")), { code: 0, stdout: "", stderr: "" });
  assert.deepEqual(asked, ["my-net", "c1", {
    IPAMConfig: { IPv4Address: "1.2.3.4", IPv6Address: "fd00::1" },
    Links: ["x:y"],
    Aliases: ["a", "b", "c"],
    DriverOpts: { k: "v", l: "m" },
  }]);
  await assert.rejects(run(connect, { networks }, ["--driver-opt", "l", "n", "c"]), {
    message: "invalid key/value pair format in driver options",
  });
});

Deno.test("network disconnect says whether to force", async () => {
  const asked: unknown[] = [];
  const networks = { disconnect: (...args: unknown[]) => (asked.push(args), Promise.resolve()) };
  await run(disconnect, { networks }, ["n", "c"]);
  await run(disconnect, { networks }, ["-f", "n", "c"]);
  assert.deepEqual(asked, [["n", "c", { force: false }], ["n", "c", { force: true }]]);
});
