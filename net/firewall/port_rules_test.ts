import assert from "node:assert/strict";
import type { FirewallPort } from "./firewall_data.ts";
import { bare, port } from "./firewall_test_support.ts";
import { portRules } from "./port_rules.ts";

const rows: { name: string; ports: FirewallPort[]; everybody?: string[]; host?: string[] }[] = [
  {
    name: "every address of the host",
    ports: [port()],
    everybody: ["-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80"],
  },
  {
    name: "one address",
    ports: [port({ hostIp: "192.0.2.1", protocol: "udp" })],
    everybody: ["-d 192.0.2.1 -p udp -m udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80"],
  },
  {
    name: "the host's loopback",
    ports: [port({ hostIp: "127.0.0.1" }), port({ hostIp: "127.0.0.2", protocol: "sctp" })],
    host: [
      "-d 127.0.0.2 -p sctp -m sctp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
      "-d 127.0.0.1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
    ],
  },
  {
    name: "every IPv6 address but ::1, and nobody with a link-local one",
    ports: [port({ hostIp: "::", containerIp: "fd00::2" })],
    everybody: ["! -s fe80::/10 ! -d ::1/128 -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00::2]:80"],
  },
  {
    name: "a range to the same ports",
    ports: [1002, 1000, 1001].map((n) => port({ hostPort: n, containerPort: n })),
    everybody: ["-p tcp -m tcp --dport 1000:1002 -j DNAT --to-destination 172.17.0.2"],
  },
  {
    name: "an IPv6 range",
    ports: [1, 2].map((n) => port({ hostIp: "2001:db8::1", containerIp: "fd00::2", hostPort: n, containerPort: n })),
    everybody: ["-d 2001:db8::1 -p tcp -m tcp --dport 1:2 -j DNAT --to-destination fd00::2"],
  },
  {
    name: "a range with a gap",
    ports: [1, 2, 4].map((n) => port({ hostPort: n, containerPort: n })),
    everybody: [
      "-p tcp -m tcp --dport 1:2 -j DNAT --to-destination 172.17.0.2",
      "-p tcp -m tcp --dport 4 -j DNAT --to-destination 172.17.0.2:4",
    ],
  },
  {
    name: "ranges of two containers that meet",
    ports: [
      port({ hostPort: 1, containerPort: 1 }),
      port({ hostPort: 2, containerPort: 2, containerIp: "172.17.0.3" }),
    ],
    everybody: [
      "-p tcp -m tcp --dport 1 -j DNAT --to-destination 172.17.0.2:1",
      "-p tcp -m tcp --dport 2 -j DNAT --to-destination 172.17.0.3:2",
    ],
  },
  {
    name: "a range to other ports",
    ports: [1, 2].map((n) => port({ hostPort: n, containerPort: n + 1 })),
    everybody: [
      "-p tcp -m tcp --dport 1 -j DNAT --to-destination 172.17.0.2:2",
      "-p tcp -m tcp --dport 2 -j DNAT --to-destination 172.17.0.2:3",
    ],
  },
];

for (const { name, ports, everybody = [], host = [] } of rows) {
  Deno.test(`portRules() publishes ${name}`, () => {
    const rules = portRules("S", ports);
    assert.deepEqual(rules.everybody.map(({ text }) => bare(text)), everybody);
    assert.deepEqual(rules.host.map(({ text }) => bare(text)), host);
  });
}
