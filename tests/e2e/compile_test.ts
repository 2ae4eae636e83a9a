/** The single file of `deno task compile`, seen from outside, with a small program in the place of ours. */
import assert from "node:assert/strict";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

const files = {
  "main.ts": `import { answer } from "./deep/answer.ts";
    if (Deno.args[0] === "work") console.log(await answer());
    else console.log(JSON.stringify({ args: Deno.args, self: Deno.env.get("SAUROPOD_SELF") }));`,
  "deep/answer.ts": `export function answer(): Promise<string> {
      const worker = new Worker(new URL("./answer_worker.ts", import.meta.url), { type: "module" });
      return new Promise((done) => worker.onmessage = ({ data }) => { worker.terminate(); done(data); });
    }`,
  "deep/answer_worker.ts": `(self as unknown as Worker).postMessage("from the worker");`,
};

const folder = await Deno.makeTempDir({ prefix: "single-file-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const single = `${folder}/sauropod`;
const needs = requires({ command: ["sh", "tar", "gzip", "sha256sum"] }, "the single file");

interface Start {
  readonly cache: string;
  readonly file?: string;
  readonly path?: string;
}

async function start({ cache, file = single, path }: Start, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(file, {
    args,
    env: { SAUROPOD_CACHE: cache, ...(path && { PATH: path }) },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** What lies in a cache folder; Deno's own cache and the lock aside. */
function unpacked(cache: string): string[] {
  return [...Deno.readDirSync(cache)].map(({ name }) => name).filter((name) => name !== "deno" && name !== ".lock");
}

Deno.test({
  name: "deno task compile writes a self-extracting single file",
  ...needs,
  async fn() {
    await Deno.mkdir(`${folder}/program/deep`, { recursive: true });
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/program/${name}`, text);
    const args = ["--self-extracting", "--main", `${folder}/program/main.ts`, "--output", single];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--config", new URL("../../deno.json", import.meta.url).pathname, "compile", ...args],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(((await Deno.stat(single)).mode ?? 0) & 0o777, 0o755);
  },
});

Deno.test({
  name: "the single file passes its arguments on, says where it lies, and starts workers, the second time as the first",
  ...needs,
  async fn() {
    const cache = `${folder}/twice`;
    for (const _ of [1, 2]) {
      const { stdout, stderr, code } = await start({ cache }, "run", "-it", "--", "a b", "");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.deepEqual(JSON.parse(stdout), { args: ["run", "-it", "--", "a b", ""], self: single });
      assert.equal((await start({ cache }, "work")).stdout, "from the worker\n");
    }
    const [id = ""] = unpacked(cache);
    assert.equal(unpacked(cache).length, 1);
    for (const { name } of Deno.readDirSync(`${cache}/${id}`)) {
      assert.equal((Deno.statSync(`${cache}/${id}/${name}`).mode ?? 0) & 0o777, 0o755, name);
    }
  },
});

Deno.test({
  name: "a later start runs no command but Deno",
  ...needs,
  async fn() {
    const cache = `${folder}/twice`;
    const empty = await Deno.makeTempDir({ dir: folder });
    const { code, stderr } = await start({ cache, path: empty }, "again");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  },
});

Deno.test({
  name: "a damaged payload is refused by name and nothing is kept",
  ...needs,
  async fn() {
    const cache = `${folder}/damaged`;
    const file = `${folder}/damaged-sauropod`;
    const bytes = await Deno.readFile(single);
    const at = bytes.length - 1_000_000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await Deno.writeFile(file, bytes, { mode: 0o755 });
    const { code, stdout, stderr } = await start({ cache, file });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, new RegExp(`^sauropod: ${file} is damaged: the SHA-256 of its payload is [0-9a-f]{64}, not`));
    assert.deepEqual(unpacked(cache), []);
    await Deno.writeFile(file, bytes.subarray(0, at), { mode: 0o755 });
    assert.match((await start({ cache, file })).stderr, /is damaged/);
    assert.deepEqual(unpacked(cache), []);
  },
});

const commands = ["cat", "chmod", "gzip", "ls", "mkdir", "mktemp", "mv", "rm", "sha256sum", "sh", "tail", "tar"];
for (const lock of ["flock", "no flock"]) {
  Deno.test({
    name: `several first starts at once (${lock} on the host) all work and leave one folder`,
    ...needs,
    async fn() {
      const cache = `${folder}/at once, ${lock}`;
      const path = await Deno.makeTempDir({ dir: folder });
      for (const command of lock === "flock" ? [...commands, "flock"] : commands) {
        await Deno.symlink(findCommand(command) ?? command, `${path}/${command}`);
      }
      const starts = await Promise.all(["1", "2", "3"].map((arg) => start({ cache, path }, arg)));
      for (const { code, stderr } of starts) assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const [id = "", ...more] = unpacked(cache);
      assert.deepEqual(more, []);
      assert.deepEqual([...Deno.readDirSync(`${cache}/${id}`)].filter(({ isDirectory }) => isDirectory), []);
    },
  });
}

const asRoot = requires({ root: true }, "a cache folder of somebody else");
Deno.test({
  name: "a cache folder of somebody else, one that others can write, and a symbolic link are refused",
  ignore: needs.ignore || asRoot.ignore,
  async fn() {
    const cache = `${folder}/foreign`;
    await Deno.mkdir(cache);
    await Deno.chown(cache, 12345, 12345);
    assert.match((await start({ cache })).stderr, /foreign is not a folder of the user who runs this/);
    await Deno.chown(cache, 0, 0);
    await Deno.chmod(cache, 0o777);
    assert.match((await start({ cache })).stderr, /foreign can be written by others/);
    assert.deepEqual(unpacked(cache), []);
    await Deno.symlink(`${folder}/twice`, `${folder}/link`);
    assert.match((await start({ cache: `${folder}/link` })).stderr, /link is not a folder of the user who runs this/);
  },
});
