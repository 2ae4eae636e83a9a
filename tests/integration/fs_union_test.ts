/** Looks into the union of layers without a mount, held against what the kernel's overlay shows. */
import assert from "node:assert/strict";
import { changes } from "../../fs/changes.ts";
import { Merged } from "../../fs/merged.ts";
import { sweep } from "../../fs/sweep.ts";
import { discard, trashEmptied } from "../../fs/trash.ts";
import { usage } from "../../fs/usage.ts";
import { createWritable, removeWritable } from "../../fs/writable.ts";
import { run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const needs = requires({ root: true, command: ["unshare", "setfattr", "mknod"] });

async function inFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "sauropod-fs-" });
  for (const folder of ["layers", "containers", "staging"]) await Deno.mkdir(`${root}/${folder}`);
  try {
    await work(root);
  } finally {
    await trashEmptied(root);
    await run(["rm", "-rf", root]);
  }
}

const layers = `
  mkdir -p low/etc low/usr/share low/gone low/opaque/sub low/home mid/etc mid/opaque top/etc top/home up
  echo low > low/etc/passwd; echo mid > mid/etc/passwd; echo low > low/etc/group; echo secret > low/gone/f
  echo old > low/opaque/old; echo old > low/opaque/sub/f; echo new > mid/opaque/new
  ln -s /usr/share low/link; echo shared > low/usr/share/file; ln -s ../../../../link/file mid/etc/climbs
  ln -s loop low/loop; ln -s /etc/passwd top/home/passwd; ln -s /../../etc/group top/home/group
  mkfifo top/etc/fifo; mknod top/etc/zero c 1 5; mknod top/gone c 0 0; truncate -s 3M top/etc/huge
  setfattr -n trusted.overlay.opaque -v y mid/opaque; echo file > top/usr
`;

Deno.test({
  name: "Merged reads what overlay would show, follows links inside, and opens nothing that is no file",
  ...needs,
  fn: () =>
    inFolder(async (root) => {
      await run(["sh", "-ec", layers], { cwd: `${root}/layers` });
      const merged = new Merged(`${root}/layers`, ["top", "mid", "low"], `${root}/layers/up`);
      const read = (path: string, limit?: number) => {
        const bytes = merged.readFileInRoot(path, limit);
        return bytes === undefined ? undefined : new TextDecoder().decode(bytes).trim();
      };
      assert.equal(read("/etc/passwd"), "mid");
      assert.equal(read("etc/../etc/./group"), "low");
      assert.equal(read("/home/passwd"), "mid");
      assert.equal(read("/home/group"), "low");
      assert.equal(read("/opaque/new"), "new");
      assert.equal(read("/etc/passwd", 2), "mi");
      for (
        const path of [
          "/gone/f",
          "/opaque/old",
          "/opaque/sub/f",
          "/loop",
          "/etc/fifo",
          "/etc/zero",
          "/etc",
          "/nothing",
          "/etc/passwd/x",
          "/etc/climbs",
        ]
      ) {
        assert.equal(read(path), undefined, path);
      }
      assert.equal(merged.readFileInRoot("/etc/huge")?.length, 1 << 20);
      assert.deepEqual(
        ["/", "/etc/fifo", "/etc/zero", "/usr", "/gone", "/opaque/sub", "/link"].map((path) => merged.lookup(path)),
        ["directory", "fifo", "character", "file", undefined, undefined, undefined],
      );
    }),
});

Deno.test({
  name: "changes() tells what a container did, as docker diff does; usage() counts its bytes",
  ...needs,
  fn: () =>
    inFolder(async (root) => {
      const lower = `${root}/layers/1`;
      await run([
        "sh",
        "-ec",
        `mkdir -p ${lower} && cd ${lower} && mkdir -p etc a/b/c keep gone opaque/sub var/x && echo 1 > etc/conf && echo 2 > a/b/c/f && echo 3 > gone/f && echo 4 > opaque/old && echo 5 > opaque/both && echo 6 > touched && echo 7 > same`,
      ]);
      createWritable(root, "c1");
      const script = `
        mount -t overlay overlay -o lowerdir=${lower},upperdir=${root}/containers/c1/upper,workdir=${root}/containers/c1/work ${root}/containers/c1/merged
        cd ${root}/containers/c1/merged
        echo more >> a/b/c/f; rm -rf gone; rm etc/conf; mkdir -p new/dir; echo x > new/dir/file; ln new/dir/file new/again
        rm -rf opaque; mkdir opaque; echo 5b > opaque/both; chmod 600 touched; chmod 700 var; : >> same; mkdir -p proc sys dev; : > etc/hosts
      `;
      await run(["unshare", "--mount", "sh", "-ec", script]);
      const kinds = "CAD";
      assert.deepEqual(
        changes(`${root}/containers/c1/upper`, [lower]).map(({ Kind, Path }) => `${kinds[Kind]} ${Path}`),
        [
          "C /a",
          "C /a/b",
          "C /a/b/c",
          "C /a/b/c/f",
          "C /etc",
          "D /etc/conf",
          "D /gone",
          "A /new",
          "A /new/again",
          "A /new/dir",
          "A /new/dir/file",
          "C /opaque",
          "C /opaque/both",
          "D /opaque/old",
          "D /opaque/sub",
          "C /touched",
          "C /var",
        ],
      );
      assert.equal(usage(`${root}/containers/c1/upper`), 2 + 5 + 2 + 3 + 2 + 2);
      removeWritable(root, "c1");
      assert.deepEqual([...Deno.readDirSync(`${root}/containers`)], []);
      await trashEmptied(root);
      assert.deepEqual([...Deno.readDirSync(`${root}/staging`)], []);
    }),
});

Deno.test({
  name: "createWritable() lets nobody but root through, and its upper is 0755 whatever the umask",
  ...needs,
  fn: () =>
    inFolder((root) => {
      const umask = Deno.umask(0o077);
      createWritable(root, "c1");
      Deno.umask(umask);
      assert.equal((Deno.statSync(`${root}/containers/c1`).mode ?? 0) & 0o7777, 0o700);
      assert.equal((Deno.statSync(`${root}/containers/c1/upper`).mode ?? 0) & 0o7777, 0o755);
      assert.throws(() => createWritable(root, "c1"));
      assert.deepEqual([...Deno.readDirSync(`${root}/containers`)].map(({ name }) => name), ["c1"]);
      return Promise.resolve();
    }),
});

Deno.test({
  name: "sweep() takes what is staged and containers that are not known, and leaves the others",
  ...needs,
  fn: () =>
    inFolder(async (root) => {
      createWritable(root, "known");
      createWritable(root, "orphan");
      await Deno.mkdir(`${root}/staging/layer-7/x`, { recursive: true });
      sweep(root, new Set(["known"]));
      assert.deepEqual([...Deno.readDirSync(`${root}/containers`)].map(({ name }) => name), ["known"]);
      await trashEmptied(root);
      assert.deepEqual([...Deno.readDirSync(`${root}/staging`)], []);
    }),
});

Deno.test({
  name: "discard() removes a tree deeper than any path, and follows no symlink out of it",
  ...needs,
  fn: () =>
    inFolder(async (root) => {
      await Deno.mkdir(`${root}/outside`);
      await Deno.writeTextFile(`${root}/outside/kept`, "");
      const chain = "d/".repeat(1500);
      const script =
        `mkdir -p deep/${chain} more/${chain} && ln -s ${root}/outside deep/${chain}/out && mv more deep/${chain}`;
      await run(["sh", "-ec", script], { cwd: root });
      discard(root, `${root}/deep`);
      await trashEmptied(root);
      assert.deepEqual([...Deno.readDirSync(`${root}/staging`)], []);
      assert.equal(Deno.statSync(`${root}/outside/kept`).isFile, true);
    }),
});
