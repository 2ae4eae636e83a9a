/**
 * A container that has the local folder of a copy mounted, and exchanges a directory in it for a symlink: nothing beside
 * that folder is read or written (CVE-2018-15664 the other way round).
 */
import assert from "node:assert/strict";
import { tarEntry } from "../../base/tar/entry.ts";
import { type TarFile, writeTar } from "../../base/tar/writer.ts";
import { packFiles } from "../../cli/copy/pack.ts";
import { unpack } from "../../cli/copy/unpack.ts";
import { attackImage, staticProgram } from "../support/attack_image.ts";
import { run } from "../support/command.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "gcc"] });
const test = sandbox.test.bind(sandbox);

const ROUNDS = 3000;

/** A folder that a container has as /w, in which it exchanges `d` and the link `l` to `treasure` for ever. */
async function exchanged(box: Sandbox, name: string) {
  const [shared, treasure] = [`${box.folder}/${name}`, `${box.folder}/${name}-treasure`];
  await Deno.mkdir(`${shared}/d`, { recursive: true });
  await Deno.mkdir(treasure, { mode: 0o700 });
  await Deno.writeTextFile(`${treasure}/file`, "of the host alone", { mode: 0o600 });
  await Deno.writeTextFile(`${shared}/d/file`, "mine");
  await Deno.symlink(treasure, `${shared}/l`);
  const image = await attackImage(box, "exchangers", async (root) => {
    await Deno.copyFile(await staticProgram("swap"), `${root}/bin/swap`);
  });
  const line = "touch /w/ready; exec swap 200000000 /w/d /w/l";
  await box.ok("run", "-d", "--name", name, "--network", "none", "-v", `${shared}:/w`, image, "sh", "-c", line);
  await until("it has begun", () => [...Deno.readDirSync(shared)].some(({ name }) => name === "ready"));
  const look = () => run(["find", treasure, "-printf", "%p %y %m %U %s %T@ %C@\n"]);
  return { shared, look, before: await look() };
}

test("unpacking into a folder in which a container exchanges a directory for a link writes to nothing else", async (box) => {
  const { shared, look, before } = await exchanged(box, "unpacked");
  const outcomes = new Map<string, number>();
  const files = (): TarFile[] => [
    { entry: tarEntry({ name: "d", type: "directory", mode: 0o777, modified: 1n }) },
    { entry: tarEntry({ name: "d/file", mode: 0o4777, size: 1 }), content: [new Uint8Array(1)] },
    { entry: tarEntry({ name: "d/again", type: "hardlink", linkName: "d/file" }) },
    { entry: tarEntry({ name: "d/link", type: "symlink", linkName: "file" }) },
    { entry: tarEntry({ name: "d/sub/deep", mode: 0o666 }) },
  ];
  const options = { folder: shared, renaming: { hasTop: false, top: "." }, owners: true };
  for (let i = 0; i < ROUNDS; i++) {
    const outcome = await unpack(writeTar(files()), options, () => {}).then(() => "unpacked", (error) => error.class);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  assert.equal(await look(), before);
  const told = JSON.stringify([...outcomes]);
  assert.deepEqual(
    [...outcomes.keys()].filter((name) => !/^(unpacked|invalid|conflict|not_found)$/.test(name)),
    [],
    told,
  );
  assert.ok((outcomes.get("unpacked") ?? 0) > 0 && (outcomes.get("invalid") ?? 0) > 0, told);
  await box.ok("rm", "-f", "unpacked");
});

test("packing a folder in which a container exchanges a directory for a link reads nothing else", async (box) => {
  const { shared, look, before } = await exchanged(box, "packed");
  const seen = new Map<string, number>();
  for (let i = 0; i < ROUNDS; i++) {
    for (const { entry, content = [] } of packFiles([{ path: shared, name: "top" }], () => {})) {
      let text = "";
      for await (const bytes of content) text += new TextDecoder().decode(bytes);
      if (entry.name.endsWith("file")) assert.equal(text, "mine");
      const kind = `${entry.type} ${entry.name}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
  assert.equal(await look(), before);
  assert.ok((seen.get("file top/d/file") ?? 0) > 0 && (seen.get("symlink top/d") ?? 0) > 0, JSON.stringify([...seen]));
  await box.ok("rm", "-f", "packed");
});
