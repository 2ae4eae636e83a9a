/** What packets may do under our rules, on the real kernel, with the iptables of nftables and the old one alike. */
import assert from "node:assert/strict";
import type { Firewall } from "../../net/firewall/firewall.ts";
import type { FirewallState } from "../../net/firewall/firewall_data.ts";
import { requires } from "../support/requires.ts";
import {
  Machines,
  NETWORK_A,
  NETWORK_B,
  ownings,
  port,
  PREFIX,
  until,
  type Variant,
  VARIANTS,
} from "./firewall_test_support.ts";

/** A test for each iptables; the firewall is started with `state`, the first container serves port 80 and its like. */
function test(
  name: string,
  state: Partial<FirewallState>,
  fn: (machines: Machines, firewall: Firewall, variant: Variant) => Promise<void>,
  path = "/proc/sys/net",
): void {
  for (const variant of VARIANTS) {
    const command = ["ip", `iptables-${variant}-restore`, `ip6tables-${variant}-restore`];
    const fullName = `${variant}: ${name}`;
    Deno.test({
      name: fullName,
      ...requires({ root: true, command, path }, fullName),
      fn: async () => {
        const before = ownings();
        {
          await using machines = new Machines();
          machines.serve("first", "0.0.0.0", 80);
          machines.serve("first", "::", 80);
          machines.serve("second", "0.0.0.0", 80);
          machines.serve("third", "0.0.0.0", 80);
          machines.serve("neighbour", "0.0.0.0", 7);
          machines.serve("neighbour", "::", 7);
          machines.serve("host", "127.0.0.1", 99);
          const firewall = await machines.firewall(variant);
          await firewall.start({ networks: [NETWORK_A, NETWORK_B], ...state });
          await fn(machines, firewall, variant);
        }
        assert.deepEqual(ownings(), before, "something is left");
      },
    });
  }
}

const published = { ip: "192.0.2.1", port: 8080 };

test("a published port answers on every address of the host", { ports: [port()] }, async (machines) => {
  for (const ip of ["127.0.0.1", "192.0.2.1", "192.0.2.9", "10.88.1.1", "10.88.2.1"]) {
    assert.match(await machines.ask("host", { ip, port: 8080 }) ?? "silence", /^first heard/, ip);
  }
  for (const ip of ["192.0.2.1", "192.0.2.9", "10.88.1.1"]) {
    await machines.hears("neighbour", { ip, port: 8080 }, "first heard 192.0.2.2");
  }
});

for (const bridged of ["0", "1"]) {
  const title = `a published port answers containers, its own included, with bridge-nf-call-iptables=${bridged}`;
  test(title, { ports: [port()] }, async (machines) => {
    machines.setSysctl("host", "net/bridge/bridge-nf-call-iptables", bridged);
    await machines.hears("first", published, "first heard 10.88.1.1");
    await machines.hears("second", published, "first heard 10.88.1.1");
    await machines.hears("second", { ip: "10.88.1.1", port: 8080 }, "first heard 10.88.1.1");
    await machines.hears("third", published, "first heard 10.88.1.1");
    await machines.hears("second", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.3");
  }, "/proc/sys/net/bridge/bridge-nf-call-iptables");
}

test("UDP is published like TCP, and apart from it", { ports: [port({ protocol: "udp" })] }, async (machines) => {
  const udp = { ...published, protocol: "udp" } as const;
  await machines.hears("neighbour", udp, "first heard 192.0.2.2");
  await machines.hears("host", { ...udp, ip: "127.0.0.1" }, "first heard 10.88.1.1");
  await machines.hearNothing([["neighbour", published], ["host", published]]);
});

test("a published port answers by IPv6, too", {
  ports: [port({ hostIp: "::", containerIp: "fd00:88:1::2" })],
}, async (machines) => {
  await machines.hears("neighbour", { ip: "fd00:88:9::1", port: 8080 }, "first heard fd00:88:9::2");
  await machines.hears("host", { ip: "fd00:88:9::1", port: 8080 }, "first heard fd00:88:9::1");
  await machines.hears("second", { ip: "fd00:88:9::1", port: 8080 }, "first heard fd00:88:1::1");
  await machines.hearNothing([["neighbour", { ip: "fd00:88:1::2", port: 80 }], ["neighbour", published]]);
});

test("a port bound to 127.0.0.1 is the host's only", { ports: [port({ hostIp: "127.0.0.1" })] }, async (machines) => {
  await machines.hears("host", { ip: "127.0.0.1", port: 8080 }, "first heard 10.88.1.1");
  machines.aimAtLoopback("neighbour", "192.0.2.1");
  machines.aimAtLoopback("second", "10.88.1.1");
  await machines.hearNothing([
    ["host", published],
    ["neighbour", published],
    ["neighbour", { ip: "127.0.0.1", port: 8080 }],
    ["neighbour", { ip: "10.88.1.2", port: 80 }],
    ["second", published],
    ["second", { ip: "127.0.0.1", port: 8080 }],
    ["third", published],
  ]);
});

test("a port bound to one address is not reached by another", {
  ports: [port({ hostIp: "192.0.2.9" })],
}, async (machines) => {
  await machines.hears("neighbour", { ip: "192.0.2.9", port: 8080 }, "first heard 192.0.2.2");
  await machines.hears("host", { ip: "192.0.2.9", port: 8080 }, "first heard 192.0.2.1"); // of the network's first address
  await machines.hearNothing([
    ["host", { ip: "127.0.0.1", port: 8080 }],
    ["host", published],
    ["neighbour", published],
    ["neighbour", { ip: "10.88.1.1", port: 8080 }],
    ["neighbour", { ip: "10.88.1.2", port: 80 }],
    ["neighbour", { ip: "10.88.1.2", port: 8080 }],
  ]);
});

test("what listens on the host's loopback is not reached from a bridge, published ports or not", {
  ports: [port()],
}, async (machines) => {
  machines.aimAtLoopback("second", "10.88.1.1");
  await machines.hears("host", { ip: "127.0.0.1", port: 99 }, "host heard 127.0.0.1");
  await machines.hearNothing([
    ["second", { ip: "127.0.0.1", port: 99 }],
    ["second", { ip: "127.0.0.1", port: 99, protocol: "udp" }],
  ]);
});

test("a container's address is reached by the host and its neighbours on the bridge only", {}, async (machines) => {
  await machines.hears("host", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.1");
  await machines.hears("second", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.3");
  await machines.hearNothing([
    ["neighbour", { ip: "10.88.1.2", port: 80 }],
    ["neighbour", { ip: "fd00:88:1::2", port: 80 }],
    ["neighbour", { ip: "10.88.1.2", port: 80, protocol: "udp" }],
    ["third", { ip: "10.88.1.2", port: 80 }],
    ["first", { ip: "10.88.2.2", port: 80 }],
    ["first", { ip: "10.88.2.2", port: 80, protocol: "udp" }],
    ["third", { ip: "fd00:88:1::2", port: 80 }],
  ]);
});

test("what leaves a bridge has the host's address", {}, async (machines) => {
  await machines.hears("first", { ip: "192.0.2.2", port: 7 }, "neighbour heard 192.0.2.1");
  await machines.hears("first", { ip: "192.0.2.2", port: 7, protocol: "udp" }, "neighbour heard 192.0.2.1");
  await machines.hears("first", { ip: "fd00:88:9::2", port: 7 }, "neighbour heard fd00:88:9::1");
});

test("without masquerading it has its own", {
  networks: [{ ...NETWORK_A, masquerade: false }],
}, async (machines) => {
  await machines.hears("first", { ip: "192.0.2.2", port: 7 }, "neighbour heard 10.88.1.2");
});

test("an internal network has no way out and none in", {
  networks: [{ ...NETWORK_A, internal: true }, NETWORK_B],
  ports: [
    port(),
    port({ bridge: "br-b", containerIp: "10.88.2.2", hostPort: 9090 }),
    port({ bridge: "br-b", containerIp: "10.88.2.2", hostPort: 9090, protocol: "udp" }),
  ],
}, async (machines) => {
  await machines.hears("second", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.3");
  await machines.hears("host", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.1");
  await machines.hears("neighbour", { ip: "192.0.2.1", port: 9090 }, "third heard 192.0.2.2");
  await machines.hearNothing([
    ["first", { ip: "192.0.2.2", port: 7 }],
    ["first", { ip: "192.0.2.2", port: 7, protocol: "udp" }],
    ["first", { ip: "fd00:88:9::2", port: 7, protocol: "udp" }],
    ["first", { ip: "10.88.2.2", port: 80, protocol: "udp" }],
    ["first", { ip: "192.0.2.1", port: 9090, protocol: "udp" }],
    ["third", { ip: "10.88.1.2", port: 80 }],
    ["neighbour", { ip: "10.88.1.2", port: 80 }],
    ["neighbour", published],
    ["host", published],
  ]);
});

test("without icc containers talk as links say, and by published ports", {
  networks: [{ ...NETWORK_A, icc: false }],
  ports: [port({ hostPort: 9090 })],
}, async (machines, firewall) => {
  assert.equal(machines.sysctl("host", "net/bridge/bridge-nf-call-iptables"), "1");
  await machines.hears("host", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.1");
  await machines.hearNothing([["second", { ip: "10.88.1.2", port: 80 }]]);
  const link = { bridge: "br-a", from: "10.88.1.3", to: "10.88.1.2", port: 80, protocol: "tcp" } as const;
  await firewall.add([], [link]);
  await machines.hears("second", { ip: "10.88.1.2", port: 80 }, "first heard 10.88.1.3");
  await machines.hears("second", { ip: "192.0.2.1", port: 9090 }, "first heard 10.88.1.1");
  await machines.hearNothing([
    ["first", { ip: "10.88.1.3", port: 80 }],
    ["second", { ip: "10.88.1.2", port: 80, protocol: "udp" }],
  ]);
  firewall.remove([], [link]);
  await firewall.settle();
  await machines.hearNothing([["second", { ip: "10.88.1.2", port: 80 }]]);
}, "/proc/sys/net/bridge/bridge-nf-call-iptables");

test("bridges and ports come and go", { networks: [] }, async (machines, firewall, variant) => {
  await firewall.setNetwork({ ...NETWORK_A, subnets: ["10.88.1.0/24"] });
  assert.doesNotMatch(machines.saved(variant, 6), /SAUROPOD/);
  await firewall.setNetwork(NETWORK_A);
  await firewall.add([port()]);
  await machines.hears("neighbour", published, "first heard 192.0.2.2");
  firewall.remove([port()]);
  const other = port({ containerIp: "10.88.1.3" });
  await firewall.add([other]); // the old rule is still there, and has no say
  await machines.hears("neighbour", published, "second heard 192.0.2.2");
  firewall.remove([port()]); // too late: the port is another container's
  await firewall.settle();
  await machines.hears("neighbour", published, "second heard 192.0.2.2");
  await firewall.setNetwork({ ...NETWORK_A, internal: true });
  await machines.hearNothing([["neighbour", published], ["first", { ip: "192.0.2.2", port: 7 }]]);
  await firewall.setNetwork(NETWORK_A);
  await machines.hears("first", { ip: "192.0.2.2", port: 7 }, "neighbour heard 192.0.2.1");
  firewall.removeNetwork("br-a");
  await firewall.settle();
  assert.doesNotMatch(machines.saved(variant), /br-a|publishes/);
});

test("a removal is done without anybody's waiting for it", { ports: [port()] }, async (machines, firewall, variant) => {
  firewall.remove([port()]);
  await until("the rule is gone", () => !machines.saved(variant).includes("publishes"));
});

test("a rule that is replaced goes by itself, and nobody is blamed for it", {
  ports: [port()],
}, async (machines, firewall, variant) => {
  await firewall.add([port({ containerIp: "10.88.1.3" })]);
  assert.equal(machines.saved(variant).match(/publishes/g)?.length, 2);
  await until("the old rule is gone", () => machines.saved(variant).match(/publishes/g)?.length === 1);
  await machines.hears("neighbour", published, "second heard 192.0.2.2");
  await firewall.settle();
  assert.deepEqual(machines.log, []);
});

test("a range of ports is one rule", {
  ports: Array.from({ length: 100 }, (_, i) => port({ hostPort: 8000 + i, containerPort: 8000 + i })),
}, async (machines, firewall, variant) => {
  machines.serve("first", "0.0.0.0", 8057);
  await machines.hears("neighbour", { ip: "192.0.2.1", port: 8057 }, "first heard 192.0.2.2");
  assert.equal(machines.saved(variant).match(/publishes/g)?.length, 1);
  await firewall.settle();
  assert.deepEqual(machines.log, []);
});

test("many who ask at once share a run", {}, async (machines, firewall, variant) => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => firewall.add([port({ hostPort: 9000 + i })])));
  assert.equal(machines.saved(variant).match(/publishes/g)?.length, 50);
  await machines.hears("neighbour", { ip: "192.0.2.1", port: 9049 }, "first heard 192.0.2.2");
});

/** Somebody reloads his own rules, and all that he knows. */
function flush(machines: Machines, variant: Variant): void {
  for (const table of ["nat", "filter"]) {
    for (const what of ["-F", "-X"]) machines.run("host", [`iptables-${variant}`, "-t", table, what]);
  }
  machines.run("host", [`iptables-${variant}`, "-P", "FORWARD", "DROP"]);
}

test("rules that somebody has flushed are back by themselves", { ports: [port()] }, async (machines, _, variant) => {
  flush(machines, variant);
  await until("the rules are back", () => machines.saved(variant).includes("publishes"));
  await machines.hears("neighbour", published, "first heard 192.0.2.2");
  await machines.hears("first", { ip: "192.0.2.2", port: 7 }, "neighbour heard 192.0.2.1");
  await machines.hearNothing([["neighbour", { ip: "10.88.1.2", port: 80 }]]);
  await until("it is told", () => machines.log.length > 0);
  assert.match(machines.log.join("\n"), /^somebody has changed or passed the rules of SAUROPOD-test in iptables/);
});

test("a port that is added to flushed tables brings all rules back", {}, async (machines, firewall, variant) => {
  flush(machines, variant);
  await firewall.add([port()]);
  await machines.hears("neighbour", published, "first heard 192.0.2.2");
  await machines.hearNothing([["third", { ip: "10.88.1.2", port: 80 }]]);
});

test(
  "our rules stand before those of others, and theirs stay",
  { ports: [port()] },
  async (machines, firewall, variant) => {
    machines.run("host", [
      `iptables-${variant}`,
      "-I",
      "FORWARD",
      "-j",
      "DROP",
      "-m",
      "comment",
      "--comment",
      "theirs",
    ]);
    await machines.hearNothing([["neighbour", published]]);
    await firewall.settle();
    await machines.hears("neighbour", published, "first heard 192.0.2.2");
    const forward = machines.saved(variant).split("\n").filter((line) => line.startsWith("-A FORWARD"));
    assert.equal(forward.length, 2);
    assert.match(forward[1] ?? "", /--comment "?theirs"? -j DROP/);
    await firewall.settle();
    assert.equal(machines.log.length, 1);
  },
);

test(
  "the administrator's chain decides first, and survives",
  { ports: [port()] },
  async (machines, firewall, variant) => {
    const rule = ["-s", "192.0.2.2", "-j", "DROP"];
    machines.run("host", [`iptables-${variant}`, "-A", `${PREFIX}-USER`, ...rule]);
    await machines.hearNothing([["neighbour", published]]);
    await firewall.add([port({ hostPort: 9090 })]);
    await firewall.settle();
    await machines.hearNothing([["neighbour", { ip: "192.0.2.1", port: 9090 }]]);
    await firewall.clear();
    const left = machines.saved(variant).split("\n").filter((line) => line.includes("SAUROPOD"));
    assert.deepEqual(left, [`:${PREFIX}-USER - [0:0]`, `-A ${PREFIX}-USER -s 192.0.2.2/32 -j DROP`]);
  },
);

test("to dispose of it cuts nothing, and the next one goes on from there", {
  ports: [port(), port({ hostPort: 9090 })],
}, async (machines, firewall, variant) => {
  firewall[Symbol.dispose]();
  await machines.hears("neighbour", published, "first heard 192.0.2.2");
  const executed: string[] = [];
  const next = await machines.firewall(variant, { executed: (_, text) => void executed.push(text) });
  await next.start({ networks: [NETWORK_A, NETWORK_B], ports: [port()] });
  assert.match(executed.join(""), new RegExp(`^\\*nat\n-D ${PREFIX}-DNAT .*publishes 0.0.0.0:9090.*\nCOMMIT\n$`));
  await machines.hears("neighbour", published, "first heard 192.0.2.2");
  await next.clear();
  assert.doesNotMatch(machines.saved(variant) + machines.saved(variant, 6), /sauropod/i);
});

test(
  "two engines beside each other do not quarrel",
  { networks: [NETWORK_A], ports: [port()] },
  async (machines, firewall, variant) => {
    const other = await machines.firewall(variant, { prefix: "SAUROPOD" });
    await other.start({
      networks: [NETWORK_B],
      ports: [port({ bridge: "br-b", containerIp: "10.88.2.2", hostPort: 9090 })],
    });
    for (let i = 0; i < 3; i++) {
      await firewall.settle();
      await other.settle();
    }
    assert.deepEqual(machines.log, []);
    await machines.hears("neighbour", published, "first heard 192.0.2.2");
    await machines.hears("neighbour", { ip: "192.0.2.1", port: 9090 }, "third heard 192.0.2.2");
    await machines.hearNothing([
      ["first", { ip: "10.88.2.2", port: 80 }],
      ["third", { ip: "10.88.1.2", port: 80 }],
    ]);
    await other.clear();
    await machines.hears("neighbour", published, "first heard 192.0.2.2");
  },
);

test("what is no port is refused, and changes nothing", {}, async (machines, firewall, variant) => {
  await assert.rejects(firewall.add([port({ bridge: "br-x" })]), /does not know the bridge br-x/);
  await assert.rejects(firewall.add([port({ containerPort: 0 })]), /no firewall rule can be made/);
  await assert.rejects(firewall.add([port({ hostIp: "::" })]), /cannot translate between IPv4 and IPv6/);
  await assert.rejects(firewall.setNetwork({ ...NETWORK_A, bridge: "a+" }), /invalid bridge name: "a\+"/);
  await firewall.settle();
  assert.doesNotMatch(machines.saved(variant), /publishes/);
});
