import assert from "node:assert/strict";
import type { Container } from "../containers/container.ts";
import type { MountPlan } from "../mount_plan.ts";
import type { Parts } from "../parts.ts";
import { requestedMounts } from "./mounts.ts";
import { inheritedMounts } from "./volumes_from.ts";

const plans: Readonly<Record<string, MountPlan[]>> = {
  db: requestedMounts({ Binds: ["data:/data", "/etc:/etc2:U"], Tmpfs: { "/run": "" } }),
  other: requestedMounts({ Binds: ["more:/data"] }),
};
const containers = {
  find(name: string): Container | undefined {
    if (plans[name] === undefined) return undefined;
    return { record: { mountPlans: plans[name] } } as unknown as Container;
  },
} as Parts["containers"];
const inherited = (...from: string[]) =>
  inheritedMounts({ containers }, from).map((plan) =>
    `${plan.kind === "volume" ? `${plan.name}${plan.copy ? " copied" : ""}` : plan.kind}:${plan.target}` +
    ("readonly" in plan && plan.readonly ? ":ro" : "") + ("chown" in plan && plan.chown ? ":U" : "")
  );

const rows = [
  { name: "all but each one's own tmpfs, and no second copy", from: ["db"], mounts: ["data:/data", "bind:/etc2"] },
  { name: "read-only", from: ["db:ro"], mounts: ["data:/data:ro", "bind:/etc2:ro"] },
  { name: "the later in place of the earlier", from: ["db:z", "other:ro"], mounts: ["more:/data:ro", "bind:/etc2"] },
];
for (const { name, from, mounts } of rows) {
  Deno.test(`inheritedMounts() gives ${name}`, () => assert.deepEqual(inherited(...from), mounts));
}

Deno.test("inheritedMounts() refuses what is none in Docker's words", () => {
  // "not found" would be the image to Docker's clients.
  assert.throws(() => inherited("nobody"), { class: "invalid", message: "No such container: nobody" });
  assert.throws(() => inherited("db:rshared"), /invalid mode: rshared/);
  assert.throws(() => inherited(":ro"), /invalid volumes-from specification: ':ro'/);
});
