/** Images as other tools make them, unpacked here, held against umoci's unpacking file by file. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { fixtureFolder, skopeoCopy, tarFolder } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import { contents, imageListing, importFile, listing, load, testStore } from "./image_store_test_support.ts";

const needs = requires({ root: true, command: ["umoci", "skopeo", "tar", "setfattr", "getfattr", "unshare"] });

/** A root with one of everything that a tar can hold. */
async function richRoot(folder: string): Promise<void> {
  const long = "n".repeat(120);
  const script = `
    mkdir -p etc usr/bin var/tmp "deep/${long}/${long}/${long}" opt/gone opt/opaque/sub opt/was-file opt/kept
    echo root:x:0:0::/root:/bin/sh > etc/passwd
    echo one > opt/gone/file; echo two > opt/opaque/old; echo three > opt/opaque/sub/old; echo four > opt/kept/file
    echo five > opt/becomes-folder; echo six > opt/was-file/inside
    printf 'tool' > usr/bin/tool; chmod 4755 usr/bin/tool; ln usr/bin/tool usr/bin/again; ln usr/bin/tool opt/far
    printf 'x' > "deep/${long}/${long}/${long}/Grüße"; ln -s "${long}/${long}" "deep/link-${long}"
    ln -s /etc/passwd absolute; ln -s ../../../outside opt/escape; ln -s missing dangling
    chmod 1777 var/tmp; chmod 2750 opt/kept; chown 1000:2000 opt/kept/file; chown 4000000000:3000000 etc/passwd
    chown -h 7:8 dangling; mkfifo opt/fifo; mknod opt/null c 1 3; mknod opt/disk b 259 70000; chmod 640 opt/disk
    truncate -s 3M opt/sparse; printf 'end' >> opt/sparse; printf 'mid' | dd of=opt/sparse bs=1 seek=1500000 conv=notrunc status=none
    : > opt/empty; truncate -s 1M opt/hole
    setfattr -n user.note -v "some text" opt/kept/file
    setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 usr/bin/tool
    touch -h -d '2001-02-03T04:05:06.123456789Z' etc/passwd dangling; touch -d '1969-12-31T23:59:58Z' opt/empty
    touch -d '2011-11-11T11:11:11.5Z' opt deep etc var/tmp
  `;
  await Deno.mkdir(folder);
  await run(["sh", "-ec", script], { cwd: folder });
}

/** An OCI layout made by umoci of these tars, lowest first. */
async function layoutOf(name: string, tars: readonly string[]): Promise<string> {
  const layout = `${fixtureFolder()}/${name}`;
  await run(["umoci", "init", "--layout", layout]);
  await run(["umoci", "new", "--image", `${layout}:latest`]);
  for (const tar of tars) await run(["umoci", "raw", "add-layer", "--image", `${layout}:latest`, tar]);
  return layout;
}

async function umociListing(layout: string): Promise<string[]> {
  await run(["umoci", "unpack", "--image", `${layout}:latest`, `${layout}-bundle`]);
  const lines = await listing(`${layout}-bundle/rootfs`);
  await Deno.remove(`${layout}-bundle`, { recursive: true });
  return lines;
}

async function richTar(format: readonly string[]): Promise<string> {
  const root = `${fixtureFolder()}/rich-root`;
  await richRoot(root).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const path = `${fixtureFolder()}/rich-${format.join("").replaceAll(/\W/g, "")}.tar`;
  await run(["tar", ...format, "--numeric-owner", "--sort=name", "-cf", path, "-C", root, "."]);
  return path;
}

const formats = [
  ["--format=gnu"],
  ["--format=gnu", "-S"],
  ["--format=pax", "--xattrs", "--xattrs-include=*"],
  ["--format=pax", "--xattrs", "--xattrs-include=*", "-S", "--sparse-version=0.0"],
  ["--format=pax", "--xattrs", "--xattrs-include=*", "-S", "--sparse-version=0.1"],
  ["--format=pax", "--xattrs", "--xattrs-include=*", "-S", "--sparse-version=1.0"],
];
for (const format of formats) {
  Deno.test({
    name: `import() makes the tree that GNU tar packed with ${format.join(" ")}, and save() gives its very bytes`,
    ...needs,
    async fn() {
      await using test = testStore();
      const tar = await richTar(format);
      await importFile(test.store, tar, "rich");
      const unpacked = `${test.root}/gnu`;
      await Deno.mkdir(unpacked);
      await run(["tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", tar, "-C", unpacked]);
      const [layer = ""] = test.store.resolve("rich")?.layers ?? [];
      assert.deepEqual(await listing(`${test.root}/layers/${layer}`), await listing(unpacked));
      const saved = `${test.root}/saved.tar`;
      await Deno.writeFile(saved, await test.store.save(["rich"]));
      const { RootFS } = await test.store.inspect("rich");
      const [diffId = ""] = RootFS.Layers;
      assert.equal((await run(["sha256sum", tar])).split(" ")[0], diffId.slice("sha256:".length));
      await run(["sh", "-ec", 'tar -xOf "$1" "blobs/sha256/$2" | cmp - "$3"', "sh", saved, diffId.slice(7), tar]);
    },
  });
}

Deno.test({
  name: "load() applies whiteouts, opaque folders and replaced types as umoci does",
  ...needs,
  async fn() {
    await using test = testStore();
    const upper = `${fixtureFolder()}/upper-root`;
    const script = `
      mkdir -p opt/opaque opt/becomes-folder opt/gone2
      : > opt/.wh.gone; : > opt/opaque/.wh..wh..opq; echo new > opt/opaque/new; echo in > opt/becomes-folder/in
      echo file > opt/was-file; : > .wh.dangling; : > usr.txt; mkdir -p deep; : > opt/.wh.empty; : > .wh.never-there
    `;
    await Deno.mkdir(upper, { recursive: true });
    await run(["sh", "-ec", script], { cwd: upper });
    const upperTar = `${upper}.tar`;
    // A folder that replaces a file needs no whiteout; a file that replaces a folder neither.
    await tarFolder(upper, upperTar);
    const layout = await layoutOf("whiteouts", [await richTar(["--format=gnu"]), upperTar]);
    const archive = `${layout}.tar`;
    await skopeoCopy(`oci:${layout}:latest`, `docker-archive:${archive}:rich:two`);
    assert.deepEqual(await load(test.store, archive), ["Loaded image: rich:two\n"]);
    assert.deepEqual(await imageListing(test, "rich:two"), await umociListing(layout));
    assert.deepEqual(contents(test).staging, []);
  },
});

Deno.test({
  name: "load() unpacks the same from docker-archive, OCI layout, gzip and zstd, and shares the layers",
  ...needs,
  async fn() {
    await using test = testStore();
    const layout = await layoutOf("formats", [await richTar(formats[2] ?? [])]);
    const folder = fixtureFolder();
    await skopeoCopy(`oci:${layout}:latest`, `docker-archive:${folder}/f1.tar:a:1`);
    await skopeoCopy(`oci:${layout}:latest`, `oci-archive:${folder}/f2.tar:b:1`);
    await skopeoCopy(
      `oci:${layout}:latest`,
      `oci-archive:${folder}/f3.tar:c:1`,
      "--dest-compress-format",
      "zstd",
      "--dest-compress",
    );
    await run(["sh", "-ec", "gzip -c f1.tar > f1.tar.gz; zstd -q -c f2.tar > f2.tar.zst"], { cwd: folder });
    const expected = await umociListing(layout);
    for (const file of ["f1.tar", "f2.tar", "f3.tar", "f1.tar.gz", "f2.tar.zst"]) {
      const [line = ""] = await load(test.store, `${folder}/${file}`);
      const name = /^Loaded image: (\S+)\n$/.exec(line)?.[1] ?? line;
      assert.deepEqual(await imageListing(test, name), expected, file);
    }
    assert.equal(contents(test).layers.length, 1);
    assert.equal(contents(test).skeletons.length, 1);
  },
});
