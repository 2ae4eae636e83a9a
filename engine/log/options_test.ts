import assert from "node:assert/strict";
import { logAttributes } from "./attributes.ts";
import { parseLogConfig } from "./options.ts";

Deno.test("parseLogConfig() rotates at 10 MB and keeps 3 files unless told otherwise", () => {
  const byDefault = { driver: "json-file", maxSize: 10_000_000, maxFile: 3 };
  assert.deepEqual(parseLogConfig({ Type: "", Config: {} }), byDefault);
  assert.deepEqual(
    parseLogConfig({ Type: "local", Config: { "max-size": "1.5m", "max-file": "7", compress: "true" } }),
    {
      driver: "local",
      maxSize: 1_500_000,
      maxFile: 7,
    },
  );
  const all = { labels: "a", "labels-regex": "^b", env: "c", "env-regex": "d", tag: "{{.ID}}", mode: "non-blocking" };
  assert.deepEqual(parseLogConfig({ Type: "json-file", Config: { ...all, "max-buffer-size": "4m" } }), byDefault);
  assert.equal(parseLogConfig({ Type: "none", Config: { anything: "goes" } }).driver, "none");
});

Deno.test("parseLogConfig() refuses in Docker's words", () => {
  const rows: [string, Record<string, string>, string][] = [
    ["syslog", {}, "logger: no log driver named 'syslog' is registered"],
    ["json-file", { foo: "1" }, "unknown log opt 'foo' for json-file log driver"],
    ["local", { foo: "1" }, "unknown log opt 'foo' for log driver local"],
    ["", { "max-size": "abc" }, "invalid size: 'abc'"],
    ["", { "max-size": "0" }, "max-size must be a positive number"],
    ["", { "max-file": "0" }, "max-file cannot be less than 1"],
    ["", { "max-file": "x" }, 'strconv.Atoi: parsing "x": invalid syntax'],
    ["", { compress: "maybe" }, 'strconv.ParseBool: parsing "maybe": invalid syntax'],
    ["", { mode: "fast" }, "logger: logging mode not supported: fast"],
    ["", { "max-buffer-size": "1m" }, "logger: max-buffer-size option is only supported with 'mode=non-blocking'"],
    ["", { "env-regex": "(" }, "error parsing regexp: ("],
  ];
  for (const [Type, Config, message] of rows) {
    assert.throws(() => parseLogConfig({ Type, Config }), { message, class: "invalid" });
  }
});

Deno.test("logAttributes() takes the labels and variables that the options name, and fills in the tag", () => {
  const Config = { labels: "team,absent", "labels-regex": "^x", env: "MODE", tag: "{{.Name}}/{{ .ID }}/{{.Odd}}" };
  const record = {
    id: "0123456789abcdef".repeat(4),
    name: "web",
    imageId: "sha256:00",
    config: { Labels: { team: "a", xy: "b", other: "c" }, Env: ["MODE=p=q", "HOME=/"], Image: "i" },
    hostConfig: { LogConfig: { Type: "", Config } },
  };
  assert.deepEqual(logAttributes(record as unknown as Parameters<typeof logAttributes>[0]), {
    team: "a",
    xy: "b",
    MODE: "p=q",
    tag: "web/0123456789ab/{{.Odd}}",
  });
});
