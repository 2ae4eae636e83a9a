import assert from "node:assert/strict";
import type { ImageSummary } from "../../base/docker/image.ts";
import { command } from "./images.ts";
import { run } from "./run_test_support.ts";

const now = Math.trunc(Date.now() / 1000);
const image = (parts: Partial<ImageSummary>): ImageSummary => ({
  Id: `sha256:${"a1".repeat(32)}`,
  ParentId: "",
  RepoTags: [],
  RepoDigests: [],
  Created: now - 86400 * 40,
  Size: 77812345,
  SharedSize: -1,
  Containers: -1,
  Labels: null,
  ...parts,
});
const images = [
  image({ RepoTags: ["ubuntu:22.04", "registry.example:5000/foo/bar:latest"] }),
  image({ Id: `sha256:${"c3".repeat(32)}`, Size: 0 }),
];

const list = (...line: string[]) => run(command, { images: { list: () => Promise.resolve(images) } }, line);

Deno.test("images prints docker's table", async () => {
  assert.equal(
    (await list()).stdout,
    `REPOSITORY                      TAG       IMAGE ID       CREATED       SIZE
ubuntu                          22.04     a1a1a1a1a1a1   5 weeks ago   77.8MB
registry.example:5000/foo/bar   latest    a1a1a1a1a1a1   5 weeks ago   77.8MB
<none>                          <none>    c3c3c3c3c3c3   5 weeks ago   0B
`,
  );
});

Deno.test("images -q prints ids, --no-trunc whole", async () => {
  assert.equal((await list("-q")).stdout, "a1a1a1a1a1a1\na1a1a1a1a1a1\nc3c3c3c3c3c3\n");
  assert.match((await list("-q", "--no-trunc")).stdout, /^sha256:(a1){32}\n/);
});

Deno.test("images --digests adds a column", async () => {
  assert.match((await list("--digests")).stdout, /^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE\n/);
});

Deno.test("images NAME filters by reference", async () => {
  let asked: unknown;
  await run(command, { images: { list: (options) => (asked = options, Promise.resolve([])) } }, ["-a", "ubuntu:22.04"]);
  assert.deepEqual(asked, { all: true, filters: { reference: ["ubuntu:22.04"] } });
});

Deno.test("images --tree asks for the layers, and goes with no other form", async () => {
  let asked: unknown;
  const engine = { images: { list: (options: unknown) => (asked = options, Promise.resolve([])) } };
  const { stdout } = await run(command, engine, ["--tree", "ubuntu"]);
  assert.match(stdout, /^LAYER .* IMAGES\n/);
  assert.deepEqual(asked, { all: false, filters: { reference: ["ubuntu"] }, layers: true });
  for (const [flag, ...value] of [["--quiet"], ["--digests"], ["--format", "json"]]) {
    await assert.rejects(run(command, engine, ["--tree", flag ?? "", ...value]), {
      message: `conflicting options: cannot specify both --tree and ${flag}`,
    });
  }
});
