/** The commands on images: archives that other tools have made come in, ours are read by them. */
import assert from "node:assert/strict";
import { output, run } from "../support/command.ts";
import { busyboxDockerArchive, busyboxOciArchive, busyboxRootTar } from "../support/fixtures.ts";
import { program, type Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** Loads an archive whose image is called `busybox:latest`, gives it another name and the sandbox its own back. */
async function loadAs(box: Sandbox, archive: string, name: string): Promise<void> {
  const own = await box.inspect("busybox", "{{.Id}}");
  assert.match(await box.ok("load", "-i", archive), /^Loaded image: busybox:latest$/m);
  await box.ok("tag", "busybox", name);
  await box.ok("tag", own, "busybox:latest");
}

const archives: readonly (readonly [name: string, make: () => Promise<string>, tools: readonly string[]])[] = [
  ["a docker-archive that skopeo has made", busyboxDockerArchive, ["skopeo", "umoci"]],
  ["an OCI archive with gzip layers", () => busyboxOciArchive("gzip"), ["skopeo", "umoci"]],
  ["an OCI archive with zstd layers", () => busyboxOciArchive("zstd"), ["skopeo", "umoci"]],
];

for (const [index, [name, make, command]] of archives.entries()) {
  test(`load takes ${name}, and its image runs`, async (box) => {
    await loadAs(box, await make(), `loaded:${index}`);
    assert.equal(await box.ok("run", "--rm", `loaded:${index}`, "echo", "runs"), "runs");
    assert.equal(await box.inspect(`loaded:${index}`, "{{json .Config.Cmd}}"), '["sh"]');
  }, { command });
}

test("load reads stdin, and an archive that is compressed", async (box) => {
  const file = `${box.folder}/stdin.tar`;
  await box.ok("tag", "busybox", "from-stdin:1");
  await box.ok("save", "-o", file, "from-stdin:1");
  await box.ok("rmi", "from-stdin:1");
  await run(["gzip", "-1", file]);
  const { code, stdout } = await box.sauropod(["load"], { stdin: await Deno.readFile(`${file}.gz`) });
  assert.deepEqual([code, stdout], [0, "Loaded image: from-stdin:1\n"]);
});

test("load reads a file where it lies, also as stdin, and has it sent where the engine sees none", async (box) => {
  const file = `${box.folder}/lies.tar`;
  await box.ok("tag", "busybox", "lies:1");
  await box.ok("save", "-o", file, "lies:1");
  await Deno.mkdir(`${box.folder}/hidden`);
  const scripts = [
    `cd "$FOLDER" && "$0" "$@" load -q -i lies.tar`,
    `"$0" "$@" load -q <"$FOLDER/lies.tar"`,
    `cat "$FOLDER/lies.tar" | "$0" "$@" load -q`,
    `mount -t tmpfs none "$FOLDER/hidden" && cp "$FOLDER/lies.tar" "$FOLDER/hidden" && "$0" "$@" load -q -i "$FOLDER/hidden/lies.tar"`,
  ];
  for (const script of scripts) {
    await box.ok("rmi", "lies:1");
    const command = ["unshare", "--mount", "sh", "-c", script, ...program];
    const { code, stdout, stderr } = await output(command, { env: { ...box.env, FOLDER: box.folder } });
    assert.deepEqual([code, stderr, stdout], [0, "", "Loaded image: lies:1\n"], script);
  }
}, { command: "unshare" });

test("save writes what skopeo reads as docker-archive and as OCI layout", async (box) => {
  const file = `${box.folder}/save.tar`;
  await box.ok("tag", "busybox", "shared/name:v1");
  await box.ok("save", "-o", file, "shared/name:v1");
  const read = async (source: string): Promise<Record<string, unknown>> =>
    JSON.parse(await run(["skopeo", "--insecure-policy", "inspect", "--config", source]));
  const docker = await read(`docker-archive:${file}:shared/name:v1`);
  const oci = await read(`oci-archive:${file}`);
  assert.deepEqual(docker, oci);
  const layers = JSON.parse(await box.inspect("shared/name:v1", "{{json .RootFS.Layers}}"));
  assert.deepEqual(docker["rootfs"], { type: "layers", diff_ids: layers });
}, { command: "skopeo" });

test("save to a pipe is what save -o writes, and loads again with the same id", async (box) => {
  const id = await box.inspect("busybox", "{{.Id}}");
  await box.ok("tag", "busybox", "again:1");
  await box.ok("save", "--output", `${box.folder}/again.tar`, "again:1", "busybox");
  await box.ok("rmi", "again:1");
  const loaded = await box.ok("load", "--input", `${box.folder}/again.tar`);
  assert.deepEqual(loaded.split("\n").sort(), ["Loaded image: again:1", "Loaded image: busybox:latest"]);
  assert.equal(await box.inspect("again:1", "{{.Id}}"), id);
});

test("podman loads what save writes, and load what podman saves", async (box) => {
  const [file, back, store] = [`${box.folder}/to.tar`, `${box.folder}/back.tar`, `${box.folder}/podman`];
  await box.ok("tag", "busybox", "localhost/ours:1");
  await box.ok("save", "-o", file, "localhost/ours:1");
  const podman = ["podman", "--root", `${store}/root`, "--runroot", `${store}/run`, "--storage-driver", "vfs"];
  assert.match(await run([...podman, "load", "-q", "-i", file]), /localhost\/ours:1/);
  await run([...podman, "save", "-q", "-o", back, "localhost/ours:1"]);
  await box.ok("rmi", "localhost/ours:1");
  assert.match(await box.ok("load", "-i", back), /localhost\/ours:1/);
  assert.equal(await box.ok("run", "--rm", "localhost/ours:1", "echo", "back"), "back");
}, { command: "podman" });

test("import applies --change, from a file and from a pipe", async (box) => {
  const changes = [
    "ENV A=b",
    'ENTRYPOINT ["echo"]',
    "CMD one two",
    "WORKDIR /srv",
    "USER 33",
    "LABEL k=v",
    "EXPOSE 80",
  ];
  const flags = changes.flatMap((change) => ["-c", change]);
  const id = await box.ok("import", ...flags, "-m", "a message", await busyboxRootTar(), "changed:1");
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  const config = JSON.parse(await box.inspect("changed:1", "{{json .Config}}"));
  assert.deepEqual(config.Env, ["A=b"]);
  assert.deepEqual([config.Entrypoint, config.WorkingDir, config.User], [["echo"], "/srv", "33"]);
  assert.deepEqual([config.Labels, config.ExposedPorts], [{ k: "v" }, { "80/tcp": {} }]);
  assert.match(await box.ok("history", "--format", "{{.Comment}}", "changed:1"), /a message/);
  assert.equal(await box.ok("run", "--rm", "--entrypoint", "sh", "changed:1", "-c", "pwd; id -u"), "/srv\n33");
  const tar = await Deno.readFile(await busyboxRootTar());
  const piped = await box.sauropod(["import", "-", "piped:1"], { stdin: tar });
  assert.equal(piped.code, 0, piped.stderr);
  const wrong = await box.sauropod(["import", "-c", "NOSUCH x", await busyboxRootTar()]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /NOSUCH/i);
});

test("images lists names, and shows what -q, --digests, --filter and --format ask for", async (box) => {
  await box.ok("tag", "busybox", "listed/one:a");
  await box.ok("tag", "busybox", "listed/one:b");
  const id = await box.inspect("busybox", "{{.Id}}");
  assert.match(
    await box.ok("images", "listed/one"),
    /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nlisted\/one +\w +[0-9a-f]{12} .* ago +[\d.]+MB\n/,
  );
  assert.equal(await box.ok("images", "-q", "--no-trunc", "listed/one:a"), id);
  const format = ["--format", "{{.Repository}}:{{.Tag}}"];
  assert.deepEqual((await box.ok("images", ...format, "--filter", "reference=listed/*")).split("\n").sort(), [
    "listed/one:a",
    "listed/one:b",
  ]);
  assert.equal(await box.ok("images", ...format, "--filter", "dangling=true"), "");
});

test("rmi untags, deletes with the last name, and refuses what a container uses", async (box) => {
  await box.ok("import", "-c", "CMD sh", "-m", "of its own", await busyboxRootTar(), "removable:1");
  await box.ok("tag", "removable:1", "removable:2");
  assert.equal(await box.ok("rmi", "removable:1"), "Untagged: removable:1");
  const container = await box.ok("create", "removable:2");
  const { code, stderr } = await box.sauropod(["rmi", "removable:2"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`conflict: unable to (remove repository reference "removable:2"|delete) .*${container.slice(0, 12)}`),
  );
  await box.ok("rm", container);
  assert.match(await box.ok("rmi", "removable:2"), /^Untagged: removable:2\nDeleted: sha256:[0-9a-f]{64}/);
  assert.equal((await box.sauropod(["inspect", "removable:2"])).code, 1);
});

test("layers that images share are kept once, and go with the last image", async (box) => {
  const layers = () => Array.from(Deno.readDirSync(`${box.folder}/root/layers`)).length;
  const before = layers();
  await box.ok("import", "-c", "LABEL which=copy", await busyboxRootTar(), "copy:1");
  assert.equal(layers(), before);
  await box.ok("rmi", "copy:1");
  assert.equal(layers(), before);
  assert.equal(await box.ok("run", "--rm", "busybox", "echo", "still"), "still");
});

test("image prune removes what has no name, with -a what nobody uses", async (box) => {
  await box.ok("import", "-c", "LABEL prune=1", await busyboxRootTar(), "pruned:1");
  const id = await box.inspect("pruned:1", "{{.Id}}");
  await box.ok("import", "-c", "LABEL prune=2", await busyboxRootTar(), "pruned:1"); // the first has no name now
  assert.match(
    await box.ok("image", "prune", "-f"),
    new RegExp(`^Deleted Images:\ndeleted: ${id}\n(.|\n)*Total reclaimed space: `),
  );
  assert.equal(await box.ok("images", "-q", "pruned"), (await box.inspect("pruned:1", "{{.Id}}")).slice(7, 19));
});

test("an archive that is none, or is cut off, is refused and nothing is kept", async (box) => {
  const images = await box.ok("images", "-aq");
  await Deno.writeTextFile(`${box.folder}/text`, "this is no tar");
  const text = await box.sauropod(["load", "-i", `${box.folder}/text`]);
  assert.equal(text.code, 1);
  assert.notEqual(text.stderr, "");
  const whole = await Deno.readFile(await busyboxRootTar());
  await Deno.writeFile(`${box.folder}/half`, whole.subarray(0, whole.length / 2));
  const half = await box.sauropod(["import", `${box.folder}/half`, "half:1"]);
  assert.equal(half.code, 1);
  assert.match(half.stderr, /truncated/);
  const image = await Deno.readFile(await busyboxDockerArchive());
  await Deno.writeFile(`${box.folder}/half-image`, image.subarray(0, image.length / 2));
  const { code, stderr } = await box.sauropod(["load", "-i", `${box.folder}/half-image`]);
  assert.equal(code, 1);
  assert.match(stderr, /truncated/);
  assert.equal(await box.ok("images", "-aq"), images);
});

test("an image keeps its files' owners, modes, times, links and attributes", async (box) => {
  const folder = `${box.folder}/tree`;
  await Deno.mkdir(`${folder}/bin`, { recursive: true });
  await run(["cp", "/usr/bin/busybox", `${folder}/bin/busybox`]);
  const make = [
    `cd ${folder}; ln -s busybox bin/sh; echo x > file; chown 12:34 file; chmod 4755 file`,
    "touch -d 2001-02-03T04:05:06Z file; ln file hard; ln -s /file soft; mkfifo pipe; mknod null c 1 3",
    "mkdir sticky; chmod 1777 sticky; setfattr -n user.note -v yes file 2> /dev/null || true",
  ];
  await run(["sh", "-c", make.join("; ")]);
  await run(["tar", "--xattrs", "-cf", `${box.folder}/tree.tar`, "-C", folder, "."]);
  await box.ok("import", `${box.folder}/tree.tar`, "tree:1");
  const script =
    "stat -c '%n %F %a %u:%g %h %Y' file hard; stat -c '%n %F' pipe null; stat -c %a sticky; readlink soft";
  assert.deepEqual(
    (await box.ok(
      "run",
      "--rm",
      "tree:1",
      "/bin/sh",
      "-c",
      `cd /; for c in stat readlink; do eval "$c() { busybox $c \\"\\$@\\"; }"; done; ${script}`,
    )).split("\n"),
    [
      "file regular file 4755 12:34 2 981173106",
      "hard regular file 4755 12:34 2 981173106",
      "pipe fifo",
      "null character special file",
      "1777",
      "/file",
    ],
  );
});
