import assert from "node:assert/strict";
import { addAddress, listAddresses } from "../../net/netlink/address.ts";
import { listFlows } from "../../net/netlink/flow.ts";
import { findLink, isolatePort, listLinks, raiseLink, reflectPort } from "../../net/netlink/link.ts";
import type { Request } from "../../net/netlink/message.ts";
import { createBridge, createIpvlan, createMacvlan, createVeth } from "../../net/netlink/new_link.ts";
import { addRoute, listRoutes } from "../../net/netlink/route.ts";
import { Fd } from "../../sys/fd.ts";
import { explained, networkSteps, reasonOf } from "./network_steps.ts";
import type { NetworkAction, Place } from "./recorder.ts";

const namespace = new Fd(9);
const USED: Readonly<Record<Place, readonly Request[]>> = {
  host: [
    listRoutes(),
    listAddresses(),
    findLink("br-1"),
    createBridge({ name: "br-1" }),
    addAddress(2, "10.0.0.1/24"),
    raiseLink(2),
    createVeth({ name: "v", bridge: 2, peer: { name: "eth0", namespace, mac: "02:42:0a:00:00:02" } }),
    createMacvlan({ name: "eth0", parent: 2, mode: "bridge", namespace }),
    createIpvlan({ name: "eth0", parent: 2, mode: "l2", namespace }),
    reflectPort(3, true),
    isolatePort(3, true),
    listFlows({ family: 2, protocol: "udp", targetPort: 53 }),
  ],
  container: [
    listLinks(),
    findLink("eth0"),
    raiseLink(2),
    addAddress(2, "10.0.0.2/24"),
    addRoute({ to: "default", via: "10.0.0.1" }),
  ],
};

for (const place of ["host", "container"] as const) {
  for (const request of USED[place]) {
    Deno.test(`"${request.verb} ${request.object}" in the network stack of the ${place} has a reason`, () => {
      assert.notEqual(reasonOf(place, request), "");
    });
  }
}

const STEPS: readonly { name: string; action: NetworkAction; steps: readonly string[] }[] = [
  {
    name: "a request is decoded",
    action: { kind: "netlink", place: "container", request: raiseLink(2) },
    steps: ["netlink container RTM_NEWLINK set up link 2: ifi_index=2 ifi_flags=IFF_UP"],
  },
  {
    name: "a setting reads as sysctl(8) has it",
    action: { kind: "sysctl", place: "host", path: "ipv4/ip_forward", value: "1" },
    steps: ["sysctl host net.ipv4.ip_forward = 1"],
  },
  {
    name: "the input of ip6tables-restore is a step for each line, chains too",
    action: {
      kind: "firewall",
      place: "host",
      family: 6,
      text: `*filter
:S-A - [0:0]
-A S-A -i b -m comment --comment "sauropod:S lets in #0123456789abcdef" -j ACCEPT
COMMIT
*nat
-D S-B -m comment --comment "sauropod:S publishes [::]:80/tcp #fedcba9876543210" -j DNAT
COMMIT
`,
    },
    steps: [
      "firewall host ip6tables -t filter -N S-A",
      'firewall host ip6tables -t filter -A S-A -i b -m comment --comment "sauropod:S lets in #0123456789abcdef" -j ACCEPT',
      "firewall host ip6tables -t nat -D S-B -m comment " +
      '--comment "sauropod:S publishes [::]:80/tcp #fedcba9876543210" -j DNAT',
    ],
  },
  {
    name: "each name is a step, and so is the way back from each address",
    action: { kind: "names", network: "n", names: ["web", "www"], addresses: ["10.0.0.2", "fd00::2"] },
    steps: [
      "dns container web, web.n -> 10.0.0.2, fd00::2",
      "dns container www, www.n -> 10.0.0.2, fd00::2",
      "dns container 10.0.0.2 -> web.n",
      "dns container fd00::2 -> web.n",
    ],
  },
  {
    name: "a name server says where it listens",
    action: { kind: "resolver", address: "127.0.0.11", ports: { udp: 53, tcp: 5300 }, forwards: false },
    steps: ["dns container listen on 127.0.0.11:53 (UDP), 127.0.0.11:5300 (TCP)"],
  },
  {
    name: "a port that is carried says from where to where",
    action: { kind: "proxy", listens: "[::]:80", protocol: "tcp", target: "10.0.0.2:8080" },
    steps: ["proxy host [::]:80/tcp -> 10.0.0.2:8080"],
  },
];

for (const { name, action, steps } of STEPS) {
  Deno.test(`networkSteps(): ${name}`, () => {
    const shown = networkSteps([action]);
    assert.deepEqual(shown.map(({ kind, place, text }) => `${kind} ${place} ${text}`), steps);
    for (const { reason, text } of shown) assert.notEqual(reason, "", text);
  });
}

Deno.test("the reason of a rule is its comment, and of one that is deleted, that it is wanted no more", () => {
  const comment = '-m comment --comment "sauropod:S-1 publishes 0.0.0.0:80/tcp #0123456789abcdef"';
  const text = `*nat\n-I S-1-DNAT ${comment} -j X\n-D S-1-DNAT ${comment} -j X\nCOMMIT\n`;
  assert.deepEqual(networkSteps([{ kind: "firewall", place: "host", family: 4, text }]).map(({ reason }) => reason), [
    "publishes 0.0.0.0:80/tcp",
    "wanted no more: publishes 0.0.0.0:80/tcp",
  ]);
});

Deno.test("explained() tells nothing where nothing was recorded, and of nothing done that there are no steps", () => {
  assert.deepEqual(explained(undefined), {});
  assert.deepEqual(explained([]), { Steps: [] });
});
