/** Containers that exchange what is being copied: nothing of the host is read or written (CVE-2018-15664 and its kin). */
import assert from "node:assert/strict";
import type { Bytes, ContainerEngine } from "../../base/container_engine.ts";
import { errorClass } from "../../base/errors.ts";
import { type TarEntry, tarEntry } from "../../base/tar/entry.ts";
import { TarReader } from "../../base/tar/reader.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { attackImage, staticProgram } from "../support/attack_image.ts";
import { run } from "../support/command.ts";
import { mountsOf } from "../support/containers.ts";
import { assertNoBugs, clientOf } from "../support/crash.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "gcc"] });
const test = sandbox.test.bind(sandbox);

const ROUNDS = 2000;
const COUNT = "200000000"; // the swapper ends with its container

let image: Promise<string> | undefined;

/** Starts a container that makes things by `script` and exchanges the pairs for ever. */
async function swapper(box: Sandbox, name: string, script: string, pairs: readonly string[], flags: string[] = []) {
  image ??= attackImage(box, "swappers", async (root) => {
    await Deno.copyFile(await staticProgram("swap"), `${root}/bin/swap`);
  });
  const line = `${script}; touch /ready; exec swap ${COUNT} ${pairs.join(" ")}`;
  await box.ok("run", "-d", "--name", name, "--network", "none", ...flags, await image, "sh", "-c", line);
  await until("it has begun", async () => (await box.sauropod(["exec", name, "test", "-e", "/ready"])).code === 0);
}

/** A folder of the host with a file that nobody may read, write or touch. */
async function treasure(box: Sandbox, name: string) {
  const folder = `${box.folder}/${name}`;
  await Deno.mkdir(folder, { mode: 0o700 });
  await Deno.writeTextFile(`${folder}/file`, "of the host alone", { mode: 0o600 });
  const look = () => run(["find", folder, "-printf", "%p %y %m %U %s %T@ %C@\n"]);
  return { folder, look, before: await look() };
}

async function entriesOf(tar: ReadableStream<Bytes>): Promise<{ entry: TarEntry; text: string }[]> {
  const found: { entry: TarEntry; text: string }[] = [];
  const reader = new TarReader({
    entry: (entry) => void found.push({ entry, text: "" }),
    data: (bytes) => {
      const last = found.at(-1);
      if (last !== undefined) last.text += new TextDecoder().decode(bytes);
    },
    end: () => {},
  }, { bytes: 1 << 20, apparentBytes: 1 << 30, entries: 1000 });
  for await (const bytes of tar) reader.push(bytes);
  reader.finish({ needsEnd: true });
  return found;
}

/** What came of each round, by class; anything unclassed fails the test. */
async function rounds(work: () => Promise<string>): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  for (let i = 0; i < ROUNDS; i++) {
    const outcome = await work().catch((error: unknown) => {
      // An assertion of the round is none of the engine's failures.
      if (error instanceof assert.AssertionError) throw error;
      return errorClass(error) === "internal" ? `internal: ${error}` : errorClass(error);
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  assert.deepEqual([...outcomes.keys()].filter((outcome) => outcome.startsWith("internal")), []);
  return outcomes;
}

const put = ({ containers }: ContainerEngine, name: string, path: string, entries: readonly TarEntry[]) =>
  containers.putArchive(
    name,
    path,
    ReadableStream.from(writeTar(entries.map((entry) => ({ entry, content: [new Uint8Array(entry.size)] })))),
    { noOverwriteDirNonDir: true }, // else it would put an end to what is exchanged
  );

test("a copy out of a container that exchanges folders for links reads nothing of the host", async (box) => {
  const { folder, look, before } = await treasure(box, "read");
  await swapper(
    box,
    "links",
    `mkdir -p /a /c; echo mine > /a/file; ln -s ${folder} /b; ln -s ../../../../../../../..${folder} /d`,
    ["/a", "/b", "/c", "/d"],
  );
  await using engine = clientOf(box);
  const outcomes = await rounds(async () => {
    const { tar } = await engine.containers.getArchive("links", "/a/file");
    const [file] = await entriesOf(tar);
    assert.equal(file?.text, "mine\n");
    return "mine";
  });
  const whole = await rounds(async () => {
    const { tar } = await engine.containers.getArchive("links", "/c/.");
    return (await entriesOf(tar)).map(({ entry, text }) => `${entry.name}${text}`).join();
  });
  assert.ok((outcomes.get("mine") ?? 0) > 0 && (outcomes.get("not_found") ?? 0) > 0, JSON.stringify([...outcomes]));
  assert.deepEqual([...whole.keys()].filter((outcome) => !["./", "not_found"].includes(outcome)), []);
  assert.equal(await look(), before);
  await box.ok("rm", "-f", "links");
});

test("a file that is exchanged for a device, a FIFO or a link is copied as the one or the other, and nobody waits", async (box) => {
  const { folder } = await treasure(box, "device");
  const disk = await run(["stat", "-c", "%Hd %Ld", box.folder]);
  const [major = "8", minor = "0"] = disk.trim().split(" ");
  await swapper(
    box,
    "devices",
    `mkdir /w; echo mine > /w/a; mknod /w/b b ${major} ${minor}; echo mine > /w/c; mkfifo /w/d;
     echo mine > /w/e; ln -s ${folder}/file /w/f`,
    ["/w/a", "/w/b", "/w/c", "/w/d", "/w/e", "/w/f"],
  );
  await using engine = clientOf(box);
  const outcomes = await rounds(async () => {
    const { tar } = await engine.containers.getArchive("devices", "/w");
    for (const { entry: { name, type, size }, text } of await entriesOf(tar)) {
      if (type === "file") assert.deepEqual([name, size, text], [name, 5, "mine\n"]);
    }
    return "copied";
  });
  assert.deepEqual([...outcomes.keys()], ["copied"]);
  await box.ok("rm", "-f", "devices");
});

test("a copy into a container that exchanges folders for links writes nothing to the host, nor changes a mode", async (box) => {
  const { folder, look, before } = await treasure(box, "write");
  await swapper(
    box,
    "targets",
    `mkdir -p /a /t/dir /t/sub; ln -s ${folder} /b; ln -s ${folder} /link; ln -s ${folder} /t/link`,
    ["/a", "/b", "/t/dir", "/t/link"],
  );
  await using engine = clientOf(box);
  const outcomes = await rounds(async () => {
    const entries = [
      tarEntry({ name: "file", mode: 0o777, size: 3, uid: 7 }),
      tarEntry({ name: "dir", type: "directory", mode: 0o777, uid: 7 }),
      tarEntry({ name: "dir/file", mode: 0o777, size: 3, uid: 7 }),
      tarEntry({ name: "dir/again", type: "hardlink", linkName: "dir/file" }),
      tarEntry({ name: "dir/fifo", type: "fifo", mode: 0o777 }),
    ];
    await put(engine, "targets", "/t", entries);
    return "put";
  });
  const places = await rounds(async () => {
    await put(engine, "targets", "/a", [tarEntry({ name: "file", mode: 0o777, size: 3 })]);
    return "put";
  });
  assert.ok((outcomes.get("put") ?? 0) > 0 && (outcomes.get("conflict") ?? 0) > 0, JSON.stringify([...outcomes]));
  assert.ok((places.get("put") ?? 0) > 0 && (places.get("not_found") ?? 0) > 0, JSON.stringify([...places]));
  assert.equal(await look(), before);
  await box.ok("rm", "-f", "targets");
});

test("a volume is copied from and to while its containers exchange what is in it", async (box) => {
  const { folder, look, before } = await treasure(box, "volume");
  const script = `mkdir -p /v/a; echo mine > /v/a/file; ln -s ${folder} /v/b`;
  await swapper(box, "shared", script, ["/v/a", "/v/b"], ["-v", "swapped:/v"]);
  await using engine = clientOf(box);
  const outcomes = await rounds(async () => {
    const { tar } = await engine.volumes.getArchive("swapped", "a/file");
    return (await entriesOf(tar)).map(({ text }) => text).join();
  });
  assert.deepEqual([...outcomes.keys()].filter((outcome) => !["mine\n", "not_found"].includes(outcome)), []);
  for (const name of ["clone", "export"]) {
    await box.sauropod(["volume", name, "swapped", ...name === "clone" ? ["twin"] : []]);
  }
  assert.equal(await look(), before);
  await box.ok("rm", "-f", "shared");
});

test("a copy to or from a container that does not run leaves no mount, and a start waits for its end", async (box) => {
  const mounts = mountsOf(box);
  await box.ok("create", "--name", "still", "--network", "none", "-v", "kept:/data", "busybox", "cat", "/data/x/file");
  await using engine = clientOf(box);
  await engine.containers.statPath("still", "/data");
  assert.deepEqual(mountsOf(box), mounts);
  const held = Promise.withResolvers<void>();
  const tar = async function* () {
    const whole = await Array.fromAsync(writeTar([
      { entry: tarEntry({ name: "x", type: "directory" }) },
      { entry: tarEntry({ name: "x/file", size: 5 }), content: [new TextEncoder().encode("whole")] },
    ]));
    yield whole[0] ?? new Uint8Array();
    await held.promise;
    yield* whole.slice(1);
  };
  const putting = engine.containers.putArchive("still", "/data", ReadableStream.from(tar()));
  await until("it has begun", async () => (await box.sauropod(["volume", "export", "kept"])).stdout.includes("x/"));
  const starting = box.sauropod(["start", "-a", "still"]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await box.inspect("still", "{{.State.Status}}"), "created");
  held.resolve();
  await putting;
  assert.equal((await starting).stdout, "whole");
  assertNoBugs(box);
  await box.ok("rm", "still");
});
