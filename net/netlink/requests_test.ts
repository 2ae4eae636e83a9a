/** What requests refuse, and how lists are read. */
import assert from "node:assert/strict";
import { EngineError } from "../../base/errors.ts";
import { Fd } from "../../sys/fd.ts";
import { addAddress } from "./address.ts";
import { nested, NLA_F_NESTED, u32, u8 } from "./attribute.ts";
import { decodeFlow, deleteFlow, listFlows } from "./flow.ts";
import { broadcastOf, bytesOf, ipOf, splitCidr } from "./ip_bytes.ts";
import { encodeRequests, type Message, messagesIn } from "./message.ts";
import { createBridge, createMacvlan } from "./new_link.ts";
import { addRoute, decodeRoute } from "./route.ts";

const invalid = (error: unknown) => error instanceof EngineError && error.class === "invalid";

for (
  const cidr of [
    "172.17.0.1",
    "172.17.0.1/33",
    "172.17.1/16",
    "0xac.17.0.1/16",
    "172.17.0.1/",
    "/16",
    "fd00::/129",
    "x/8",
    "1.2.3.4/8/8",
    "1.2.3.4/-1",
  ]
) {
  Deno.test(`addAddress() refuses ${cidr}`, () => assert.throws(() => addAddress(1, cidr), invalid));
}

for (const mac of ["02:42:ac:11:00", "02:42:ac:11:00:0g", "02-42-ac-11-00-02", "02:42:ac:11:00:02:03", ""]) {
  Deno.test(`a link is not made with the MAC address "${mac}"`, () => {
    assert.throws(() => createBridge({ name: "b", mac }), invalid);
    assert.throws(() => createMacvlan({ name: "m", parent: 1, mode: "vepa", namespace: new Fd(4), mac }), invalid);
  });
}

const BROADCAST = [
  { ip: "172.17.5.1", prefix: 16, last: "172.17.255.255" },
  { ip: "10.0.0.1", prefix: 8, last: "10.255.255.255" },
  { ip: "192.168.4.9", prefix: 20, last: "192.168.15.255" },
  { ip: "192.168.4.9", prefix: 30, last: "192.168.4.11" },
  { ip: "192.168.4.9", prefix: 32, last: "192.168.4.9" },
  { ip: "192.168.4.9", prefix: 0, last: "255.255.255.255" },
];
for (const { ip, prefix, last } of BROADCAST) {
  Deno.test(`the last address of ${ip}/${prefix} is ${last}`, () => {
    assert.equal(ipOf(broadcastOf(bytesOf(ip), prefix)), last);
  });
}

Deno.test("addresses of IPv6 are written short", () => {
  assert.equal(ipOf(splitCidr("fd00:0:0:0::0001/64").ip), "fd00::1");
});

Deno.test("a point-to-point or host address has no broadcast address", () => {
  assert.equal(addAddress(1, "10.0.0.1/32").attributes.length, 2);
  assert.equal(addAddress(1, "10.0.0.1/31").attributes.length, 2);
  assert.equal(addAddress(1, "10.0.0.1/30").attributes.length, 3);
});

/** An answer of the kernel with `payload`. */
function message(payload: Uint8Array): Message {
  return { type: 24, flags: 2, sequence: 1, payload };
}

/** What a request says, as if the kernel had said it. */
function echoed(request: Parameters<typeof encodeRequests>[0][number]): Message {
  const [first] = messagesIn(encodeRequests([request], 1));
  assert.ok(first);
  return first;
}

const ROUTES = [
  { to: "default", via: "172.17.0.1", index: 2, family: 4 },
  { to: "10.0.0.0/8", index: 3, family: 4 },
  { to: "default", via: "fd00::1", index: 2, family: 6 },
  { to: "fd01::/64", index: 2, family: 6 },
  { to: "default", index: 2, family: 6 },
] as const;
for (const route of ROUTES) {
  Deno.test(`a route to ${route.to} ${"via" in route ? `via ${route.via}` : "on the link"} is read as written`, () => {
    assert.deepEqual(decodeRoute(echoed(addRoute(route))), { ...route, table: 254 });
  });
}

Deno.test("of a route with several ways the first is told", () => {
  const hops = encodeRequests([{
    ...addRoute({ to: "10.0.0.0/8" }),
    attributes: [
      { type: 1, value: bytesOf("10.0.0.0") },
      {
        type: 9,
        value: Uint8Array.fromHex("1000000002000000" + "08000500ac110001" + "1000000003000000" + "08000500ac110002"),
      },
    ],
  }], 1);
  const [first] = messagesIn(hops);
  assert.ok(first);
  assert.deepEqual(decodeRoute(first), { to: "10.0.0.0/8", via: "172.17.0.1", index: 2, table: 254, family: 4 });
});

for (const [type, name] of [[2, "local"], [3, "broadcast"], [4, "anycast"], [5, "multicast"]] as const) {
  Deno.test(`a ${name} route is not listed`, () => {
    const payload = new Uint8Array(12);
    payload.set([2, 32, 0, 0, 255, 2, 254, type]);
    assert.equal(decodeRoute(message(payload)), undefined);
  });
}

Deno.test("a flow is deleted by its own tuple, zone and id", () => {
  const tuple = (source: string, target: string) => [
    nested(1 | NLA_F_NESTED, [{ type: 1, value: bytesOf(source) }, { type: 2, value: bytesOf(target) }]),
    nested(2 | NLA_F_NESTED, [u8(1, 17), { type: 2, value: Uint8Array.of(0x9c, 0x40) }, {
      type: 3,
      value: Uint8Array.of(0, 53),
    }]),
  ];
  const seen = echoed({
    ...listFlows({ family: 2, protocol: "udp", targetPort: 53 }),
    attributes: [
      nested(1 | NLA_F_NESTED, tuple("10.0.0.1", "10.0.0.2")),
      nested(2 | NLA_F_NESTED, tuple("172.17.0.2", "10.0.0.1")),
      u32(3, 8),
      u32(12, 0x01020304),
    ],
  });
  const flow = decodeFlow(seen);
  assert.ok(flow);
  assert.deepEqual(flow.original, {
    source: "10.0.0.1",
    target: "10.0.0.2",
    protocol: 17,
    sourcePort: 40000,
    targetPort: 53,
  });
  assert.equal(flow.reply.source, "172.17.0.2");
  const request = deleteFlow(flow);
  assert.equal(request.object, "10.0.0.1:40000 to 10.0.0.2:53");
  const sent = echoed(request).payload.toHex();
  assert.ok(sent.startsWith("02000000") && sent.includes("08000c0004030201"), sent);
  assert.deepEqual(
    decodeFlow(echoed({ ...request, attributes: [...request.attributes, nested(2, tuple("1.1.1.1", "2.2.2.2"))] }))
      ?.original,
    flow.original,
  );
});
