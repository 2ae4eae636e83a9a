/** Root tars that lie, break off or attack: refused by name, nothing kept, nothing outside touched. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { checksum, FIELD } from "../../base/tar/block.ts";
import { type TarEntry, tarEntry } from "../../base/tar/entry.ts";
import { TAR_END, tarHeader } from "../../base/tar/writer.ts";
import { requires } from "../support/requires.ts";
import { assertNothingKept, encode, type File, join, link, tarOf } from "./image_hostile_test_support.ts";
import { bytesStream, collected, contents, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true });

/** The import of a root tar fails like this, and nothing is left. */
async function refusesImport(tar: Uint8Array, message: RegExp, limits = {}): Promise<void> {
  await using test = testStore(limits);
  await assert.rejects(collected(test.store.import(bytesStream(tar))), { class: "invalid", message });
  assertNothingKept(test);
}

const hostile: { name: string; files: File[]; message: RegExp }[] = [
  { name: "a name that climbs out", files: [{ name: "../evil" }], message: /tar entry \.\.\/evil: .*leaves the root/ },
  { name: "a name that climbs out later", files: [{ name: "a/../../evil" }], message: /a\/\.\.\/\.\.\/evil/ },
  {
    name: "a hard link to outside",
    files: [{ name: "x", type: "hardlink", linkName: "../../etc/passwd" }],
    message: /x: .*leaves the root/,
  },
  {
    name: "a hard link to what the layer lacks",
    files: [{ name: "x", type: "hardlink", linkName: "/etc/shadow" }],
    message: /tar entry x: .*ENOENT/,
  },
  {
    name: "a hard link to a folder",
    files: [{ name: "d", type: "directory" }, { name: "x", type: "hardlink", linkName: "d" }],
    message: /tar entry x/,
  },
  {
    name: "a file below a dangling symlink",
    files: [link("a", "/nowhere"), { name: "a/b" }],
    message: /tar entry a\/b/,
  },
  { name: "a file below a symlink to itself", files: [link("a", "a"), { name: "a/b" }], message: /tar entry a\/b/ },
  { name: "a file below a file", files: [{ name: "f", text: "x" }, { name: "f/g" }], message: /tar entry f\/g/ },
  {
    name: "a root that is a symlink",
    files: [link("./", "/etc")],
    message: /tar entry \.\/: the root cannot be a symlink/,
  },
  { name: "a whiteout of ..", files: [{ name: "a/.wh..." }], message: /\.wh\.\.\. hides no name/ },
  {
    name: "overlay's own attribute",
    files: [{ name: "d", type: "directory", xattrs: new Map([["trusted.overlay.redirect", encode("/etc")]]) }],
    message: /tar entry d\/: the attribute trusted\.overlay\.redirect/,
  },
  {
    name: "overlay's attribute for users",
    files: [{ name: "d", xattrs: new Map([["user.overlay.opaque", encode("y")]]) }],
    message: /tar entry d: the attribute user\.overlay\.opaque/,
  },
  { name: "an owner that means none", files: [{ name: "f", uid: 2 ** 32 - 1 }], message: /tar entry f: the owner/ },
  { name: "a name that is too long", files: [{ name: "n".repeat(300) }], message: /ENAMETOOLONG/ },
];
for (const { name, files, message } of hostile) {
  Deno.test({
    name: `import() refuses ${name}`,
    ...needs,
    fn: async () => await refusesImport(await tarOf({ name: "before", text: "x" }, ...files), message),
  });
}

Deno.test({
  name: "import() takes absolute names and inner .. as Docker does, and follows symlinks inside the layer only",
  ...needs,
  async fn() {
    await using test = testStore();
    const outside = await Deno.makeTempDir({ prefix: "sauropod-outside-" });
    const tar = await tarOf(
      { name: "/abs", text: "abs" },
      { name: "a/b/../c", text: "inner" },
      link("way", outside),
      { name: `${outside.slice(1)}/x`, text: "kept inside" },
      { name: "way/stolen", text: "must stay inside" },
      link("up", "../../../../../../../tmp"),
      { name: "tmp/there", text: "1" },
      { name: "up/evil-of-sauropod-test", text: "must stay inside" },
    );
    await collected(test.store.import(bytesStream(tar), { reference: "t" }));
    const layer = `${test.root}/layers/${test.store.resolve("t")?.layers[0]}`;
    const read = (path: string) => Deno.readTextFileSync(`${layer}/${path}`);
    assert.equal(read("abs"), "abs");
    assert.equal(read("a/c"), "inner");
    assert.equal(read(`${outside.slice(1)}/stolen`), "must stay inside");
    assert.equal(read("tmp/evil-of-sauropod-test"), "must stay inside");
    assert.deepEqual([...Deno.readDirSync(outside)], []);
    assert.throws(() => Deno.lstatSync("/tmp/evil-of-sauropod-test"), Deno.errors.NotFound);
    await Deno.remove(outside);
  },
});

Deno.test({
  name: "import() does not write or change modes through a symlink that an entry of the same name replaces",
  ...needs,
  async fn() {
    await using test = testStore();
    const victim = await Deno.makeTempFile({ prefix: "sauropod-victim-" });
    await Deno.chmod(victim, 0o600);
    const tar = await tarOf(
      link("f", victim),
      { name: "f", text: "mine", mode: 0o4777 },
      link("d", "/etc"),
      { name: "d", type: "directory", mode: 0o777, uid: 12 },
      link("n", victim),
      { name: "n", type: "fifo", mode: 0o666 },
    );
    await collected(test.store.import(bytesStream(tar), { reference: "t" }));
    assert.equal(await Deno.readTextFile(victim), "");
    assert.equal((await Deno.stat(victim)).mode, 0o100600);
    assert.equal((await Deno.stat("/etc")).uid, 0);
    await Deno.remove(victim);
  },
});

const rest = (from: Uint8Array, at: number, bytes: number[]) => {
  const changed = from.slice();
  changed.set(bytes, at);
  return changed;
};

/** A header whose bytes were changed, its sum corrected. */
function forged(entry: TarEntry, at: number, bytes: number[]): Uint8Array {
  const block = new Uint8Array(rest(tarHeader(entry), at, bytes));
  block.set(encode(`${checksum(block).toString(8).padStart(6, "0")}\0 `), FIELD.checksum[0]);
  return block;
}

const plain = await tarOf({ name: "first", text: "x".repeat(700) }, { name: "second", text: "y" });
const broken: { name: string; tar: Uint8Array; message: RegExp; limits?: { bytes?: number; entries?: number } }[] = [
  { name: "a tar cut in a file", tar: plain.subarray(0, 900), message: /truncated in first \(at byte 900\)/ },
  { name: "a tar cut between two files", tar: plain.subarray(0, 1536), message: /truncated after first/ },
  { name: "a tar cut in a header", tar: plain.subarray(0, 1600), message: /truncated after first/ },
  { name: "a tar without its end", tar: plain.subarray(0, plain.length - 1024), message: /truncated after second/ },
  {
    name: "a header with a wrong sum",
    tar: rest(plain, 1536, [65]),
    message: /header at byte 1536, after first: the checksum is wrong/,
  },
  { name: "what is no tar", tar: encode("hello".repeat(500)), message: /header at byte 0/ },
  { name: "an empty stream", tar: new Uint8Array(), message: /this is no tar archive: it has 0 bytes/ },
  {
    name: "an unknown type",
    tar: join(forged(tarEntry({ name: "odd" }), 156, [0x5a]), TAR_END),
    message: /odd has the unknown type "Z"/,
  },
  {
    name: "a negative size",
    tar: join(forged(tarEntry({ name: "neg" }), 124, new Array(12).fill(0xff)), TAR_END),
    message: /neg: size is -1/,
  },
  { name: "a gzip stream cut off", tar: gzipSync(plain).subarray(0, -12), message: /gzip stream is damaged/ },
  {
    name: "a declared size beyond the limit",
    tar: tarHeader(tarEntry({ name: "bomb", size: 2 ** 40 })),
    message: /bomb is too large/,
    limits: { bytes: 2 ** 30 },
  },
  {
    name: "a bomb of zeros",
    tar: gzipSync(join(tarHeader(tarEntry({ name: "zeros", size: 4 << 20 })), new Uint8Array(4 << 20), TAR_END)),
    message: /zeros is too large/,
    limits: { bytes: 1 << 20 },
  },
  {
    name: "too many entries",
    tar: await tarOf(...Array.from({ length: 20 }, (_, i) => ({ name: `f${i}` }))),
    message: /f10 is one of more than 10 entries/,
    limits: { entries: 10 },
  },
];
for (const { name, tar, message, limits } of broken) {
  Deno.test({ name: `import() refuses ${name}`, ...needs, fn: () => refusesImport(tar, message, limits) });
}

Deno.test({
  name: "a load that is aborted ends, keeps nothing, and the next one works",
  ...needs,
  async fn() {
    await using test = testStore();
    const big = new Uint8Array(20 << 20).fill(1);
    const tar = join(tarHeader(tarEntry({ name: "big", size: big.length })), big, TAR_END);
    const controller = new AbortController();
    const importing = collected(
      test.store.import(bytesStream(gzipSync(tar, { level: 1 })), { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(importing, { name: "AbortError" });
    assertNothingKept(test);
    await collected(test.store.import(bytesStream(plain), { reference: "t" }));
    assert.equal(contents(test).layers.length, 1);
  },
});
