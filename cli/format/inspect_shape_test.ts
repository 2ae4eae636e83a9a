import assert from "node:assert/strict";
import { shapeForTemplate } from "./inspect_shape.ts";
import { Template } from "./template.ts";

const container = {
  Id: "abc",
  State: { Status: "running", Running: true },
  HostConfig: { Binds: null, CapAdd: ["X"], NanoCpus: 5e8, LogConfig: { Type: "json-file", Config: { a: "b" } } },
  Config: { Labels: { "a.b": "c" }, Volumes: null, Cmd: null, Env: ["A=b"] },
  NetworkSettings: { Ports: { "80/tcp": [{ HostIp: "", HostPort: "8080" }], "443/tcp": null } },
};

for (
  const [template, text] of [
    ["{{.Id}} {{.ID}}", "abc abc"],
    ["{{.Config.Labels}} {{.Config.Labels.nope}}", "map[a.b:c] <no value>"],
    ['{{index .Config.Labels "a.b"}}|{{index .Config.Labels "nope"}}', "c|"],
    ["{{.HostConfig.Binds}} {{.HostConfig.CapAdd}} {{len .HostConfig.Binds}}", "[] [X] 0"],
    ["{{json .HostConfig.Binds}} {{json .Config.Volumes}} {{.Config.Volumes}}", "null null map[]"],
    ["{{.HostConfig.NanoCpus}} {{.HostConfig.NanoCPUs}}", "500000000 500000000"],
    ["{{if .Config.Healthcheck}}yes{{else}}no{{end}} {{.State.Health}}", "no <nil>"],
    [
      "{{json .State}} {{json .HostConfig.LogConfig}}",
      '{"Status":"running","Running":true} {"Type":"json-file","Config":{"a":"b"}}',
    ],
    ["{{.State}} {{.HostConfig.LogConfig}}", "{running true} {json-file map[a:b]}"],
    [
      "{{range $p, $b := .NetworkSettings.Ports}}{{$p}}{{range $b}}->{{.HostPort}}{{end}} {{end}}",
      "443/tcp 80/tcp->8080 ",
    ],
    ["[{{.Config.StopSignal}}]", "[]"],
  ] as const
) {
  Deno.test(`inspect --format ${template} reads JSON as docker's structs`, () =>
    assert.equal(new Template(template).execute(shapeForTemplate(container)), text));
}

Deno.test("a part of what is not there is told by the name of that", () => {
  assert.throws(() => new Template("{{.State.Health.Status}}").execute(shapeForTemplate(container)), {
    message: 'template: :1:8: executing "" at <.State.Health.Status>: map has no entry for key "Health"',
  });
});
