/** The layer of a container as a tar: the kernel's overlay makes it, our unpacker and umoci read it. */
import assert from "node:assert/strict";
import { changes } from "../../fs/changes.ts";
import { packChanges } from "../../fs/pack_changes.ts";
import { unpackLayer } from "../../fs/unpack_layer.ts";
import { output, run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const needs = requires({ root: true, command: ["unshare", "setfattr", "getfattr", "setcap", "mknod", "tar"] });
const lister = new URL("./image_store_test_support.ts", import.meta.url).pathname;
const LIMITS = { bytes: 1e9, apparentBytes: 1e9, entries: 10_000 };

/** What a base has that a container does something to. */
const BASE = `
  mkdir -p etc a/b/c gone/deep opaque/sub same/dir tofile/x new tools
  echo 1 > etc/conf; echo 2 > a/b/c/f; echo 3 > gone/deep/f; echo 4 > opaque/old; echo 5 > opaque/both; echo 6 > touched
  echo 7 > same/file; echo 8 > todir; ln -s file same/link; echo 9 > tools/t; chmod 750 a
  chown 5:6 a/b; touch -d 2001-02-03T04:05:06.123456789Z etc/conf a/b/c/f same/file a/b
`;

/** What the container does; everything that a layer can say. */
const DEEDS = `
  echo more >> a/b/c/f; rm -r gone; rm etc/conf; mkdir -p new/dir; echo x > new/dir/file; ln new/dir/file new/again
  rm -r opaque; mkdir opaque; echo 5b > opaque/both; chmod 600 touched; : >> same/file; chown 7:8 same/dir
  rm todir; mkdir todir; echo y > todir/f; rm -r tofile; echo z > tofile; rm same/link; ln -s ../etc same/link
  echo tool > tools/suid; chown 1000:1001 tools/suid; chmod 6755 tools/suid; ln tools/suid tools/suid2
  echo cap > tools/cap; chown 3:4 tools/cap; setcap cap_net_raw+ep tools/cap; ln tools/cap tools/cap2; rm tools/t
  setfattr -n user.note -v 'a=b' new/dir/file; setfattr -n user.overlay.opaque -v y new/dir/file
  mkfifo new/pipe; mknod new/null c 1 3; mknod new/disk b 7 9; ln -s nowhere new/dangling; ln new/dangling new/dangling2
  mkdir -p new/sticky/$(printf 'long%.0s' $(seq 50))/日本; chmod 1777 new/sticky; truncate -s 1M new/sparse; : > new/empty
  touch -d 1969-12-31T23:59:58.5Z new/old; touch -d 2001-02-03T04:05:06.123456789Z new/sticky
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("new/socket")' 2> /dev/null || true
`;

class Place implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async open(base = BASE): Promise<Place> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-pack-" });
    for (const name of ["lower", "upper", "work", "merged", "layer"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.chmod(folder, 0o755);
    await run(["sh", "-ec", base], { cwd: `${folder}/lower` });
    return new Place(folder);
  }

  get upper(): string {
    return `${this.folder}/upper`;
  }

  get lowers(): readonly string[] {
    return [`${this.folder}/lower`];
  }

  /** Runs a script in the root that a container would have, and gives what it prints. */
  async inContainer(script: string): Promise<string> {
    const { folder } = this;
    const options = `lowerdir=${folder}/lower,upperdir=${folder}/upper,workdir=${folder}/work`;
    return await this.#mounted(`${options},index=off,redirect_dir=off,metacopy=off`, script);
  }

  /** The same over the base and the layer as it was unpacked. */
  async inImage(script: string): Promise<string> {
    return await this.#mounted(`lowerdir=${this.folder}/layer:${this.folder}/lower`, script);
  }

  async #mounted(options: string, script: string): Promise<string> {
    const mount = 'mount -t overlay overlay -o "$1" "$2" && cd "$2" && eval "$3"';
    return await run(["unshare", "--mount", "sh", "-ec", mount, "sh", options, `${this.folder}/merged`, script]);
  }

  /** The tar of the upper, unpacked beside it. */
  async pack(): Promise<string> {
    const tar = `${this.folder}/layer.tar`;
    await Deno.writeFile(tar, ReadableStream.from(packChanges(this.upper, this.lowers)));
    const source = { path: tar, offset: 0, length: (await Deno.stat(tar)).size };
    const skeleton = `${this.folder}/skeleton`;
    const job = { source, folder: `${this.folder}/layer`, skeleton, expected: {}, limits: LIMITS, needsEnd: true };
    await unpackLayer(job, () => {});
    return tar;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["rm", "-rf", this.folder]);
  }
}

const LIST = `exec '${Deno.execPath()}' run -A --quiet --no-check '${lister}' list .`;
const names = async (tar: string) =>
  (await run(["tar", "--quoting-style=literal", "-tf", tar])).split("\n").filter(Boolean);

/** A listing without what the layer cannot have: sockets, and attributes that are overlay's. */
function comparable(listing: string): string[] {
  const lines: string[] = JSON.parse(listing);
  return lines.filter((line) => !line.startsWith("new/socket|") && !/^user\.overlay\.|^trusted\.overlay\./.test(line));
}

Deno.test({
  name: "packChanges() gives a layer that does to its base all that the container did, to us and to umoci",
  ...requires({ root: true, command: ["unshare", "setfattr", "getfattr", "setcap", "mknod", "tar", "umoci"] }),
  async fn() {
    await using place = await Place.open();
    await place.inContainer(DEEDS);
    const told = changes(place.upper, place.lowers);
    const tar = await place.pack();
    assert.deepEqual(changes(`${place.folder}/layer`, place.lowers), told.filter(({ Path }) => Path !== "/new/socket"));
    const wanted = comparable(await place.inContainer(LIST));
    assert.ok(wanted.some((line) => line.startsWith("tools/suid2|f|6755|1000:1001|")));
    assert.deepEqual(comparable(await place.inImage(LIST)), wanted);

    const image = `${place.folder}/oci:x`;
    await run(["umoci", "init", "--layout", `${place.folder}/oci`]);
    await run(["umoci", "new", "--image", image]);
    await run(["tar", "--xattrs", "-cf", `${place.folder}/base.tar`, "-C", `${place.folder}/lower`, "."]);
    for (const layer of [`${place.folder}/base.tar`, tar]) {
      await run(["umoci", "raw", "add-layer", "--image", image, layer]);
    }
    await run(["umoci", "raw", "unpack", "--image", image, `${place.folder}/unpacked`]);
    const { stdout } = await output(["sh", "-c", LIST], { cwd: `${place.folder}/unpacked` });
    assert.deepEqual(comparable(stdout), wanted);
  },
});

Deno.test({
  name:
    "packChanges() puts parents first, the whiteout of a folder right after it, each file once, no attribute of overlay",
  ...needs,
  async fn() {
    await using place = await Place.open();
    await place.inContainer(DEEDS);
    const tar = await place.pack();
    const found = await names(tar);
    assert.deepEqual(found.filter((name) => name.startsWith("opaque")), [
      "opaque/",
      "opaque/.wh..wh..opq",
      "opaque/both",
    ]);
    assert.deepEqual(found.filter((name) => name.startsWith("etc")), ["etc/", "etc/.wh.conf"]);
    assert.deepEqual(found.filter((name) => !name.includes("/")), [".wh.gone", "tofile", "touched"]);
    assert.deepEqual(found.toSorted(), [...new Set(found)].toSorted());
    for (const [i, name] of found.entries()) {
      const parent = name.replace(/[^/]+\/?$/, "");
      assert.ok(parent === "" || found.indexOf(parent) < i, `${parent} comes before ${name}`);
    }
    const text = new TextDecoder("latin1").decode(await Deno.readFile(tar));
    assert.doesNotMatch(text, /(trusted|user)\.overlay/);
    assert.match(text, /SCHILY\.xattr\.security\.capability/);
    assert.match(await run(["tar", "-tvf", tar, "new/again"]), /^h.* new\/again link to|^-/);
  },
});

Deno.test({
  name: "packChanges() leaves out the mount points that the engine has made, as changes() does, and keeps the image's",
  ...needs,
  async fn() {
    await using place = await Place.open("mkdir etc; echo own > etc/hosts");
    const made = "mkdir dev proc sys; : > etc/hostname; : > etc/resolv.conf";
    await place.inContainer(made);
    assert.deepEqual(changes(place.upper, place.lowers), []);
    const tar = await place.pack();
    assert.deepEqual(await names(tar), []);
    assert.equal((await Deno.stat(tar)).size, 1024);

    await place.inContainer("mkdir dev/mine; : > etc/hosts; echo x > etc/more");
    await Deno.remove(`${place.folder}/skeleton`);
    assert.deepEqual(
      await names(await place.pack()),
      ["etc/", "etc/hosts", "etc/more", "dev/", "dev/mine/"].toSorted(),
    );
    const told = changes(place.upper, place.lowers);
    assert.deepEqual(told.map(({ Path }) => Path), ["/dev", "/dev/mine", "/etc", "/etc/hosts", "/etc/more"]);
    assert.deepEqual(changes(`${place.folder}/layer`, place.lowers), told);
  },
});

Deno.test({
  name: "packChanges() refuses a file that a layer would take for a whiteout, and reads no name for a compressed tar",
  ...needs,
  async fn() {
    await using place = await Place.open();
    await place.inContainer("echo x > BZh; touch -d @0 BZh");
    const tar = await place.pack();
    assert.deepEqual(await names(tar), ["./BZh"]);
    assert.equal(await Deno.readTextFile(`${place.folder}/layer/BZh`), "x\n");
    for (const name of ["a/.wh.conf", ".wh..wh..opq", "etc/.wh."]) {
      await place.inContainer(`: > ${name}`);
      await assert.rejects(place.pack(), { class: "conflict", message: new RegExp(`/${name} cannot be in an image`) });
      await place.inContainer(`rm ${name}`);
    }
    await place.inContainer("mkdir etc/.wh.d");
    await assert.rejects(place.pack(), { class: "conflict" });
  },
});
