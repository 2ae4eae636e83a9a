/** Device rules on the real kernel: v1's list, v2's program; the program also on the v2 tree of a hybrid machine. */
import assert from "node:assert/strict";
import type { DeviceRule } from "../../cgroup/cgroup.ts";
import { containerRules, parseDeviceRule } from "../../cgroup/device_rules.ts";
import { openCgroups } from "../../cgroup/manager.ts";
import { restrictDevices } from "../../cgroup/v2/devices.ts";
import { requires } from "../support/requires.ts";
import { reap, runIn, startIn, withGroup } from "./cgroup_test_support.ts";

const needs = { root: true, cgroup: "any", command: ["unshare", "mount", "mknod"] } as const;

/**
 * What a script about nodes of its own answers, line by line; kmsg (1:11) is the device that nobody is given. The nodes
 * lie on a tmpfs of its own: /tmp is `nodev` on many machines.
 */
const script = (folder: string) => `
  cat > ${folder}/script <<'EOF'
  mount -t tmpfs none ${folder} && cd ${folder}
  mknod null c 1 3 && mknod kmsg c 1 11 && mknod disk b 8 0 && echo made
  ( : < null ) && echo null
  ( : < kmsg ) && echo read kmsg
  [ -e kmsg ] && ( : >> kmsg ) && echo write kmsg
EOF
  exec unshare --mount sh ${folder}/script`;

const rows: readonly { name: string; rules: readonly DeviceRule[]; may: string }[] = [
  { name: "the standard devices only", rules: containerRules({}), may: "made null" },
  {
    name: "what a rule adds, and no more",
    rules: containerRules({ extra: [parseDeviceRule("c 1:11 r")] }),
    may: "made null read kmsg",
  },
  {
    name: "all devices when privileged",
    rules: containerRules({ privileged: true }),
    may: "made null read kmsg write kmsg",
  },
  {
    name: "not even make nodes where no rule says so",
    rules: [{ allow: false, type: "a", access: "rwm" }, parseDeviceRule("c 1:3 rwm")],
    may: "null",
  },
];
for (const { name, rules, may } of rows) {
  Deno.test({
    name: `a container may use ${name}`,
    ...requires(needs),
    fn: () =>
      withGroup({}, async (group) => {
        const folder = await Deno.makeTempDir({ prefix: "sauropod-devices-" });
        try {
          const { out } = await runIn(group, script(folder));
          assert.equal(out.trim().replaceAll("\n", " "), may);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      }, rules),
  });
}

/** The v2 tree of a hybrid machine, which restricts devices beside v1. */
const unified = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) => line.split(" "))
  .find(([, folder, type]) => type === "cgroup2" && folder !== "/sys/fs/cgroup")?.[1];

Deno.test({
  name: "the program of v2 is taken by the verifier and holds on a hybrid machine, too",
  ...requires({ ...needs, unless: unified === undefined ? "needs a v2 tree beside v1" : undefined }),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-devices-" });
    const group = `${unified}/sauropod-devices-${Deno.pid}`;
    try {
      await Deno.mkdir(group);
      restrictDevices(group, containerRules({}));
      await withGroup({}, async (v1) => {
        const { out } = await runIn(v1, `echo $$ > ${group}/cgroup.procs; ${script(folder)}`);
        assert.equal(out.trim().replaceAll("\n", " "), "made null");
      }, containerRules({ privileged: true }));
    } finally {
      await Deno.remove(folder, { recursive: true });
      await Deno.remove(group);
    }
  },
});

Deno.test({
  name: "a group that is opened again keeps its device rules",
  ...requires(needs),
  fn: () =>
    withGroup({}, async (group) => {
      const again = openCgroups().open(group.path);
      const shell = await startIn(again, "( : < /dev/null ) && ! ( : < /dev/kmsg )");
      assert.equal((await reap(shell)).code, 0);
    }),
});
