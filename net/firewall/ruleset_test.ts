import assert from "node:assert/strict";
import { network, port, rulesIn } from "./firewall_test_support.ts";
import { rulesOf } from "./ruleset.ts";

const nothing = { networks: [], ports: [], links: [] };

Deno.test("rulesOf() gives a packet that is forwarded to the administrator first, and to the way out last", () => {
  assert.deepEqual(rulesIn(rulesOf("S", 4, nothing), "S-FORWARD"), [
    "-j S-USER",
    "-j S-INTERNAL",
    "-j S-ACCEPT",
    "-j S-LINK",
    "-j S-BRIDGE",
    ...["docker+", "br-+", "virbr+", "podman+", "cni+", "lxcbr+", "sauropod+"].map((name) => `-o ${name} -j RETURN`),
    "-j S-OUTBOUND",
  ]);
});

const chains: { name: string; changes: Parameters<typeof network>[0]; rules: Record<string, string[]> }[] = [
  {
    name: "an ordinary bridge",
    changes: {},
    rules: {
      "S-INTERNAL": [],
      "S-ACCEPT": ["-o br0 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT"],
      "S-BRIDGE": ["-i br0 -o br0 -j ACCEPT", "! -i br0 -o br0 -j DROP"],
      "S-OUTBOUND": ["-i br0 -j ACCEPT"],
      "S-MASQ": [
        "-s 172.17.0.0/16 ! -o br0 -j MASQUERADE",
        "-s 172.17.0.0/16 -o br0 -m conntrack --ctstate DNAT -j MASQUERADE",
        "-s 127.0.0.0/8 -o br0 -j MASQUERADE",
      ],
    },
  },
  {
    name: "a bridge without masquerading",
    changes: { masquerade: false },
    rules: {
      "S-OUTBOUND": ["-i br0 -j ACCEPT"],
      "S-MASQ": [
        "-s 172.17.0.0/16 -o br0 -m conntrack --ctstate DNAT -j MASQUERADE",
        "-s 127.0.0.0/8 -o br0 -j MASQUERADE",
      ],
    },
  },
  {
    name: "a bridge without icc",
    changes: { icc: false },
    rules: { "S-BRIDGE": ["-i br0 -o br0 -j DROP", "! -i br0 -o br0 -j DROP"] },
  },
  {
    name: "an internal bridge",
    changes: { internal: true },
    rules: {
      "S-INTERNAL": ["-i br0 ! -o br0 -j DROP"],
      "S-ACCEPT": ["-i br0 -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
      "S-BRIDGE": ["-i br0 -o br0 -j ACCEPT", "! -i br0 -o br0 -j DROP"],
      "S-OUTBOUND": [],
      "S-MASQ": [],
      "S-DNAT": [],
    },
  },
];

for (const { name, changes, rules } of chains) {
  Deno.test(`rulesOf() has for ${name} its rules`, () => {
    const ruleset = rulesOf("S", 4, { ...nothing, networks: [network(changes)], ports: [port()] });
    for (const [chain, expected] of Object.entries(rules)) assert.deepEqual(rulesIn(ruleset, chain), expected, chain);
  });
}

Deno.test("rulesOf() keeps the families apart", () => {
  const state = {
    networks: [
      network({ subnets: ["172.17.0.0/16", "fd00::/64"] }),
      network({ bridge: "br1", subnets: ["10.0.0.0/8"] }),
    ],
    ports: [port(), port({ hostIp: "::", containerIp: "fd00::2" })],
    links: [{ bridge: "br0", from: "fd00::3", to: "fd00::2", port: 80, protocol: "tcp" as const }],
  };
  const four = rulesOf("S", 4, state), six = rulesOf("S", 6, state);
  assert.deepEqual(rulesIn(six, "S-OUTBOUND"), ["-i br0 -j ACCEPT"]);
  assert.deepEqual(rulesIn(six, "S-MASQ"), [
    "-s fd00::/64 ! -o br0 -j MASQUERADE",
    "-s fd00::/64 -o br0 -m conntrack --ctstate DNAT -j MASQUERADE",
  ]);
  assert.deepEqual(rulesIn(six, "S-LINK"), [
    "-s fd00::3 -d fd00::2 -i br0 -o br0 -p tcp -m tcp --dport 80 -j ACCEPT",
  ]);
  assert.equal(six.hooks.some(({ chain }) => chain === "INPUT"), false); // the kernel itself drops ::1 from a wire
  assert.deepEqual(rulesIn(four, "S-LINK"), []);
  assert.equal(rulesIn(four, "S-DNAT").length, 1);
  assert.equal(rulesIn(six, "S-DNAT").length, 1);
});

Deno.test("rulesOf() tags every rule, with names that iptables takes", () => {
  const prefix = "SAUROPOD-ab12cd34";
  const { chains, hooks } = rulesOf(prefix, 4, { ...nothing, networks: [network()], ports: [port()] });
  for (const { name } of chains) assert.ok(name.length <= 28, name);
  for (const { text } of [...hooks, ...chains.flatMap(({ rules }) => rules)]) {
    assert.match(text, /-m comment --comment "sauropod:SAUROPOD-ab12cd34 [^"'\\]{1,200} #[0-9a-f]{16}" -j /);
  }
});
