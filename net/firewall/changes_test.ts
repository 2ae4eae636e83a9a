import assert from "node:assert/strict";
import { changes, clearing } from "./changes.ts";
import { network, port } from "./firewall_test_support.ts";
import type { FirewallState } from "./firewall_data.ts";
import { rulesOf } from "./ruleset.ts";
import { parseSaved, type SavedRules } from "./saved_rules.ts";

const state = (changes: Partial<FirewallState> = {}) =>
  rulesOf("S", 4, { networks: [network()], ports: [port()], links: [], ...changes });

/** The tables after `change` has been applied to empty ones. */
const applied = (ruleset = state()): SavedRules => changes(new Map(), ruleset).after;

/** The verbs and chains of what is to be done. */
const outline = (text: string) =>
  text.split("\n").map((line) => /^(-\w \S+|:\S+|\*\w+)/.exec(line)?.[0] ?? "").filter(Boolean);

Deno.test("changes() declares all chains before the first rule, and hangs them in", () => {
  const { text, after } = changes(new Map(), state());
  const [filter = "", nat = ""] = text.split("COMMIT\n");
  assert.match(filter, /^\*filter\n(:S-[A-Z]+ - \[0:0\]\n)+(-[AI] .*\n)+$/);
  assert.match(nat, /^\*nat\n(:S-[A-Z]+ - \[0:0\]\n)+(-[AI] .*\n)+$/);
  assert.match(filter, /\n-I FORWARD -m comment --comment "[^"]*" -j S-FORWARD\n/);
  assert.equal(changes(after, state()).text, "");
});

Deno.test("changes() finds nothing to do in what iptables-save prints of it", () => {
  const lines = [...applied()].map(([key, rules]) => {
    const [table, chain] = key.split(" ");
    return [`*${table}`, `:${chain} - [0:0]`, ...rules.map(({ text }) => `-A ${chain} ${text}`)].join("\n");
  });
  assert.equal(changes(parseSaved(lines.join("\n"), "S"), state()).text, "");
});

Deno.test("changes() puts a new rule before those that wait for their deletion", () => {
  const other = state({ ports: [port({ containerIp: "172.17.0.3" })] });
  const late = changes(applied(), other, () => false);
  assert.deepEqual(outline(late.text), ["*nat", "-I S-DNAT"]);
  assert.equal(late.left, 1);
  assert.match(late.after.get("nat S-DNAT")?.[0]?.text ?? "", /172\.17\.0\.3:80$/);
  const later = changes(late.after, other);
  assert.deepEqual(outline(later.text), ["*nat", "-D S-DNAT"]);
  assert.match(later.text, /-D .*172\.17\.0\.2:80\n/);
  assert.equal(later.left, 0);
});

Deno.test("changes() makes a fixed chain anew when a rule of it is missing", () => {
  const actual = new Map(applied());
  actual.set("filter S-FORWARD", actual.get("filter S-FORWARD")?.slice(1) ?? []);
  assert.deepEqual(outline(changes(actual, state()).text).slice(0, 3), ["*filter", ":S-FORWARD", "-A S-FORWARD"]);
});

Deno.test("changes() moves the hook of FORWARD to the front, past all but engines' like this one", () => {
  const actual = new Map(applied());
  const [hook] = actual.get("filter FORWARD") ?? [];
  assert.ok(hook);
  actual.set("filter FORWARD", [{ text: '-m comment --comment "sauropod:T from FORWARD #0" -j T-FORWARD' }, hook]);
  assert.equal(changes(actual, state()).text, "");
  actual.set("filter FORWARD", [{ text: "-j DOCKER-USER" }, hook]);
  const moved = changes(actual, state());
  assert.deepEqual(outline(moved.text), ["*filter", "-D FORWARD", "-I FORWARD"]);
  assert.deepEqual(moved.after.get("filter FORWARD")?.map(({ text }) => text), [hook.text, "-j DOCKER-USER"]);
});

Deno.test("changes() leaves the hooks of nat where they are", () => {
  const actual = new Map(applied());
  actual.set("nat PREROUTING", [{ text: "-j DOCKER" }, ...actual.get("nat PREROUTING") ?? []]);
  assert.equal(changes(actual, state()).text, "");
});

Deno.test("changes() deletes what is there twice or unknown, and leaves what is not ours", () => {
  const actual = new Map(applied());
  const rules = actual.get("nat S-DNAT") ?? [];
  const older = {
    text: '-m comment --comment "sauropod:S older #0123456789abcdef" -j ACCEPT',
    tag: "0123456789abcdef",
  };
  actual.set("nat S-DNAT", [...rules, ...rules, { text: "-j LOG" }]);
  actual.set("filter OUTPUT", [older]);
  assert.deepEqual(outline(changes(actual, state()).text), ["*filter", "-D OUTPUT", "*nat", "-D S-DNAT"]);
});

Deno.test("changes() never touches the administrator's rules", () => {
  const actual = new Map(applied());
  actual.set("filter S-USER", [{ text: "-j DROP" }]);
  actual.delete("filter S-FORWARD");
  actual.set("filter FORWARD", []);
  assert.doesNotMatch(changes(actual, state()).text, /^[:-].*S-USER -/m);
});

Deno.test("clearing() takes everything away, but a chain that an administrator has filled", () => {
  const actual = new Map(applied());
  assert.match(clearing(actual, state()), /^-X S-USER$/m);
  actual.set("filter S-USER", [{ text: "-j DROP" }]);
  const text = clearing(actual, state());
  assert.doesNotMatch(text, /S-USER$/m);
  assert.deepEqual(outline(text).filter((line) => line.startsWith("-D")), [
    "-D FORWARD",
    "-D INPUT",
    "-D PREROUTING",
    "-D OUTPUT",
    "-D POSTROUTING",
  ]);
  assert.equal(clearing(new Map(), state()), "");
});
