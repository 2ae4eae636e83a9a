import assert from "node:assert/strict";
import type { ContainerInspect } from "../../base/docker/container.ts";
import type { ImageInspect } from "../../base/docker/image.ts";
import type { NetworkInspect } from "../../base/docker/network.ts";
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { notFound } from "../../base/errors.ts";
import { command as inspectContainer } from "./container_inspect.ts";
import { command } from "./inspect.ts";
import { run } from "./run_test_support.ts";

/** Of a container, an image, a network and a volume only what the tests look at. */
const parts = {
  containers: {
    inspect: (id: string) => {
      if (id !== "web") return Promise.reject(notFound(`No such container: ${id}`));
      return Promise.resolve(
        { Id: "c1", Name: "/web", Config: { Labels: { a: "<b>" } } } as unknown as ContainerInspect,
      );
    },
  },
  images: {
    inspect: (id: string) => {
      if (id !== "ubuntu") return Promise.reject(notFound(`No such image: ${id}`));
      return Promise.resolve({ Id: "sha256:i1", RepoTags: [] } as unknown as ImageInspect);
    },
  },
  volumes: {
    inspect: (id: string) => {
      if (id !== "data") return Promise.reject(notFound(`get ${id}: no such volume`));
      return Promise.resolve({ Name: "data", Driver: "local" } as unknown as VolumeInspect);
    },
  },
  networks: {
    inspect: (id: string) => {
      if (id !== "front") return Promise.reject(notFound(`network ${id} not found`));
      return Promise.resolve(
        { Name: "front", Options: null, Containers: { c1: { Name: "web" } } } as unknown as NetworkInspect,
      );
    },
  },
};

for (
  const [line, code, stdout, stderr] of [
    [
      ["web"],
      0,
      '[\n    {\n        "Id": "c1",\n        "Name": "/web",\n        "Config": {\n            "Labels": {\n                "a": "<b>"\n            }\n        }\n    }\n]\n',
      "",
    ],
    [["ubuntu"], 0, '[\n    {\n        "Id": "sha256:i1",\n        "RepoTags": []\n    }\n]\n', ""],
    [["-f", "{{.Id}}", "ubuntu", "web"], 0, "sha256:i1\nc1\n", ""],
    [["-f", "json", "ubuntu"], 0, '[{"Id":"sha256:i1","RepoTags":[]}]\n', ""],
    [["nope"], 1, "[]\n", "Error: No such object: nope\n"],
    [["-f", "{{.Id}}", "nope"], 1, "\n", "Error: No such object: nope\n"],
    [["-f", "{{.Id}}", "nope", "web", "nada"], 1, "c1\n", "Error: No such object: nope\nError: No such object: nada\n"],
    [
      ["-f", "{{.Name}}{{range $id, $c := .Containers}} {{$id}} {{$c.Name}}{{end}} {{.Options}}", "front"],
      0,
      "front c1 web map[]\n",
      "",
    ],
    [["--type", "network", "-f", "{{.Name}}", "front"], 0, "front\n", ""],
    [["-f", "{{.Driver}}", "data"], 0, "local\n", ""],
    [["--type", "volume", "web"], 1, "[]\n", "get web: no such volume\n"],
    [["--type", "network", "web"], 1, "[]\n", "network web not found\n"],
    [["--type", "network", "-s", "-f", "{{.Name}}", "front"], 0, "front\n", "WARNING: --size ignored for network\n"],
    [["--type", "image", "web"], 1, "[]\n", "No such image: web\n"],
    [["--type", "container", "web", "-f", "{{.Name}}"], 0, "/web\n", ""],
    [
      ["-f", "{{.Nope}}", "web"],
      1,
      "\n",
      'template parsing error: template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"\n',
    ],
    [["-f", "{{json .Config.Labels}}", "web"], 0, '{"a":"<b>"}\n', ""],
  ] as const
) {
  Deno.test(`inspect ${line.join(" ")} leaves with ${code}`, async () => {
    assert.deepEqual(await run(command, parts, line), { code, stdout, stderr });
  });
}

Deno.test("inspect leaves with 64 for a template that cannot be read", async () => {
  await assert.rejects(async () => await run(command, parts, ["-f", "{{", "web"]), {
    exitCode: 64,
    message: "template parsing error: template: :1: unclosed action",
  });
});

Deno.test("inspect --type of a kind that there is not is refused", async () => {
  await assert.rejects(async () => await run(command, parts, ["--type", "pod", "web"]), {
    message: 'unknown type: "pod": must be one of "container", "image", "network", "volume"',
  });
});

Deno.test("container inspect does not look for images", async () => {
  const result = await run(inspectContainer, parts, ["ubuntu"]);
  assert.deepEqual(result, { code: 1, stdout: "[]\n", stderr: "No such container: ubuntu\n" });
});
