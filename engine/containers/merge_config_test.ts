import assert from "node:assert/strict";
import { commandLine, completeHostConfig, mergeConfig } from "./merge_config.ts";

const id = "0123456789abcdef".repeat(4);

const commands = [
  { name: "nothing asked takes both from the image", request: {}, runs: ["/entry", "image", "command"] },
  { name: "a command replaces the image's", request: { Cmd: ["mine"] }, runs: ["/entry", "mine"] },
  { name: "an entrypoint takes the image's command away", request: { Entrypoint: ["/mine"] }, runs: ["/mine"] },
  { name: "both replace both", request: { Entrypoint: ["/mine"], Cmd: ["arg"] }, runs: ["/mine", "arg"] },
  { name: "an empty entrypoint is none", request: { Entrypoint: [""], Cmd: ["arg"] }, runs: ["arg"] },
];
for (const { name, request, runs } of commands) {
  Deno.test(`mergeConfig(): ${name}`, () => {
    const image = { Entrypoint: ["/entry"], Cmd: ["image", "command"] };
    assert.deepEqual(commandLine(mergeConfig(request, image, id)), runs);
  });
}

Deno.test("commandLine() refuses a container with nothing to run", () => {
  assert.throws(() => commandLine(mergeConfig({}, {}, id)), /^EngineError: no command specified$/);
});

Deno.test("mergeConfig() adds up variables, labels, ports and volumes, and lets the request win", () => {
  const image = {
    Env: ["A=image", "B=image"],
    Labels: { a: "image", b: "image" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    User: "web",
    WorkingDir: "/srv",
    StopSignal: "SIGQUIT",
  };
  const request = { Env: ["A=mine"], Labels: { a: "mine" }, ExposedPorts: { "81/tcp": {} }, User: "me" };
  const config = mergeConfig(request, image, id);
  assert.deepEqual(config.Env, ["A=mine", "B=image"]);
  assert.deepEqual(config.Labels, { a: "mine", b: "image" });
  assert.deepEqual(config.ExposedPorts, { "80/tcp": {}, "81/tcp": {} });
  assert.deepEqual(config.Volumes, { "/data": {} });
  assert.deepEqual([config.User, config.WorkingDir, config.StopSignal], ["me", "/srv", "SIGQUIT"]);
  assert.equal(config.Hostname, "0123456789ab");
});

Deno.test("mergeConfig() refuses a working directory that is not absolute, and names it", () => {
  assert.throws(() => mergeConfig({ WorkingDir: "srv" }, {}, id), /working directory 'srv' is invalid/);
});

Deno.test("completeHostConfig() takes empty values for Docker's defaults", () => {
  const config = completeHostConfig({ NetworkMode: "", IpcMode: "", ShmSize: 0, LogConfig: { Type: "", Config: {} } });
  assert.deepEqual(
    [config.NetworkMode, config.IpcMode, config.ShmSize, config.LogConfig.Type, config.RestartPolicy.Name],
    ["default", "private", 67_108_864, "json-file", "no"],
  );
});
