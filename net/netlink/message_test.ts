/** Requests against what `ip` sends, and messages that lie about their length. */
import assert from "node:assert/strict";
import { Fd } from "../../sys/fd.ts";
import { addAddress, removeAddress } from "./address.ts";
import { Attributes, attributesIn, nested, text, u32 } from "./attribute.ts";
import { GOLDEN } from "./golden_test_support.ts";
import * as link from "./link.ts";
import { encodeRequests, messagesIn, NLM_F, type Request } from "./message.ts";
import { createBridge, createIpvlan, createMacvlan, createVeth } from "./new_link.ts";
import { addRoute, removeRoute } from "./route.ts";

/** Numbers as they were when the messages were taken; nothing is done with the descriptor. */
const namespace = new Fd(4);
const veth = { name: "veth0", bridge: 0, mtu: 1400, peer: { name: "eth0", namespace, mac: "02:42:ac:11:00:02" } };
const [mark, removeGroup] = link.deleteTogether([5], 77);

const SAME: Record<Exclude<keyof typeof GOLDEN, "veth">, Request | undefined> = {
  bridge: createBridge({ name: "br0", mtu: 1400, mac: "02:42:00:00:00:01" }),
  up: link.raiseLink(2),
  address: addAddress(2, "172.17.0.1/16"),
  address6: addAddress(2, "fd00::1/64", { noDad: true }),
  removeAddress: removeAddress(2, "172.17.0.1/16"),
  route: addRoute({ to: "10.9.0.0/24", via: "172.17.0.2", index: 2 }),
  defaultRoute: addRoute({ to: "default", via: "172.17.0.2", index: 2 }),
  linkRoute: addRoute({ to: "10.8.0.0/24", index: 2 }),
  metricRoute: addRoute({ to: "default", via: "172.17.0.3", index: 2, metric: 7 }),
  route6: addRoute({ to: "fd01::/64", index: 2 }),
  removeRoute: removeRoute({ to: "10.9.0.0/24", via: "172.17.0.2", index: 2 }),
  macvlan: createMacvlan({ name: "mv1", parent: 2, mode: "private", namespace, mac: "02:42:ac:11:00:09" }),
  ipvlan: createIpvlan({ name: "iv0", parent: 3, mode: "l3", namespace }),
  isolate: link.isolatePort(5, true),
  group: mark,
  removeGroup,
  remove: link.deleteLink(2),
};

for (const [name, request] of Object.entries(SAME)) {
  Deno.test(`the request "${name}" is what ip sends, byte for byte`, () => {
    assert.ok(request);
    assert.equal(encodeRequests([request], 1).toHex(), GOLDEN[name as keyof typeof GOLDEN]);
  });
}

Deno.test("the request for a veth is ip's, and says of the outer end that it is up and whose port it is", () => {
  const ours = encodeRequests([createVeth(veth)], 1);
  const theirs = Uint8Array.fromHex(GOLDEN.veth);
  // ip sets no master and no flags; and it puts the peer's name and namespace at another place.
  assert.deepEqual(tree(ours), { ...tree(theirs), 10: "00000000" });
  assert.equal(ours.subarray(24, 32).toHex(), "0100000001000000");
});

/** Attributes of a link by number, those inside of others as objects. */
function tree(message: Uint8Array): Record<number, unknown> {
  const inside = (bytes: Uint8Array, path: string): Record<number, unknown> =>
    Object.fromEntries(
      Array.from(attributesIn(bytes), ([type, value]) => {
        const at = `${path}/${type}`;
        if (at === "/18" || at === "/18/2") return [type, inside(value, at)];
        return [type, at === "/18/2/1" ? inside(value.subarray(16), at) : value.toHex()];
      }),
    );
  return inside(message.subarray(32), "");
}

Deno.test("several requests stand in a row, numbered, each aligned to four bytes", () => {
  const bytes = encodeRequests([link.findLink("eth10"), link.raiseLink(3)], 41);
  const messages = [...messagesIn(bytes)];
  assert.deepEqual(messages.map(({ sequence }) => sequence), [41, 42]);
  assert.deepEqual(messages.map(({ flags }) => flags), [NLM_F.REQUEST | NLM_F.ACK, NLM_F.REQUEST | NLM_F.ACK]);
  assert.equal(messages[1]?.payload.byteOffset, 52 + 16);
});

Deno.test("an attribute that is too long for its length field is refused, so none can be smuggled in", () => {
  for (const name of ["x".repeat(0xffff), "x".repeat(0x10000 + 8)]) {
    assert.throws(() => encodeRequests([link.findLink(name)], 1), /is \d+ bytes long, 65535 fit/);
  }
  const long = Array.from({ length: 10 }, () => text(1, "x".repeat(8000)));
  const request = { ...link.deleteLink(1), attributes: [nested(2, long)] };
  assert.throws(() => encodeRequests([request], 1), /netlink attribute 2 is 80[0-9]+ bytes long/);
});

Deno.test("messages and attributes that reach beyond what was received are refused", () => {
  const good = Uint8Array.fromHex(GOLDEN.bridge);
  for (const [length, at] of [[15, 0], [0, 0], [0xffff, 0], [3, 32], [0, 32], [200, 32]] as const) {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint16(at, length, true);
    assert.throws(() => {
      for (const { payload } of messagesIn(bytes)) new Attributes(payload.subarray(16));
    }, /netlink (message|attribute) of \d+ bytes where \d+ are left/);
  }
});

Deno.test("any cut of a list of links is either read or refused, without end or overrun", () => {
  const whole = encodeRequests([createVeth(veth), createBridge({ name: "br0" })], 1);
  for (let size = 0; size <= whole.length; size++) {
    try {
      for (const message of messagesIn(whole.subarray(0, size))) link.decodeLink(message);
    } catch (error) {
      assert.match(String(error), /are left/);
    }
  }
});

Deno.test("what is not there is undefined, and a number that is too short is, too", () => {
  const [message] = messagesIn(encodeRequests([{ ...link.deleteLink(1), attributes: [u32(4, 7), text(3, "a")] }], 1));
  const attributes = new Attributes(message?.payload.subarray(16) ?? new Uint8Array());
  assert.equal(attributes.u32(4), 7);
  assert.equal(attributes.u32(3), undefined);
  assert.equal(attributes.text(9), undefined);
});
