import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { GO_MODE } from "../../base/docker/archive.ts";
import { notFound, unavailable } from "../../base/errors.ts";
import { TAR_END } from "../../base/tar/writer.ts";
import { output } from "../../tests/support/command.ts";
import { FolderFiles } from "../copy/folder_files_test_support.ts";
import { command as cp } from "./cp.ts";
import { run, type RunOptions } from "./run_test_support.ts";
import { command as volumeCp } from "./volume_cp.ts";

/** A folder with `ctr`, which is what lies in the container `c`, and `here`. */
class Place implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "sauropod-cp-" });
  readonly here = `${this.folder}/here`;
  readonly files: FolderFiles;

  constructor() {
    Deno.mkdirSync(this.here);
    Deno.mkdirSync(`${this.folder}/ctr/log`, { recursive: true });
    for (const name of ["a.log", "b.log", "c.txt"]) Deno.writeTextFileSync(`${this.folder}/ctr/log/${name}`, name);
    this.files = new FolderFiles(`${this.folder}/ctr`);
  }

  cp(line: readonly string[], options?: RunOptions) {
    const containers = Object.assign(this.files, {
      inspect: (id: string) => Promise.resolve({ Id: id === "alias" ? "c" : id }),
    });
    return run(cp, { containers: containers as never }, line, options);
  }

  names(path: string): string[] {
    return [...Deno.readDirSync(`${this.folder}/${path}`)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

for (
  const [line, says] of [
    [["", "c:/x"], "source can not be empty"],
    [["x", ""], "destination can not be empty"],
    [["a", "b"], "must specify at least one container source"],
    [["./c:x", "b"], "must specify at least one container source"],
    [["/c:x", "b"], "must specify at least one container source"],
    [[":x", "b"], "must specify at least one container source"],
    [["c:/log", "a", "b"], "must specify at least one container source"],
    [["-", "c:/log/a.log"], 'destination "c:/log/a.log" must be a directory'],
    [["-", "c:/none"], 'destination "c:/none" must be a directory'],
    [["c:/log", "/dev/null"], 'invalid output path: "/dev/null" must be a directory or a regular file: got a device'],
    [["c:/log", "/no/such"], 'invalid output path: directory "/no" does not exist'],
    [["/no/such", "c:/log"], "lstat /no/such: no such file or directory"],
    [["c:/none", "."], "Could not find the file /none in container c"],
    [["c:/none*", "."], "Could not find the file /none* in container c"],
  ] as const
) {
  Deno.test(`cp ${line.map((word) => word || "''").join(" ")} says: ${says}`, async () => {
    using place = new Place();
    await assert.rejects(place.cp(line), { message: says });
  });
}

Deno.test("cp says how much it has copied, on stderr, unless it is to be quiet or stdout is no terminal", async () => {
  using place = new Place();
  const into = [`${place.folder}/ctr/log/a.log`, "c:/log/new"];
  const said = "Successfully copied 2.05kB to c:/log/new\n";
  assert.deepEqual(await place.cp(into, { terminal: true }), { code: 0, stdout: "", stderr: said });
  assert.equal((await place.cp(["-q=false", ...into])).stderr, said);
  assert.equal((await place.cp(into)).stderr, "");
  assert.equal((await place.cp(["-q", ...into], { terminal: true })).stderr, "");
  const out = await place.cp(["c:/log/a.log", `${place.here}/.`], { terminal: true });
  assert.match(out.stderr, /^Successfully copied \S+kB to \/.*\/here\/\.\n$/);
});

Deno.test("cp has tars as stdin and stdout", async () => {
  using place = new Place();
  const tar = (await output(["tar", "-C", `${place.folder}/ctr/log`, "-c", "a.log"])).stdout;
  assert.equal((await place.cp(["-", "c:/"], { stdin: tar })).code, 0);
  assert.deepEqual(place.names("ctr"), ["a.log", "log"]);
  const { stdout, stderr } = await place.cp(["c:/log/b.log", "-"], { terminal: true });
  assert.equal((await output(["tar", "-xO"], { stdin: stdout })).stdout, "b.log");
  assert.equal(stderr, "");
});

Deno.test("cp -a gives what is put to the container's user, and asks the engine to spare directories", async () => {
  using place = new Place();
  await place.cp(["-a", `${place.folder}/ctr/log/a.log`, "c:/x"]);
  await place.cp([`${place.folder}/ctr/log/a.log`, "c:/x"]);
  assert.deepEqual(place.files.options, [
    { noOverwriteDirNonDir: true, copyUIDGID: true },
    { noOverwriteDirNonDir: true, copyUIDGID: false },
  ]);
});

Deno.test("cp takes several local sources in one archive, if the destination is a directory", async () => {
  using place = new Place();
  const paths = ["a.log", "b.log"].map((name) => `${place.folder}/ctr/log/${name}`);
  await place.cp([...paths, `${place.folder}/ctr/log`, "c:/"]);
  assert.deepEqual(place.names("ctr"), ["a.log", "b.log", "log"]);
  assert.equal(place.files.options.length, 1);
  await assert.rejects(place.cp([...paths, "c:/new"]), { message: 'destination "c:/new" must be a directory' });
});

Deno.test("cp takes a pattern for the paths that match it, unless there is such a name", async () => {
  using place = new Place();
  await place.cp(["c:/log/*.log", place.here]);
  assert.deepEqual(place.names("here"), ["a.log", "b.log"]);
  await place.cp(["c:/log/[c]*", `${place.here}/one`]);
  assert.equal(Deno.readTextFileSync(`${place.here}/one`), "c.txt");
  await assert.rejects(place.cp(["c:/log/*.log", `${place.here}/two`]), /two" must be a directory/);
  await assert.rejects(place.cp(["c:/log/*.log", "-"]), { message: 'destination "-" takes one source' });
  Deno.writeTextFileSync(`${place.folder}/ctr/log/*`, "star");
  await place.cp(["c:/log/*", `${place.here}/star`]);
  assert.equal(Deno.readTextFileSync(`${place.here}/star`), "star");
});

Deno.test("cp of several goes on after one that fails, and leaves with 1", async () => {
  using place = new Place();
  const { code, stderr } = await place.cp(["c:/none", "c:/log/a.log", place.here], { terminal: true });
  assert.deepEqual([code, stderr], [1, "Could not find the file /none in container c\n"]);
  assert.deepEqual(place.names("here"), ["a.log"]);
});

Deno.test("cp copies from one container to another, and within one", async () => {
  using place = new Place();
  await place.cp(["c:/log/*.log", "d:/"]);
  assert.deepEqual(place.names("ctr"), ["a.log", "b.log", "log"]);
  await place.cp(["c:/log", "d:/new"]);
  assert.deepEqual(place.names("ctr/new"), ["a.log", "b.log", "c.txt"]);
  await place.cp(["c:/log/.", "d:/again"]);
  assert.deepEqual(place.names("ctr/again"), ["a.log", "b.log", "c.txt"]);
  await place.cp(["c:/log", "alias:/log"]);
  assert.deepEqual(place.names("ctr/log/log"), ["a.log", "b.log", "c.txt"]);
  await assert.rejects(place.cp(["c:/log", "d:/log/a.log"]), { message: "cannot copy directory" });
});

Deno.test("cp has a container's archive whole before it is put into the same container: it might wait for itself", async () => {
  let [open, putWhileOpen] = [true, true];
  const stat = { name: "x", size: 0, mode: GO_MODE.directory + 0o755, mtime: "", linkTarget: "" };
  const files = {
    statPath: () => Promise.resolve(stat),
    getArchive: () => {
      async function* read(): AsyncGenerator<Bytes> {
        yield TAR_END;
        open = false;
      }
      return Promise.resolve({ stat, tar: ReadableStream.from(read()) });
    },
    putArchive: async (_of: string, _path: string, tar: ReadableStream<Bytes>) => {
      putWhileOpen = open;
      await new Response(tar).bytes();
    },
    inspect: () => Promise.resolve({ Id: "c" }),
  };
  await run(cp, { containers: files as never }, ["c:/x", "alias:/y"]);
  assert.deepEqual([open, putWhileOpen], [false, false]);
});

Deno.test("cp into a device of a container says that it is one; what goes wrong otherwise is told as it is", async () => {
  const device = { name: "x", size: 0, mode: GO_MODE.device + 0o666, mtime: "", linkTarget: "" };
  const into = (statPath: () => Promise<typeof device>) =>
    run(cp, { containers: { statPath } }, ["/etc/passwd", "c:/x"]);
  await assert.rejects(into(() => Promise.resolve(device)), {
    message: 'destination "c:/x" must be a directory or a regular file: got a device',
  });
  await assert.rejects(into(() => Promise.reject(unavailable("no engine"))), { message: "no engine" });
});

Deno.test("volume cp is the same with volumes", async () => {
  using place = new Place();
  const { files } = place;
  assert.equal((await run(volumeCp, { volumes: files }, ["v:/log/*.log", "v:/"])).code, 0);
  assert.deepEqual(place.names("ctr"), ["a.log", "b.log", "log"]);
  await assert.rejects(run(volumeCp, { volumes: files }, ["a", "b"]), {
    message: "must specify at least one volume source",
  });
  const putArchive = () => Promise.reject(notFound("get v: no such volume"));
  await assert.rejects(
    run(volumeCp, { volumes: { ...files, statPath: putArchive, putArchive } }, ["/etc/passwd", "v:/x"]),
    {
      message: "get v: no such volume",
    },
  );
});
