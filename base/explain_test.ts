import assert from "node:assert/strict";
import { renderNetworkSteps, renderTape } from "./explain.ts";
import type { TapeListingEntry } from "./container_engine.ts";

const entry = (wish: Partial<TapeListingEntry>): TapeListingEntry => ({
  index: 0,
  actor: "process",
  call: "setsid",
  args: [],
  raw: [],
  number: 112,
  label: "start a session",
  reason: "a terminal wants it",
  ...wish,
});

Deno.test("renderTape() writes a call as strace does, with label and reason behind it", () => {
  const args = ['"tmpfs"', '"/dev"', '"tmpfs"', "MS_NOSUID", '"mode=755"'];
  const text = renderTape({ architecture: "x86_64", entries: [entry({ call: "mount", args, label: "mount tmpfs" })] });
  assert.match(
    text,
    /^0 {2}mount\("tmpfs", "\/dev", "tmpfs", MS_NOSUID, "mode=755"\) +# mount tmpfs: a terminal wants it$/m,
  );
});

Deno.test("renderTape() says where it goes on after a failure and after 0", () => {
  const entries = [entry({ onError: 1 }), entry({ index: 1, onError: 7, onZero: 3 })];
  const text = renderTape({ architecture: "x86_64", entries });
  assert.match(text, /^0 {2}setsid\(\) \[may fail\]/m);
  assert.match(text, /^1 {2}setsid\(\) \[fails: go to 7, 0: go to 3\]/m);
});

Deno.test("renderTape() puts a heading where another process goes on", () => {
  const text = renderTape({ architecture: "x86_64", entries: [entry({ actor: "keeper" }), entry({ index: 1 })] });
  assert.deepEqual(text.split("\n").filter((line) => line.startsWith("# ")).length, 3);
  assert.ok(text.indexOf("# the keeper") < text.indexOf("# the process"));
});

Deno.test("renderTape() cuts an argument of several pages", () => {
  const text = renderTape({ architecture: "x86_64", entries: [entry({ args: ["x".repeat(5000)] })] });
  assert.ok(text.length < 500);
});

Deno.test("renderNetworkSteps() puts the reason behind each step, and a heading where another network stack is meant", () => {
  const steps = [
    { kind: "netlink", place: "host", text: "RTM_GETLINK find link br-1", reason: "its index" },
    { kind: "dns", place: "container", text: "web -> 10.0.0.2", reason: "its name" },
    {
      kind: "firewall",
      place: "host",
      text: 'iptables -t nat -I X -p tcp -m comment --comment "sauropod:X publishes #0a" -j DNAT',
      reason: "publishes",
    },
  ] as const;
  const lines = renderNetworkSteps(steps).split("\n").map((line) => line.replace(/ {2,}#/, "  #"));
  assert.deepEqual(lines, [
    "# 3 steps for the network, done in this order",
    "",
    "# on the host",
    "0  netlink   RTM_GETLINK find link br-1  # its index",
    "",
    "# in the container's network namespace",
    "1  dns       web -> 10.0.0.2  # its name",
    "",
    "# on the host",
    "2  firewall  iptables -t nat -I X -p tcp -j DNAT  # publishes",
    "",
  ]);
  assert.ok(renderTape({ architecture: "x86_64", entries: [], network: steps }).endsWith(renderNetworkSteps(steps)));
});
