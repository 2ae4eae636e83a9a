/** A further process in a running container. */
import assert from "node:assert/strict";
import type { ExecSpec, ProcessSpec } from "../../runtime/container_spec.ts";
import { StartError } from "../../runtime/start/start.ts";
import { type StdioWish } from "../../runtime/stdio.ts";
import { O, open } from "../../sys/open.ts";
import { requires } from "../support/requires.ts";
import { Place, plainSpec, processSpec, Running } from "../support/started.ts";

const needs = requires({ root: true, command: "busybox", kernel: "5.12" });
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...needs, fn });

/** Runs something in a container whose PID 1 waits for the end of its stdin. */
async function inContainer(
  body: (
    exec: (wish: Partial<ProcessSpec>, streams?: Partial<StdioWish>) => Promise<Running>,
    pid: number,
  ) => Promise<void>,
): Promise<void> {
  using place = new Place();
  await using container = await Running.start(await plainSpec(place, { process: { args: ["cat"] } }), place, {
    stdin: true,
  });
  await body((wish, streams) => {
    const spec: ExecSpec = { target: container.started.process, cgroup: { tasks: [] }, process: processSpec(wish) };
    return Running.exec(spec, place, streams);
  }, container.started.pid);
}

test("an exec is in all namespaces of the container, in its root, and its exit code is kept", async () => {
  await inContainer(async (exec, pid) => {
    const script = "for n in pid net ipc uts cgroup mnt; do readlink /proc/self/ns/$n; done; hostname; pwd; exit 9";
    await using running = await exec({ args: ["sh", "-c", script], cwd: "/tmp" });
    const { stdout, exitCode } = await running.end();
    const own = ["pid", "net", "ipc", "uts", "cgroup", "mnt"].map((n) => Deno.readLinkSync(`/proc/${pid}/ns/${n}`));
    assert.deepEqual(stdout.split("\n"), [...own, "box", "/tmp", ""]);
    assert.equal(exitCode, 9);
  });
});

test("an exec has nothing open but its streams, and the rights that were asked for", async () => {
  await inContainer(async (exec) => {
    const script = "exec ls /proc/self/fd";
    await using list = await exec({ args: ["sh", "-c", script] });
    assert.equal((await list.end()).stdout, "0\n1\n2\n3\n");
    await using status = await exec({
      args: ["cat", "/proc/self/status"],
      user: { uid: 7, gid: 8, groups: [8, 9] },
      noNewPrivileges: true,
    });
    const { stdout } = await status.end();
    for (const line of [/Uid:\t7\t7\t7\t7/, /Groups:\t8 9/, /CapEff:\t0{16}/, /CapInh:\t0{16}/, /NoNewPrivs:\t1/]) {
      assert.match(stdout, line);
    }
  });
});

test("the keeper of an exec leaves when the process has ended", async () => {
  await inContainer(async (exec) => {
    await using running = await exec({ args: ["true"] });
    await running.keeperGone();
    assert.equal((await running.end()).exitCode, 0);
  });
});

test("an exec with a terminal has one of the container's", async () => {
  await inContainer(async (exec, pid) => {
    using root = open(`/proc/${pid}/root`, O.PATH);
    await using running = await exec({ args: ["sh", "-c", "tty; echo ok < /dev/tty"], terminal: true }, {
      terminal: true,
      devpts: { root },
    });
    assert.equal((await running.end()).stdout, "/dev/pts/0\r\nok\r\n");
  });
});

const refusals = [
  { name: "no such command", wish: { args: ["foo"] }, exitCode: 127, message: /executable file not found in \$PATH/ },
  {
    name: "no such folder",
    wish: { cwd: "/nope" },
    exitCode: 127,
    message: /chdir to cwd \("\/nope"\) set in config.json failed: no such file or directory/,
  },
];
for (const { name, wish, exitCode, message } of refusals) {
  test(`an exec with ${name} fails with docker's sentence, and the container goes on`, async () => {
    await inContainer(async (exec) => {
      const error = await exec(wish).then(() => undefined, (error) => error);
      assert.ok(error instanceof StartError);
      assert.match(error.message, message);
      assert.equal(error.exitCode, exitCode);
      await using running = await exec({ args: ["true"] });
      assert.equal((await running.end()).exitCode, 0);
    });
  });
}

test("an exec into a container that has ended is a conflict", async () => {
  using place = new Place();
  await using container = await Running.start(await plainSpec(place), place);
  await container.end();
  const spec: ExecSpec = { target: container.started.process, cgroup: { tasks: [] }, process: processSpec({}) };
  await assert.rejects(Running.exec(spec, place), { class: "conflict", message: "the container is not running" });
});
