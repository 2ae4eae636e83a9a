import assert from "node:assert/strict";
import { invalid } from "../base/errors.ts";
import { type FlagTable, parseFlags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

const table = {
  "detach": { type: "bool", short: "d", help: "" },
  "tty": { type: "bool", short: "t", help: "" },
  "interactive": { type: "bool", short: "i", help: "" },
  "proxy": { type: "bool", default: true, help: "" },
  "init": { type: "bool?", help: "" },
  "name": { type: "string", help: "" },
  "workdir": { type: "string", short: "w", default: "", help: "" },
  "publish": { type: "list", short: "p", help: "" },
  "network": { type: "list", aliases: ["net"], help: "" },
  "memory": { type: "bytes", short: "m", default: 0, help: "" },
  "memory-swap": { type: "bytes", unlimited: true, help: "" },
  "timeout": { type: "int", help: "" },
  "weight": { type: "uint16", help: "" },
  "interval": { type: "duration", help: "" },
  "cpus": { type: "cpus", help: "" },
  "even": {
    type: "list",
    help: "",
    check(text) {
      if (Number(text) % 2 !== 0) throw invalid("it is odd");
    },
  },
  "explain": { type: "string", optional: "text", help: "" },
} as const satisfies FlagTable;

const given: readonly [line: string, values: Record<string, unknown>, args: string[]][] = [
  ["-dti img sh -c x", { detach: true, tty: true, interactive: true }, ["img", "sh", "-c", "x"]],
  ["-itw /x img", { interactive: true, tty: true, workdir: "/x" }, ["img"]],
  ["-itw/x img", { workdir: "/x" }, ["img"]],
  ["-tw=/x img", { workdir: "/x", tty: true }, ["img"]],
  ["-p80:80 -p 81:81 --publish=82 img", { publish: ["80:80", "81:81", "82"] }, ["img"]],
  ["--name=a=b img", { name: "a=b" }, ["img"]],
  ["--name= img", { name: "" }, ["img"]],
  ["--name --tty img", { name: "--tty", tty: false }, ["img"]],
  ["--tty=false --proxy=0 -d=T img", { tty: false, proxy: false, detach: true }, ["img"]],
  ["img --tty", { tty: false }, ["img", "--tty"]],
  ["-- -t", { tty: false }, ["-t"]],
  ["-", {}, ["-"]],
  ["--net a --network b x", { network: ["a", "b"] }, ["x"]],
  ["-m 64m --memory-swap -1 x", { "memory": 64 * 2 ** 20, "memory-swap": -1 }, ["x"]],
  ["--timeout -1 x", { timeout: -1 }, ["x"]],
  ["--timeout 0x10 x", { timeout: 16 }, ["x"]],
  ["--interval 1m30s --cpus 1.5 x", { interval: 90e9, cpus: 1.5e9 }, ["x"]],
  ["x", { proxy: true, init: undefined, name: undefined, publish: [], memory: 0 }, ["x"]],
  ["--init x", { init: true }, ["x"]],
  ["--init=false x", { init: false }, ["x"]],
  ["--explain x", { explain: "text" }, ["x"]],
  ["--explain=json x", { explain: "json" }, ["x"]],
  ["--even 2 --even 4 x", { even: ["2", "4"] }, ["x"]],
];

for (const [line, values, args] of given) {
  Deno.test(`parseFlags() reads ${line}`, () => {
    const parsed = parseFlags(table, line.split(" "), false);
    assert.deepEqual(parsed.args, args);
    for (const [name, value] of Object.entries(values)) assert.deepEqual(parsed.values[name], value, name);
  });
}

const refused: readonly [line: string, message: string][] = [
  ["--nope x", "unknown flag: --nope"],
  ["--nope=1 x", "unknown flag: --nope"],
  ["-z", "unknown shorthand flag: 'z' in -z"],
  ["-tzd", "unknown shorthand flag: 'z' in -zd"],
  ["--name", "flag needs an argument: --name"],
  ["-tw", "flag needs an argument: 'w' in -w"],
  ["--=x", "bad flag syntax: --=x"],
  ["---x", "bad flag syntax: ---x"],
  ["-m x", `invalid argument "x" for "-m, --memory" flag: invalid size: 'x'`],
  ["-m 5q", `invalid argument "5q" for "-m, --memory" flag: invalid suffix: 'q'`],
  ["-t=maybe", `invalid argument "maybe" for "-t, --tty" flag: strconv.ParseBool: parsing "maybe": invalid syntax`],
  ["--timeout a", `invalid argument "a" for "--timeout" flag: strconv.ParseInt: parsing "a": invalid syntax`],
  ["--weight -1", `invalid argument "-1" for "--weight" flag: strconv.ParseUint: parsing "-1": invalid syntax`],
  ["--interval x", `invalid argument "x" for "--interval" flag: time: invalid duration "x"`],
  ["--cpus x", `invalid argument "x" for "--cpus" flag: failed to parse x as a rational number`],
  ["--cpus 0.00000000001", `invalid argument "0.00000000001" for "--cpus" flag: value is too precise`],
  ["--even 3", `invalid argument "3" for "--even" flag: it is odd`],
];

for (const [line, message] of refused) {
  Deno.test(`parseFlags() refuses ${line} in docker's words`, () => {
    assert.throws(() => parseFlags(table, line.split(" "), false), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.message, message);
      assert.equal(error.exitCode, 125);
      return true;
    });
  });
}

Deno.test("parseFlags() reads options behind arguments when they are interspersed", () => {
  const { args, values } = parseFlags(table, ["a", "-d", "b", "--", "-t"], true);
  assert.deepEqual(args, ["a", "b", "-t"]);
  assert.equal(values["detach"], true);
  assert.equal(values["tty"], false);
});

Deno.test("parseFlags() sees --help before the first argument only", () => {
  assert.equal(parseFlags(table, ["-d", "--help", "img"], false).help, true);
  assert.equal(parseFlags(table, ["img", "--help"], false).help, false);
});
