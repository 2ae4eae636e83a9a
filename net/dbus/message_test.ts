/** Against what `dbus-send` and dbus-daemon 1.14 wrote and read (strace). */
import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { decodeReply, encodeCall, messageLength } from "./message.ts";

const golden = {
  call: "6c0100011400000002000000a000000001016f001d0000002f6f72672f6665646f726170726f6a6563742f4669726577" +
    "616c6c443100000002017300210000006f72672e6665646f726170726f6a6563742e4669726577616c6c44312e7a6f6e" +
    "6500000000000000030173000c000000616464496e7465726661636500000000060173001c0000006f72672e6665646f" +
    "726170726f6a6563742e4669726577616c6c443100000000080167000273730007000000747275737465640003000000" +
    "62723000",
  hello: "6c02010109000000010000003d00000006017300040000003a312e300000000005017500010000000801670001730000" +
    "07017300140000006f72672e667265656465736b746f702e4442757300000000040000003a312e3000",
  signal: "6c04010109000000020000008d00000001016f00150000002f6f72672f667265656465736b746f702f44427573000000" +
    "02017300140000006f72672e667265656465736b746f702e4442757300000000030173000c0000004e616d6541637175" +
    "697265640000000006017300040000003a312e3000000000080167000173000007017300140000006f72672e66726565" +
    "6465736b746f702e4442757300000000040000003a312e3000",
  error: "6c03010151000000030000007500000006017300040000003a312e300000000004017300290000006f72672e66726565" +
    "6465736b746f702e444275732e4572726f722e53657276696365556e6b6e6f776e000000000000000501750002000000" +
    "080167000173000007017300140000006f72672e667265656465736b746f702e44427573000000004c00000054686520" +
    "6e616d65206f72672e6665646f726170726f6a6563742e4669726577616c6c443120776173206e6f742070726f766964" +
    "656420627920616e79202e736572766963652066696c657300",
};
const bytes = (name: keyof typeof golden): Bytes => Uint8Array.fromHex(golden[name]);

Deno.test("encodeCall() writes what dbus-send writes, and that no service is to be started for it", () => {
  const name = "org.fedoraproject.FirewallD1";
  const call = { destination: name, path: "/org/fedoraproject/FirewallD1", interface: `${name}.zone` };
  const expected = bytes("call");
  expected[2] = 2; // NO_AUTO_START
  assert.deepEqual(encodeCall({ ...call, member: "addInterface", args: ["trusted", "br0"] }, 2), expected);
});

Deno.test("decodeReply() reads answers, signals and errors", () => {
  assert.deepEqual(decodeReply(bytes("hello")), { serial: 1, text: ":1.0" });
  assert.deepEqual(decodeReply(bytes("signal")), { text: ":1.0" });
  assert.deepEqual(decodeReply(bytes("error")), {
    serial: 2,
    error: "org.freedesktop.DBus.Error.ServiceUnknown",
    text: "The name org.fedoraproject.FirewallD1 was not provided by any .service files",
  });
});

Deno.test("messageLength() tells where the next message begins, as soon as it can", () => {
  const both = new Uint8Array([...bytes("hello"), ...bytes("signal")]);
  assert.equal(messageLength(both), bytes("hello").length);
  assert.equal(messageLength(both.subarray(0, 16)), bytes("hello").length);
  assert.equal(messageLength(both.subarray(0, 15)), undefined);
});

Deno.test("what is no message of ours is refused", () => {
  const big = bytes("call");
  big[0] = "B".charCodeAt(0);
  assert.throws(() => messageLength(big), { message: "D-Bus: a message that is not little endian" });
  const long = bytes("call");
  new DataView(long.buffer).setUint32(4, 0x7fff_0000, true);
  assert.throws(() => messageLength(long), { message: /^D-Bus: a message of \d+ bytes$/ });
});
