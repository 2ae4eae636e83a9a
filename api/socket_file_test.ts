import assert from "node:assert/strict";
import { folderOf, groupId } from "./socket_file.ts";

Deno.test("groupId() finds the number of a group by its whole name", () => {
  const groups = "root:x:0:\nnotdocker:x:5:\ndocker:x:106:ann,bob\n";
  assert.equal(groupId(groups, "docker"), 106);
  assert.equal(groupId(groups, "wheel"), undefined);
});

Deno.test("folderOf() of a file in the root is the root", () => {
  assert.equal(folderOf("/run/sauropod/s.sock"), "/run/sauropod");
  assert.equal(folderOf("/s.sock"), "/");
});
