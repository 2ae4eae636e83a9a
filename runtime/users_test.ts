import assert from "node:assert/strict";
import { parseGroup, parsePasswd, resolveUser } from "./users.ts";

const passwd = `# comment
root:x:0:0:root:/root:/bin/sh
alice:x:1000:1001:Alice:/home/alice:/bin/sh
1337:x:0:0:trap:/root:/bin/sh
nohome:x:5:6::
big:x:2147483647:1::/:
overflow:x:4294967296:1::/:
bad:x:zero:0::/:
again:x:1000:7::/elsewhere:
`;
const group = `root:x:0:root
wheel:x:10:root,alice
audio:x:63:alice
alice:x:1001:
2000:x:0:
huge:x:4294967294:
`;
const files = { passwd, group };
const resolve = (spec: string, groupAdd: string[] = []) => resolveUser(spec, groupAdd, files);

const found = [
  { spec: "", uid: 0, gid: 0, groups: [0, 10], home: "/root", name: "root" },
  { spec: "root", uid: 0, gid: 0, groups: [0, 10], home: "/root", name: "root" },
  { spec: "alice", uid: 1000, gid: 1001, groups: [1001, 10, 63], home: "/home/alice", name: "alice" },
  { spec: "alice:", uid: 1000, gid: 1001, groups: [1001, 10, 63], home: "/home/alice", name: "alice" },
  { spec: "1000", uid: 1000, gid: 1001, groups: [1001, 10, 63], home: "/home/alice", name: "alice" },
  { spec: "01000", uid: 1000, gid: 1001, groups: [1001, 10, 63], home: "/home/alice", name: "alice" },
  { spec: "alice:audio", uid: 1000, gid: 63, groups: [63], home: "/home/alice", name: "alice" },
  { spec: "1000:4242", uid: 1000, gid: 4242, groups: [4242], home: "/home/alice", name: "alice" },
  { spec: ":audio", uid: 0, gid: 63, groups: [63], home: "/root", name: "root" },
  { spec: "nohome", uid: 5, gid: 6, groups: [6], home: "/", name: "nohome" },
  { spec: "9999", uid: 9999, gid: 0, groups: [0], home: "/" },
  { spec: "1", uid: 1, gid: 0, groups: [0], home: "/" },
  { spec: "2147483646", uid: 2147483646, gid: 0, groups: [0], home: "/" },
];
for (const { spec, ...user } of found) {
  Deno.test(`resolveUser(${JSON.stringify(spec)}) is uid ${user.uid}, gid ${user.gid}`, () => {
    assert.deepEqual(resolve(spec), user);
  });
}

Deno.test("digits are never a name, even when the files have that name", () => {
  assert.equal(resolve("1337").uid, 1337);
  assert.equal(resolve("5:2000").gid, 2000);
  assert.deepEqual(resolve("5:6", ["2000"]).groups, [6, 2000]);
});

Deno.test("groups always have the primary group, then memberships, then groupAdd, each once", () => {
  assert.deepEqual(resolve("alice", ["audio", "77", "wheel", "0"]).groups, [1001, 10, 63, 77, 0]);
  assert.deepEqual(resolve("alice:0", ["audio"]).groups, [0, 63]);
});

const refused = [
  { spec: "nobody", message: "unable to find user nobody: no matching entries in passwd file" },
  { spec: "bad", message: "unable to find user bad: no matching entries in passwd file" },
  { spec: "root;0", message: "unable to find user root;0: no matching entries in passwd file" },
  { spec: "0x1", message: "unable to find user 0x1: no matching entries in passwd file" },
  { spec: "1e3", message: "unable to find user 1e3: no matching entries in passwd file" },
  { spec: " 1", message: "unable to find user  1: no matching entries in passwd file" },
  { spec: "root:nogroup", message: "unable to find group nogroup: no matching entries in group file" },
  { spec: "2147483647", message: "uids and gids must be in range 0-2147483646" },
  { spec: "4294967296", message: "uids and gids must be in range 0-2147483646" },
  { spec: "18446744073709551616", message: "uids and gids must be in range 0-2147483646" },
  { spec: "-1", message: "uids and gids must be in range 0-2147483646" },
  { spec: "+1", message: "uids and gids must be in range 0-2147483646" },
  { spec: "0:-1", message: "uids and gids must be in range 0-2147483646" },
  { spec: "big", message: "uids and gids must be in range 0-2147483646" },
  { spec: "overflow", message: "uids and gids must be in range 0-2147483646" },
  { spec: "root:huge", message: "uids and gids must be in range 0-2147483646" },
  { spec: "a:b:c", message: 'invalid user "a:b:c": expected USER[:GROUP]' },
];
for (const { spec, message } of refused) {
  Deno.test(`resolveUser(${JSON.stringify(spec)}) is refused: ${message}`, () => {
    assert.throws(() => resolve(spec), { class: "invalid", message });
  });
}

Deno.test("an unknown group to add is refused", () => {
  assert.throws(() => resolve("", ["nope"]), {
    message: "unable to find group nope: no matching entries in group file",
  });
});

Deno.test("empty files give root with group 0 and home /", () => {
  assert.deepEqual(resolveUser("", [], { passwd: "", group: "" }), { uid: 0, gid: 0, groups: [0], home: "/" });
});

Deno.test("lines over 4096 characters are ignored, and so are entries after 65,536", () => {
  const long = `long:x:1:1::${"/a".repeat(2100)}:\nshort:x:2:2::/:`;
  assert.deepEqual(parsePasswd(long).map((user) => user.name), ["short"]);
  const many = Array.from({ length: 65_600 }, (_, i) => `g${i}:x:${i}:`).join("\n");
  assert.equal(parseGroup(many).length, 65_536);
});

Deno.test("CRLF line ends and a missing last newline do not matter", () => {
  assert.deepEqual(parseGroup("a:x:1:u,v\r\nb:x:2:"), [
    { name: "a", gid: 1, members: ["u", "v"] },
    { name: "b", gid: 2, members: [] },
  ]);
});
