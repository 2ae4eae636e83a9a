/** Copies of directories, looked at by GNU find, tar and getfattr. */
import assert from "node:assert/strict";
import { copyTree } from "../../fs/copy_tree.ts";
import { Merged } from "../../fs/merged.ts";
import { packTree } from "../../fs/pack_tree.ts";
import { UnionFolder } from "../../fs/union_folder.ts";
import { unpackTree } from "../../fs/unpack_tree.ts";
import { setXattr } from "../../sys/attributes.ts";
import { makeNode } from "../../sys/directory.ts";
import { O, open } from "../../sys/open.ts";
import { run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const root = requires({ root: true, command: ["getfattr", "setfattr"] });

class Folder {
  readonly path = Deno.makeTempDirSync();

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }

  write(path: string, text = path): void {
    Deno.mkdirSync(`${this.path}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${this.path}/${path}`, text);
  }

  async listing(): Promise<string[]> {
    // In octal where it is no ASCII: what we get as text is not told apart otherwise.
    const find = `find "$1" -printf '%P %y %#m %U:%G %n %s %l %T@\\n' | LC_ALL=C sed -n l`;
    const text = (await run(["sh", "-c", find, "sh", this.path])).replaceAll(/\\\n|\$$/gm, "");
    return text.split("\n").map((line) => line.replace(/^(\S*) d (\S+ \S+ \d+) \d+/, "$1 d $2")).filter(Boolean).sort();
  }
}

async function copy(source: UnionFolder, target: string): Promise<void> {
  using folder = source;
  using into = open(target, O.RDONLY | O.DIRECTORY);
  await copyTree(folder, into);
}

/** A bit of everything that a directory can hold. */
async function fill(folder: Folder): Promise<void> {
  folder.write("a/b/c/deep");
  folder.write("empty", "");
  folder.write("big", "0123456789".repeat(2_000_000));
  Deno.linkSync(`${folder.path}/empty`, `${folder.path}/a/again`);
  Deno.linkSync(`${folder.path}/empty`, `${folder.path}/a/b/again`);
  Deno.symlinkSync("/etc/passwd", `${folder.path}/absolute`);
  // A name in Latin-1, which no call of Deno's could be given.
  await run(["sh", "-c", "printf x > \"$1/$(printf 'caf\\351')\"", "sh", folder.path]);
  await run(["mkfifo", `${folder.path}/fifo`]);
  await run(["mknod", `${folder.path}/device`, "c", "1", "3"]);
  await run(["chown", "-h", "12:34", `${folder.path}/absolute`, `${folder.path}/big`]);
  await run(["chown", "70000:70001", folder.path, `${folder.path}/a/b`]);
  await run(["chmod", "6755", `${folder.path}/big`]);
  await run(["chmod", "1777", `${folder.path}/a`]);
  await run(["setfattr", "-n", "user.x", "-v", "y", `${folder.path}/big`]);
  await run(["setfattr", "-n", "user.folder", "-v", "z", `${folder.path}/a/b`]);
  await run(["touch", "-h", "-d", "1999-12-31T23:59:59.5Z", `${folder.path}/absolute`, `${folder.path}/a/b/c/deep`]);
  await run(["touch", "-d", "2000-01-01T00:00:00.123456789Z", `${folder.path}/a/b/c`, `${folder.path}/a`, folder.path]);
}

async function assertSame(copied: Folder, source: Folder): Promise<void> {
  assert.deepEqual(await copied.listing(), await source.listing());
  const attributes = async ({ path }: Folder) =>
    (await run(["getfattr", "-Rhd", "-m", "-", "--absolute-names", path])).replaceAll(path, "");
  assert.equal(await attributes(copied), await attributes(source));
  await run(["cmp", `${copied.path}/big`, `${source.path}/big`]);
  assert.equal(Deno.statSync(`${copied.path}/empty`).ino, Deno.statSync(`${copied.path}/a/b/again`).ino);
}

Deno.test({
  name: "copyTree() copies owners, modes, times, attributes, devices, symlinks and hard links",
  ...root,
  async fn() {
    using source = new Folder();
    using copied = new Folder();
    await fill(source);
    await copy(UnionFolder.plain(source.path), copied.path);
    await assertSame(copied, source);
  },
});

Deno.test({
  name: "packTree() and unpackTree() are each other's reverse, and GNU tar reads what is between",
  ...root,
  async fn() {
    using source = new Folder();
    using unpacked = new Folder();
    using byTar = new Folder();
    await fill(source);
    source.write("a/.wh.file", "no whiteout");
    source.write(`a/${"long".repeat(40)}/${"name".repeat(40)}`);
    using packed = UnionFolder.plain(source.path);
    using into = open(unpacked.path, O.RDONLY | O.DIRECTORY);
    await unpackTree(ReadableStream.from(packTree(packed, { top: "./" })), into);
    await assertSame(unpacked, source);
    const tar = `${byTar.path}.tar`;
    await Deno.writeFile(tar, ReadableStream.from(packTree(packed, { top: "./" })));
    await run(["tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", tar, "-C", byTar.path]);
    await Deno.remove(tar);
    await assertSame(byTar, source);
  },
});

Deno.test({
  name: "copyTree() copies what overlay would show: whiteouts, opaque folders, the topmost of each name",
  ...root,
  async fn() {
    using lower = new Folder();
    using upper = new Folder();
    using copied = new Folder();
    for (const path of ["data/kept", "data/gone", "data/covered", "data/dir/old", "data/both/low", "data/file/x"]) {
      lower.write(path);
    }
    for (const path of ["data/covered", "data/dir/new", "data/both/high", "data/file"]) upper.write(path, "upper");
    using at = open(`${upper.path}/data`, O.RDONLY | O.DIRECTORY);
    makeNode(at, "gone", 0o20000, 0n);
    setXattr(at, "dir", "trusted.overlay.opaque", new TextEncoder().encode("y"));
    Deno.symlinkSync("data", `${lower.path}/link`);
    const source = new Merged("", [upper.path, lower.path]).folder("/link/both/..");
    assert.ok(source);
    await copy(source, copied.path);
    assert.deepEqual((await copied.listing()).map((line) => line.split(" ").slice(0, 2).join(" ")), [
      " d",
      "both d",
      "both/high f",
      "both/low f",
      "covered f",
      "dir d",
      "dir/new f",
      "file f",
      "kept f",
    ]);
    assert.equal(Deno.readTextFileSync(`${copied.path}/covered`), "upper");
    assert.equal(await run(["getfattr", "-m", "-", `${copied.path}/dir`]), "");
    assert.equal(new Merged("", [upper.path, lower.path]).folder("/data/file"), undefined);
    assert.equal(new Merged("", [upper.path, lower.path]).folder("/data/gone"), undefined);
  },
});

Deno.test({
  name: "copyTree() goes as deep as a path can be, with few descriptors",
  ...root,
  async fn() {
    using source = new Folder();
    using copied = new Folder();
    const deep = Array.from({ length: 300 }, () => "d").join("/");
    source.write(`${deep}/end`);
    const before = [...Deno.readDirSync("/proc/self/fd")].length;
    await copy(UnionFolder.plain(source.path), copied.path);
    assert.equal(Deno.readTextFileSync(`${copied.path}/${deep}/end`), `${deep}/end`);
    assert.equal([...Deno.readDirSync("/proc/self/fd")].length, before);
  },
});
