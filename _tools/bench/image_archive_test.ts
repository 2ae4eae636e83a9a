import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeImageArchive } from "./image_archive.ts";
import { layersOf } from "./image_layers.ts";

function entries(tar: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const text = new TextDecoder();
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; tar[at] !== 0;) {
    const header = tar.subarray(at, at + 512);
    const stored = parseInt(text.decode(header.subarray(148, 156)), 8);
    const sum = header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
    assert.equal(stored, sum, "checksum");
    const size = parseInt(text.decode(header.subarray(124, 136)), 8);
    found.set(text.decode(header.subarray(0, 100)).replace(/\0.*/s, ""), tar.slice(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

Deno.test("a generated image is a docker-archive whose manifest, configuration and layers fit together", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/image.tar.gz`;
    const layers = await layersOf({ name: "bench", layers: 2, smallFiles: 150, largeFiles: 1, largeFile: 3_000_000 });
    await writeImageArchive(path, ["bench:1", "bench:2"].map((name) => ({ name, layers })));
    using file = await Deno.open(path);
    const unzipped = file.readable.pipeThrough(new DecompressionStream("gzip"));
    const archive = entries(new Uint8Array(await new Response(unzipped).arrayBuffer()));
    const json = (name: string) => JSON.parse(new TextDecoder().decode(archive.get(name)));
    const manifest: { Config: string; RepoTags: string[]; Layers: string[] }[] = json("manifest.json");
    assert.deepEqual(manifest.map(({ RepoTags }) => RepoTags), [["bench:1"], ["bench:2"]]);
    assert.equal(new Set(manifest.map(({ Config }) => Config)).size, 2);
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { Config, Layers } of manifest) {
      const tars = Layers.map((name) => archive.get(name) ?? new Uint8Array());
      const digests = tars.map((tar) => `sha256:${createHash("sha256").update(tar).digest("hex")}`);
      assert.deepEqual(json(Config).rootfs.diff_ids, digests);
      for (const tar of tars) for (const [name, content] of entries(tar)) files.set(name, content);
    }
    assert.equal([...files.keys()].filter((name) => name.startsWith("lib") && !name.endsWith("/")).length, 150);
    assert.equal(files.get("large/0.bin")?.length, 3_000_000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
