import assert from "node:assert/strict";
import { containerCreate, containerUpdate, execStart } from "./schemas.ts";
import { parseShape } from "./shape.ts";

const create = (body: unknown) => parseShape(containerCreate, body, "ContainerConfigWrapper");

Deno.test("create takes names in any case, ignores unknown ones, and takes null for not given", () => {
  assert.deepEqual(
    create({ image: "busybox", CMD: ["sh"], Nonsense: 1, Entrypoint: null, HostConfig: { Binds: null, memory: 4096 } }),
    { Image: "busybox", Cmd: ["sh"], HostConfig: { Memory: 4096 } },
  );
});

Deno.test("create takes a text where a command is wanted", () => {
  assert.deepEqual(create({ Cmd: "echo hi", Entrypoint: ["sh", "-c"] }), {
    Cmd: ["echo hi"],
    Entrypoint: ["sh", "-c"],
  });
});

Deno.test("create takes what docker's clients send for maps", () => {
  const body = create({
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": null },
    Labels: { a: "b", c: null },
    HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8080" }], "81/tcp": null } },
    NetworkingConfig: { EndpointsConfig: { bridge: null } },
  });
  assert.deepEqual(body.Volumes, {});
  assert.deepEqual(body.ExposedPorts, { "80/tcp": {} });
  assert.deepEqual(body.Labels, { a: "b", c: "" });
  assert.deepEqual(body.HostConfig?.PortBindings, { "80/tcp": [{ HostPort: "8080" }], "81/tcp": [] });
  assert.deepEqual(body.NetworkingConfig, { EndpointsConfig: { bridge: {} } });
});

Deno.test("a wrong type is refused with the sentence of Go's decoder", () => {
  const rows: [unknown, string][] = [
    [{ Image: 1 }, "number into Go struct field ContainerConfigWrapper.Image of type string"],
    [{ Tty: "yes" }, "string into Go struct field ContainerConfigWrapper.Tty of type bool"],
    [{ Cmd: [1] }, "array into Go struct field ContainerConfigWrapper.Cmd of type []string"],
    [
      { HostConfig: { Memory: 1.5 } },
      "number 1.5 into Go struct field ContainerConfigWrapper.HostConfig.Memory of type int64",
    ],
    [
      { HostConfig: { BlkioWeight: -1 } },
      "number -1 into Go struct field ContainerConfigWrapper.HostConfig.BlkioWeight of type uint16",
    ],
    [{ HostConfig: [] }, "array into Go struct field ContainerConfigWrapper.HostConfig of type struct"],
    ["x", "string into Go value of type struct"],
  ];
  for (const [body, sentence] of rows) {
    const message = `invalid JSON: json: cannot unmarshal ${sentence}`;
    assert.throws(() => create(body), { class: "invalid", message }, sentence);
  }
});

Deno.test("update and exec start know their fields only", () => {
  assert.deepEqual(parseShape(containerUpdate, { Memory: 1, Image: "x", RestartPolicy: { Name: "no" } }, "U"), {
    Memory: 1,
    RestartPolicy: { Name: "no" },
  });
  assert.deepEqual(parseShape(execStart, { detach: true, ConsoleSize: [24, 80] }, "E"), {
    Detach: true,
    ConsoleSize: [24, 80],
  });
  assert.throws(() => parseShape(execStart, { ConsoleSize: [-1, 80] }, "E"), { class: "invalid" });
});
