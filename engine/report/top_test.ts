import assert from "node:assert/strict";
import { EXITED, RUNNING } from "./report_test_support.ts";
import { formatRow } from "./process_row.ts";
import { parsePsOutput } from "./ps_output.ts";
import { containerTop } from "./top.ts";

const NOON = Date.parse("2026-03-05T12:00:00") / 1000; // local time, as ps shows it

/** A process that began so many seconds before noon, and had so many seconds of CPU. */
function row(began: number, busy: number, { name = "sh", tty = 0, state = "S", commandLine = "sh\0-c\0x y\0" } = {}) {
  const fields = [
    state,
    1,
    1,
    1,
    tty,
    1,
    0,
    0,
    0,
    0,
    0,
    busy * 50,
    busy * 50,
    0,
    0,
    20,
    0,
    1,
    0,
    (100_000 - began) * 100,
  ];
  return formatRow({
    stat: `77 (${name}) ${fields.join(" ")} 0 0\n`,
    status: "Name:\tsh\nUid:\t0\t1001\t0\t0\n",
    commandLine,
  }, {
    users: new Map([[1001, "ann"]]),
    bootTime: NOON - 100_000,
    now: NOON,
  });
}

Deno.test("formatRow() makes the columns of ps -ef", () => {
  assert.deepEqual(row(60, 30, { tty: (136 << 8) | 3 }), [
    "ann",
    "77",
    "1",
    "50",
    "11:59",
    "pts/3",
    "00:00:30",
    "sh -c x y",
  ]);
  assert.deepEqual(row(90_000, 3661).slice(3, 7), ["4", "Mar04", "?", "01:01:01"]);
  assert.deepEqual(row(80 * 86_400, 90_061).slice(4, 7), ["2025", "?", "1-01:01:01"]);
});

Deno.test("formatRow() is not fooled by the name of a process, and marks those without a command line", () => {
  const odd = row(60, 0, { name: ") Z 1 (", commandLine: "" });
  assert.deepEqual([odd[2], odd[7]], ["1", "[) Z 1 (]"]);
  assert.equal(row(60, 0, { state: "Z", commandLine: "" })[7], "[sh] <defunct>");
});

Deno.test("parsePsOutput() keeps the container's processes and their threads, the command in one piece", () => {
  const text = "USER   PID CMD\nroot     1 init\nann     77 sh -c  x y\nann      - thread of 77\nroot    78 other\n";
  assert.deepEqual(parsePsOutput(text, new Set([77])), {
    Titles: ["USER", "PID", "CMD"],
    Processes: [["ann", "77", "sh -c x y"], ["ann", "-", "thread of 77"]],
  });
  assert.throws(() => parsePsOutput("USER CMD\nx y\n", new Set()), { message: "Couldn't find PID field in ps output" });
});

const thisProcess = {
  id: "c1",
  state: RUNNING,
  running: { cgroup: { processes: () => [Deno.pid, 4_194_304] } }, // the second has gone, or never was
};

Deno.test("containerTop() shows the processes from /proc, and passes over those that have gone", async () => {
  for (const args of [undefined, "", "-ef"]) {
    const { Titles, Processes } = await containerTop(thisProcess, args);
    assert.deepEqual(Titles, ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
    assert.equal(Processes.length, 1);
    assert.equal(Processes[0]?.[1], String(Deno.pid));
    assert.equal(Processes[0]?.[2], String(Deno.ppid));
    assert.match(Processes[0]?.[7] ?? "", /deno/);
  }
});

Deno.test("containerTop() refuses what does not run, and a column that is called PID and is none", async () => {
  const stopped = { id: "c1", state: EXITED, running: undefined };
  await assert.rejects(containerTop(stopped), { message: "Container c1 is not running", class: "conflict" });
  const waiting = { ...stopped, state: { ...EXITED, restarting: true } as typeof EXITED };
  await assert.rejects(containerTop(waiting), {
    message: "Container c1 is restarting, wait until the container is running",
  });
  await assert.rejects(containerTop(thisProcess, "-o ppid=PID"), { class: "invalid" });
});
