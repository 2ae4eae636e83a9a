/** What layers are for: many of them make one root, and all containers of an image share its files until they write. */
import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { type TarEntry, tarEntry } from "../../base/tar/entry.ts";
import { type TarFile, writeTar } from "../../base/tar/writer.ts";
import { run } from "../support/command.ts";
import { groupFile, pidOf } from "../support/containers.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "skopeo"] });
const test = sandbox.test.bind(sandbox);

const net = ["--network", "none"];
const text = (words: string): Bytes => new TextEncoder().encode(words);

async function tarOf(files: readonly TarFile[]): Promise<Bytes> {
  return new Uint8Array(await new Response(ReadableStream.from(writeTar(files))).arrayBuffer());
}

function file(name: string, content: Bytes, more: Partial<TarEntry> = {}): TarFile {
  return { entry: tarEntry({ name, size: content.length, ...more }), content: [content] };
}

async function digest(bytes: Bytes): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Loads an image `name` whose layers are these tars, the lowest first. */
async function loadLayers(box: Sandbox, name: string, layers: readonly Bytes[]): Promise<void> {
  const digests = await Promise.all(layers.map(digest));
  const config = text(JSON.stringify({
    architecture: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: digests.map((hex) => `sha256:${hex}`) },
  }));
  const manifest = [{
    Config: "config.json",
    RepoTags: [`${name}:latest`],
    Layers: digests.map((hex) => `${hex}.tar`),
  }];
  const archive = await tarOf([
    ...layers.map((bytes, i) => file(`${digests[i]}.tar`, bytes)),
    file("config.json", config),
    file("manifest.json", text(JSON.stringify(manifest))),
  ]);
  const { code, stdout, stderr } = await box.sauropod(["load"], { stdin: archive });
  assert.deepEqual([code, stdout], [0, `Loaded image: ${name}:latest\n`], stderr);
}

test("an image of 120 layers runs, the upper ones hide what is below, and save gives all of them back", async (box) => {
  const layers = [new Uint8Array(await Deno.readFile(await busyboxRootTar()))];
  for (let i = 1; i < 120; i++) {
    layers.push(
      await tarOf([
        { entry: tarEntry({ name: "many", type: "directory" }) },
        file(`many/file${i}`, text(`layer ${i}`)),
        file("many/last", text(`written by ${i}`)),
        ...i > 1 ? [file(`many/.wh.file${i - 1}`, text(""))] : [],
      ]),
    );
  }
  await loadLayers(box, "many-layers", layers);
  assert.equal(await box.inspect("many-layers", "{{len .RootFS.Layers}}"), "120");
  const script = "ls /many; cat /many/last; echo changed > /many/last; cat /many/last";
  assert.equal(
    await box.ok("run", "--rm", ...net, "many-layers", "sh", "-c", script),
    "file119\nlast\nwritten by 119changed",
  );
  const saved = `${box.folder}/many.tar`;
  await box.ok("save", "-o", saved, "many-layers");
  const found = JSON.parse(
    await run(["skopeo", "--insecure-policy", "inspect", "--config", `docker-archive:${saved}`]),
  );
  assert.equal(found.rootfs.diff_ids.length, 120);
  await box.ok("rmi", "many-layers");
});

/** Bytes of files in memory that are on the account of a container. */
async function cached(box: Sandbox, name: string): Promise<number> {
  const stat = groupFile(await pidOf(box, name), "memory", { v1: "memory.stat", v2: "memory.stat" });
  return Number(/^(?:total_cache|file) (\d+)$/m.exec(stat)?.[1]);
}

test("two containers of an image have its files in memory once, and a write copies the one file that is written to", async (box) => {
  const size = 32 << 20;
  const large = new Uint8Array(size).fill(7);
  const layers = [
    new Uint8Array(await Deno.readFile(await busyboxRootTar())),
    await tarOf([file("large", large), file("other", large)]),
  ];
  await loadLayers(box, "large-files", layers);
  const layer = (await run(["find", `${box.folder}/root/layers`, "-maxdepth", "2", "-name", "large"])).trim();
  // What the load has left in memory is on nobody's account.
  await run(["dd", `of=${layer}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
  for (const name of ["first", "second"]) {
    await box.ok("run", "-d", "--name", name, ...net, "large-files", "sleep", "1000");
  }
  for (const name of ["first", "second"]) await box.ok("exec", name, "sh", "-c", "cat /large > /dev/null");
  assert.ok(await cached(box, "first") >= size, "the first has read it into memory");
  assert.ok(await cached(box, "second") < size / 8, "the second has found it there");

  await box.ok("exec", "second", "sh", "-c", "printf x >> /large");
  const id = await box.inspect("second", "{{.Id}}");
  const upper = `${box.folder}/root/containers/${id}/upper`;
  const written = (await run(["find", upper, "-type", "f", "-size", "+0", "-printf", "%P %s\n"])).trim();
  assert.equal(written, `large ${size + 1}`);
  assert.equal(await box.ok("inspect", "--size", "-f", "{{.SizeRw}}", "second"), String(size + 1));
  assert.equal(await box.ok("exec", "first", "stat", "-c", "%s", "/large"), String(size));
  assert.equal((await Deno.stat(layer)).size, size);
  await box.ok("rm", "-f", "first", "second");
  await box.ok("rmi", "large-files");
});
