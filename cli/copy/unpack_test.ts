import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { type TarEntry, tarEntry } from "../../base/tar/entry.ts";
import { TAR_END, tarHeader, writeTar } from "../../base/tar/writer.ts";
import { run } from "../../tests/support/command.ts";
import { renameArchive } from "./rename_archive.ts";
import { unpack, type UnpackOptions } from "./unpack.ts";

type Part = [entry: Partial<TarEntry> & { name: string }, text?: string];

function tarOf(parts: readonly Part[]): AsyncIterable<Bytes> {
  return writeTar(parts.map(([known, text = ""]) => {
    const content = new TextEncoder().encode(text);
    return { entry: tarEntry({ size: content.length, ...known }), content: [content] };
  }));
}

/** A folder with the destination `to`, and beside it the file `secret` and the directory `outside`. */
class Place implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "sauropod-cp-" });
  readonly to = `${this.folder}/to`;
  readonly said: string[] = [];

  constructor() {
    Deno.mkdirSync(this.to);
    Deno.mkdirSync(`${this.folder}/outside`);
    Deno.chmodSync(`${this.folder}/outside`, 0o755);
    Deno.writeTextFileSync(`${this.folder}/secret`, "untouched");
  }

  async unpack(tar: AsyncIterable<Bytes>, options: Partial<UnpackOptions> = {}): Promise<void> {
    const base = { folder: this.to, renaming: { hasTop: false, top: "." }, owners: false };
    await unpack(tar, { ...base, ...options }, (message) => this.said.push(message));
  }

  text(path: string): string {
    return Deno.readTextFileSync(`${this.folder}/${path}`);
  }

  mode(path: string): string {
    return ((Deno.lstatSync(`${this.folder}/${path}`).mode ?? 0) & 0o7777).toString(8);
  }

  /** Nothing beside the destination is other than it was. */
  assertUntouched(): void {
    assert.deepEqual([...Deno.readDirSync(this.folder)].map(({ name }) => name).sort(), ["outside", "secret", "to"]);
    assert.deepEqual([...Deno.readDirSync(`${this.folder}/outside`)], []);
    assert.equal(this.text("secret"), "untouched");
    assert.equal(this.mode("secret"), "644");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

const hostile: readonly { name: string; parts: Part[]; says: RegExp }[] = [
  { name: "..", parts: [[{ name: "../secret" }, "x"]], says: /unsafe name "\.\.\/secret"/ },
  { name: ".. further on", parts: [[{ name: "a/../../secret" }, "x"]], says: /unsafe name/ },
  { name: ".. that leads back", parts: [[{ name: "a/../b" }, "x"]], says: /unsafe name/ },
  { name: "a name from the root", parts: [[{ name: "/outside/x" }, "x"]], says: /unsafe name/ },
  {
    name: "a file through a symlink of the archive",
    parts: [[{ name: "l", type: "symlink", linkName: "../outside" }], [{ name: "l/x" }, "x"]],
    says: /to\/l is a symbolic link where a directory is expected/,
  },
  {
    name: "a directory through a symlink of the archive",
    parts: [[{ name: "l", type: "symlink", linkName: "../outside" }], [{ name: "l/d", type: "directory" }]],
    says: /is a symbolic link/,
  },
  {
    name: "a directory in the place of a symlink of the archive",
    parts: [[{ name: "l", type: "symlink", linkName: "../outside" }], [{
      name: "l",
      type: "directory",
      mode: 0o777,
    }]],
    says: /cannot overwrite non-directory ".*\/to\/l" with directory/,
  },
  {
    name: "a directory through a file",
    parts: [[{ name: "f" }, "x"], [{ name: "f/x" }, "x"]],
    says: /not a directory/,
  },
  {
    name: "a hard link out of the archive",
    parts: [[{ name: "h", type: "hardlink", linkName: "../secret" }]],
    says: /unsafe name/,
  },
  {
    name: "a hard link to what was there",
    parts: [[{ name: "h", type: "hardlink", linkName: "mine" }]],
    says: /hard link to "mine", which is none of its files/,
  },
  {
    name: "a hard link through a symlink of the archive",
    parts: [
      [{ name: "d", type: "directory" }],
      [{ name: "d/f" }, "x"],
      [{ name: "l", type: "symlink", linkName: ".." }],
      [{ name: "h", type: "hardlink", linkName: "l/secret" }],
    ],
    says: /which is none of its files/,
  },
];
for (const { name, parts, says } of hostile) {
  Deno.test(`unpack() refuses ${name}`, async () => {
    using place = new Place();
    Deno.writeTextFileSync(`${place.to}/mine`, "mine");
    await assert.rejects(place.unpack(tarOf(parts)), says);
    place.assertUntouched();
    assert.equal(place.text("to/mine"), "mine");
  });
}

Deno.test("unpack() replaces a symlink, and a file that has another name, and writes through neither", async () => {
  using place = new Place();
  Deno.symlinkSync("../secret", `${place.to}/l`);
  Deno.linkSync(`${place.folder}/secret`, `${place.to}/h`);
  await place.unpack(tarOf([[{ name: "l" }, "new"], [{ name: "h", mode: 0o600 }, "new"]]));
  place.assertUntouched();
  assert.deepEqual([place.text("to/l"), place.text("to/h"), Deno.lstatSync(`${place.to}/l`).isFile], [
    "new",
    "new",
    true,
  ]);
});

Deno.test("unpack() takes no symlink of the user's for a directory below the destination, but one that leads to it", async () => {
  using place = new Place();
  Deno.symlinkSync("../outside", `${place.to}/l`);
  await assert.rejects(place.unpack(tarOf([[{ name: "l/x" }, "x"]])), /is a symbolic link/);
  place.assertUntouched();
  Deno.symlinkSync("to", `${place.folder}/link`);
  await place.unpack(tarOf([[{ name: "x" }, "x"]]), { folder: `${place.folder}/link` });
  assert.equal(place.text("to/x"), "x");
});

Deno.test("a directory that is exchanged for a symlink while it is unpacked leads nowhere else", async () => {
  using place = new Place();
  async function* exchanged(): AsyncGenerator<Bytes> {
    yield tarHeader(tarEntry({ name: "d", type: "directory", mode: 0o711 }));
    yield tarHeader(tarEntry({ name: "d/one" }));
    Deno.renameSync(`${place.to}/d`, `${place.to}/moved`);
    Deno.symlinkSync("../outside", `${place.to}/d`);
    yield tarHeader(tarEntry({ name: "d/two" }));
    yield TAR_END;
  }
  await place.unpack(exchanged());
  place.assertUntouched();
  assert.deepEqual([place.mode("to/moved"), place.mode("outside")], ["711", "755"]);
  assert.deepEqual([...Deno.readDirSync(`${place.to}/moved`)].map(({ name }) => name).sort(), ["one", "two"]);
});

Deno.test("a file that is exchanged for a symlink while it is written keeps modes and times from the link's target", async () => {
  using place = new Place();
  const before = Deno.statSync(`${place.folder}/secret`).mtime;
  async function* exchanged(): AsyncGenerator<Bytes> {
    yield tarHeader(tarEntry({ name: "f", mode: 0o4777, size: 512 }));
    Deno.removeSync(`${place.to}/f`);
    Deno.symlinkSync("../secret", `${place.to}/f`);
    yield new Uint8Array(512);
    yield TAR_END;
  }
  await place.unpack(exchanged());
  place.assertUntouched();
  assert.deepEqual(Deno.statSync(`${place.folder}/secret`).mtime, before);
});

Deno.test("unpack() gives modes, set-user-ID bits and times, whatever the umask is, to directories last", async () => {
  using place = new Place();
  const at = (seconds: number) => BigInt(seconds) * 1_000_000_000n;
  await place.unpack(tarOf([
    [{ name: "d", type: "directory", mode: 0o2555, modified: at(1000) }],
    [{ name: "d/f", mode: 0o4755, modified: at(2000) }, "text"],
    [{ name: "d/h", type: "hardlink", linkName: "d/f" }],
    [{ name: "implied/l", type: "symlink", linkName: "/etc/passwd" }],
    [{ name: "old", mode: 0o666, modified: -at(5) }, "x"],
  ]));
  assert.deepEqual(["to/d", "to/d/f", "to/implied", "to/old"].map((path) => place.mode(path)), [
    "2555",
    "4755",
    "755",
    "666",
  ]);
  const seconds = ["d", "d/f", "old"].map((path) =>
    (Deno.statSync(`${place.to}/${path}`).mtime?.getTime() ?? 0) / 1000
  );
  assert.deepEqual(seconds, [1000, 2000, 0]);
  assert.equal(Deno.statSync(`${place.to}/d/h`).ino, Deno.statSync(`${place.to}/d/f`).ino);
  assert.equal(Deno.readLinkSync(`${place.to}/implied/l`), "/etc/passwd");
  Deno.chmodSync(`${place.to}/d`, 0o755);
});

Deno.test("unpack() makes no devices and FIFOs, and says so", async () => {
  using place = new Place();
  await place.unpack(tarOf([
    [{ name: "null", type: "character", major: 1, minor: 3 }],
    [{ name: "pipe", type: "fifo" }],
    [{ name: "after" }, "x"],
  ]));
  assert.deepEqual([...Deno.readDirSync(place.to)].map(({ name }) => name), ["after"]);
  assert.deepEqual(place.said, [`${place.to}/null is a device: not copied`, `${place.to}/pipe is a FIFO: not copied`]);
});

Deno.test("unpack() leaves out names that are no UTF-8, which Deno cannot make, and says so", async () => {
  using place = new Place();
  await place.unpack(tarOf([[{ name: "caf\udce9" }, "x"], [{ name: "b" }, "x"]]));
  assert.deepEqual([...Deno.readDirSync(place.to)].map(({ name }) => name), ["b"]);
  assert.deepEqual(place.said, ['"caf\\udce9" has a name that is not UTF-8: not copied']);
});

Deno.test("unpack() renames the top of all names, also of those that hard links lead to", async () => {
  using place = new Place();
  const parts: Part[] = [
    [{ name: "./was/", type: "directory" }],
    [{ name: "was/f" }, "x"],
    [{ name: "was/h", type: "hardlink", linkName: "was/f" }],
  ];
  await place.unpack(tarOf(parts), { renaming: { hasTop: true, top: "is" } });
  assert.equal(place.text("to/is/h"), "x");
  await place.unpack(tarOf([[{ name: "./", type: "directory" }], [{ name: "./g" }, "y"]]), {
    renaming: { hasTop: false, top: "is" },
  });
  assert.equal(place.text("to/is/g"), "y");
});

Deno.test("holes of a sparse file are holes when it is unpacked, and zeros when it is renamed", async () => {
  using place = new Place();
  const [from, tar] = [`${place.to}/sparse`, `${place.to}/sparse.tar`];
  using file = Deno.openSync(from, { write: true, createNew: true });
  file.seekSync(1 << 20, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode("in the middle"));
  file.truncateSync(3 << 20);
  const bytes = Deno.readFileSync(from);
  await run(["tar", "-C", place.to, "-cSf", tar, "sparse"]);
  const renaming = { hasTop: true, top: "copy" };
  await place.unpack(Deno.openSync(tar).readable, { renaming });
  assert.deepEqual(Deno.readFileSync(`${place.to}/copy`), bytes);
  assert.ok((Deno.statSync(`${place.to}/copy`).blocks ?? 0) < 1000);
  await place.unpack(renameArchive(Deno.openSync(tar).readable, { hasTop: true, top: "full" }));
  assert.deepEqual(Deno.readFileSync(`${place.to}/full`), bytes);
});

Deno.test("unpack() says of an archive that was cut that it was", async () => {
  using place = new Place();
  async function* cut(): AsyncGenerator<Bytes> {
    yield tarHeader(tarEntry({ name: "f" }));
  }
  await assert.rejects(place.unpack(cut()), /the tar archive is truncated/);
});
