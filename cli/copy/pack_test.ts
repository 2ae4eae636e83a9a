import assert from "node:assert/strict";
import { coalesce } from "../../base/coalesce.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { output } from "../../tests/support/command.ts";
import { packFiles } from "./pack.ts";

class Place implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "sauropod-cp-" });
  readonly said: string[] = [];

  write(path: string, text: string | Uint8Array, mode = 0o644): string {
    const full = `${this.folder}/${path}`;
    Deno.writeFileSync(full, typeof text === "string" ? new TextEncoder().encode(text) : text);
    Deno.chmodSync(full, mode);
    return full;
  }

  /** The archive as GNU tar lists it. */
  async listed(...all: { path: string; name: string }[]): Promise<string[]> {
    const tar = writeTar(packFiles(all, (message, kind) => this.said.push(`${kind}: ${message}`)));
    const bytes = await new Response(ReadableStream.from(coalesce(tar))).bytes();
    const { stdout, stderr, code } = await output(["tar", "-tv", "--full-time", "--utc", "--numeric-owner"], {
      stdin: bytes,
    });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.trimEnd().split("\n").map((line) => line.replaceAll(/ +/g, " "));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

const owner = `${Deno.uid()}/${Deno.gid()}`;

Deno.test("packFiles() has modes, whole seconds, links and hard links, and names sorted", async () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/d/sub`, { recursive: true });
  const file = place.write("d/b", "text", 0o4751);
  Deno.linkSync(file, `${place.folder}/d/sub/again`);
  Deno.symlinkSync("../nowhere", `${place.folder}/d/a`);
  for (const path of ["d/b", "d/sub", "d"]) Deno.utimeSync(`${place.folder}/${path}`, 1.9, 1_000_000_000.9);
  const [top, link, ...rest] = await place.listed({ path: `${place.folder}/d`, name: "top" });
  assert.match(link ?? "", /^lrwxrwxrwx .* top\/a -> \.\.\/nowhere$/);
  assert.deepEqual([top, ...rest], [
    `drwxr-xr-x ${owner} 0 2001-09-09 01:46:40 top/`,
    `-rwsr-x--x ${owner} 4 2001-09-09 01:46:40 top/b`,
    `drwxr-xr-x ${owner} 0 2001-09-09 01:46:40 top/sub/`,
    `hrwsr-x--x ${owner} 0 2001-09-09 01:46:40 top/sub/again link to top/b`,
  ]);
});

Deno.test("packFiles() puts several sources into one archive, and leaves out the directory of `dir/.`", async () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/d`);
  place.write("d/x", "");
  place.write("f", "");
  const paths = await place.listed({ path: `${place.folder}/d/.`, name: "." }, {
    path: `${place.folder}/f`,
    name: "g",
  });
  assert.deepEqual(paths.map((line) => line.split(" ").at(-1)), ["./x", "g"]);
});

Deno.test("packFiles() leaves out sockets and says so, and has FIFOs", async () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/d`);
  await output(["mkfifo", `${place.folder}/d/pipe`]);
  using _socket = Deno.listen({ transport: "unix", path: `${place.folder}/d/sock` });
  const lines = await place.listed({ path: `${place.folder}/d`, name: "d" });
  assert.deepEqual(lines.map((line) => `${line[0]} ${line.split(" ").at(-1)}`), ["d d/", "p d/pipe"]);
  assert.deepEqual(place.said, [`skipped: ${place.folder}/d/sock is a socket: not copied`]);
});

Deno.test("packFiles() complains of a file that has gone, and has the others", () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/d`);
  for (const name of ["a", "b", "c"]) place.write(`d/${name}`, "x");
  const names: string[] = [];
  const complain = (message: string, kind: string) => place.said.push(`${kind}: ${message}`);
  for (const { entry } of packFiles([{ path: `${place.folder}/d`, name: "d" }], complain)) {
    names.push(entry.name);
    if (entry.name === "d/a") Deno.removeSync(`${place.folder}/d/b`);
  }
  assert.deepEqual(names, ["d", "d/a", "d/c"]);
  assert.deepEqual(place.said, [`failed: lstat ${place.folder}/d/b: no such file or directory`]);
});

Deno.test("a file that becomes shorter while it is packed is filled up, and complained of", async () => {
  using place = new Place();
  const path = place.write("f", new Uint8Array(1 << 20).fill(7));
  const [file] = packFiles([{ path, name: "f" }], (message) => place.said.push(message));
  let size = 0;
  for await (const piece of file?.content ?? []) {
    if (size === 0) Deno.truncateSync(path, 1000);
    size += piece.length;
  }
  assert.equal(size, 1 << 20);
  assert.match(place.said.join(), /its last \d+ bytes could not be read: there are zeros in their place/);
});

Deno.test("a directory that is exchanged for a symlink while it is packed is that symlink, and not followed", () => {
  using place = new Place();
  for (const path of ["d/sub", "outside"]) Deno.mkdirSync(`${place.folder}/${path}`, { recursive: true });
  place.write("outside/secret", "x");
  place.write("d/a", "x");
  const found: string[] = [];
  for (const { entry } of packFiles([{ path: `${place.folder}/d`, name: "d" }], (text) => place.said.push(text))) {
    found.push(`${entry.type} ${entry.name}`);
    if (entry.name !== "d/a") continue;
    Deno.removeSync(`${place.folder}/d/sub`);
    Deno.symlinkSync("../outside", `${place.folder}/d/sub`);
  }
  assert.deepEqual(found, ["directory d", "file d/a", "symlink d/sub"]);
});
