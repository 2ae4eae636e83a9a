import assert from "node:assert/strict";
import { environment, execEnvironment } from "./environment.ts";

const basics = { hostname: "box", home: "/root", terminal: false };

Deno.test("environment() has PATH, HOSTNAME and HOME, and TERM only with a terminal", () => {
  const names = (env: string[]) => env.map((variable) => variable.split("=", 1)[0]);
  assert.deepEqual(names(environment({ ...basics, env: [] })), ["PATH", "HOSTNAME", "HOME"]);
  assert.deepEqual(names(environment({ ...basics, env: [], terminal: true })), ["PATH", "HOSTNAME", "TERM", "HOME"]);
});

Deno.test("environment() lets the configuration replace a basic and take one away", () => {
  const env = environment({ ...basics, env: ["PATH=/mine", "HOSTNAME", "HOME=/elsewhere", "X=a=b"] });
  assert.deepEqual(env, ["PATH=/mine", "HOME=/elsewhere", "X=a=b"]);
});

Deno.test("execEnvironment() takes HOME from the user of the exec, not of the container", () => {
  assert.deepEqual(execEnvironment(["HOME=/root", "A=1"], ["A=2"], "/home/web"), ["A=2", "HOME=/home/web"]);
});
