import assert from "node:assert/strict";
import { rule, tagOf } from "./rule.ts";
import { parseSaved } from "./saved_rules.ts";

Deno.test("parseSaved() knows our rules by their comments, however iptables prints the rest", () => {
  const { text, tag } = rule({
    prefix: "S",
    purpose: "links 10.0.0.1 to 10.0.0.2",
    match: "-s 10.0.0.1",
    target: "ACCEPT",
  });
  const printed = text.replace("-s 10.0.0.1", "-s 10.0.0.1/32");
  const saved = parseSaved(
    `# Generated\n*nat\n:OUTPUT ACCEPT [1:2]\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n:S-LINK - [0:0]\n` +
      `-A FORWARD -j S-LINK\n-A S-LINK ${printed}\n-A S-LINK\nCOMMIT\n`,
    "S",
  );
  assert.deepEqual([...saved], [
    ["nat OUTPUT", []],
    ["filter FORWARD", [{ text: "-j S-LINK" }]],
    ["filter S-LINK", [{ text: printed, tag }, { text: "" }]],
  ]);
});

Deno.test("tagOf() takes the rules of an engine with a longer prefix for what they are", () => {
  const { text } = rule({ prefix: "SAUROPOD-ab12cd34", purpose: "links", target: "ACCEPT" });
  assert.equal(tagOf(text, "SAUROPOD"), undefined);
  assert.match(tagOf(text, "SAUROPOD-ab12cd34") ?? "", /^[0-9a-f]{16}$/);
});

Deno.test("tagOf() is not taken in by a comment of somebody else", () => {
  assert.equal(tagOf('-m comment --comment "about sauropod:S x #0123456789abcdef" -j DROP', "S"), undefined);
  assert.equal(tagOf('-m comment --comment "sauropod:S x" -j LOG --log-prefix "#0123456789abcdef"', "S"), undefined);
});

Deno.test("a tag stands for all of a rule", () => {
  const parts = { prefix: "S", purpose: "p", match: "-i a", target: "ACCEPT" };
  const changed = [parts, { ...parts, match: "-i b" }, { ...parts, target: "DROP" }, { ...parts, purpose: "q" }];
  assert.equal(new Set(changed.map((one) => rule(one).tag)).size, changed.length);
});
