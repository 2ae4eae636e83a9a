import assert from "node:assert/strict";
import type { TarFile } from "../../base/container_engine.ts";
import { conflict, notFound } from "../../base/errors.ts";
import { command as history } from "./history.ts";
import { command as importImage } from "./import.ts";
import { command as load } from "./load.ts";
import { command as rmi } from "./rmi.ts";
import { run } from "./run_test_support.ts";
import { command as save } from "./save.ts";

const remove = (name: string) => {
  if (name === "used") return Promise.reject(conflict("image is in use"));
  if (name === "nope") return Promise.reject(notFound("No such image: nope"));
  return Promise.resolve([{ Untagged: `${name}:latest` }, { Deleted: "sha256:1" }]);
};

for (
  const [line, code, stdout, stderr] of [
    [["good"], 0, "Untagged: good:latest\nDeleted: sha256:1\n", ""],
    [["nope", "good"], 1, "Untagged: good:latest\nDeleted: sha256:1\n", "No such image: nope\n"],
    [["-f", "nope"], 0, "", "No such image: nope\n"],
    [["-f", "used"], 1, "", "image is in use\n"],
  ] as const
) {
  Deno.test(`rmi ${line.join(" ")} leaves with ${code}`, async () => {
    assert.deepEqual(await run(rmi, { images: { remove } }, line), { code, stdout, stderr });
  });
}

Deno.test("load reads stdin or a file, and refuses a terminal", async () => {
  const loaded: string[] = [];
  const images = {
    load: (tar: ReadableStream<Uint8Array<ArrayBuffer>> | TarFile) =>
      ReadableStream.from((async function* () {
        loaded.push("path" in tar ? tar.path : await new Response(tar).text());
        yield { stream: "Loaded image: a:1\n" };
      })()),
  };
  assert.equal((await run(load, { images }, [], { stdin: "TAR" })).stdout, "Loaded image: a:1\n");
  const file = await Deno.makeTempFile();
  await run(load, { images }, ["-i", file]);
  await Deno.remove(file);
  assert.deepEqual(loaded, ["TAR", file]);
  await assert.rejects(run(load, { images }, [], { terminal: true }), {
    message: "requested load from stdin, but stdin is empty",
  });
  await assert.rejects(run(load, { images }, ["-i", file]), { message: `open ${file}: no such file or directory` });
});

Deno.test("import gives changes, message and name to the engine, and prints the id", async () => {
  let asked: unknown;
  const images = {
    import: (_: unknown, options: unknown) => (asked = options, ReadableStream.from([{ status: "sha256:abc" }])),
  };
  const line = ["-c", "CMD sh", "-c", "ENV a=b", "-m", "hello", "-", "x:1"];
  assert.equal((await run(importImage, { images }, line, { stdin: "TAR" })).stdout, "sha256:abc\n");
  assert.deepEqual(asked, { changes: ["CMD sh", "ENV a=b"], reference: "x:1", message: "hello" });
  await assert.rejects(run(importImage, { images }, ["http://example.com/x.tar"]), { class: "unimplemented" });
});

Deno.test("save writes to stdout or, whole or not at all, to a file; a terminal is spared", async () => {
  const images = { save: () => Promise.resolve(new Blob(["TAR"]).stream()) };
  assert.equal((await run(save, { images }, ["a"])).stdout, "TAR");
  await assert.rejects(run(save, { images }, ["a"], { terminal: true }), {
    message: "cowardly refusing to save to a terminal. Use the -o flag or redirect",
  });
  const folder = await Deno.makeTempDir();
  await run(save, { images }, ["-o", `${folder}/x.tar`, "a"]);
  assert.equal(await Deno.readTextFile(`${folder}/x.tar`), "TAR");
  const broken = { save: () => Promise.resolve(new ReadableStream({ pull: (c) => c.error(notFound("gone")) })) };
  await assert.rejects(run(save, { images: broken }, ["-o", `${folder}/y.tar`, "a"]), { message: "gone" });
  assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["x.tar"]);
  await Deno.remove(folder, { recursive: true });
  await assert.rejects(run(save, { images }, ["-o", `${folder}/z.tar`, "a"]), /directory .* does not exist/);
});

Deno.test("history prints docker's table", async () => {
  const now = Math.trunc(Date.now() / 1000);
  const items = [
    { Id: `sha256:${"a1".repeat(32)}`, Created: now - 400, CreatedBy: "sh\t-c", Tags: null, Size: 0, Comment: "" },
    { Id: "<missing>", Created: 0, CreatedBy: "x".repeat(60), Tags: null, Size: 1234567, Comment: "buildkit" },
  ];
  const images = { history: () => Promise.resolve(items) };
  assert.equal(
    (await run(history, { images }, ["x"])).stdout,
    `IMAGE          CREATED         CREATED BY                                      SIZE      COMMENT
a1a1a1a1a1a1   6 minutes ago   sh -c                                           0B        
<missing>      N/A             ${"x".repeat(44)}…   1.23MB    buildkit
`,
  );
  assert.equal((await run(history, { images }, ["-H=false", "--format", "{{.Size}}", "x"])).stdout, "0\n1234567\n");
  assert.equal((await run(history, { images }, ["-q", "x"])).stdout, "a1a1a1a1a1a1\n<missing>\n");
});
