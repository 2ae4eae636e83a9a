/** Volumes, seen from outside: by our CLI, by the real docker CLI, and by the host's own look at their folders. */
import assert from "node:assert/strict";
import { run as runOnHost } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { names } from "../support/crash.ts";
import { until } from "../support/sandbox.ts";
import { volumeImage } from "../support/volume_image.ts";
import { dataOf, fails, net, sh, test, volumesOf } from "./volumes_test_support.ts";

test("a named volume outlives its containers, and the host sees the same files at once", async (box) => {
  await sh(box, ["-v", "data:/srv"], "echo one > /srv/file");
  assert.deepEqual(await volumesOf(box), ["data"]);
  await startSleeper(box, "reader", ...net, "-v", "data:/elsewhere");
  await startSleeper(box, "writer", ...net, "-v", "data:/srv");
  assert.equal(await box.ok("exec", "reader", "cat", "/elsewhere/file"), "one");
  await box.ok("exec", "writer", "sh", "-c", "echo two >> /srv/file");
  assert.equal(await box.ok("exec", "reader", "cat", "/elsewhere/file"), "one\ntwo");
  const data = await dataOf(box, "data");
  assert.equal(data, `${box.folder}/root/volumes/data/_data`);
  await Deno.writeTextFile(`${data}/from-host`, "three");
  assert.equal(await box.ok("exec", "reader", "cat", "/elsewhere/from-host"), "three");
  assert.equal(await box.ok("diff", "writer"), "A /srv");
  assert.match(
    await box.inspect("writer", "{{json .Mounts}}"),
    /"Type":"volume","Name":"data","Source":"[^"]*\/data\/_data","Destination":"\/srv","Driver":"local","Mode":"","RW":true/,
  );
});

test("an empty volume gets what the image has there, with owners, modes, attributes and links", async (box) => {
  await volumeImage(box, "filled");
  await box.ok("run", "--rm", ...net, "-v", "copied:/data", "filled", "sh", "-c", "echo changed >> /data/hello");
  const data = await dataOf(box, "copied");
  const listing = await runOnHost(["find", data, "-printf", "%P %y %m %U:%G %n %l\n"]);
  assert.deepEqual(listing.split("\n").map((line) => line.trim()).filter(Boolean).sort(), [
    "d 2770 1000:1001 3",
    "hello f 644 1000:1001 2",
    "pipe p 644 0:0 1",
    "sub d 755 0:0 3",
    "sub/deep d 700 7:8 2",
    "sub/deep/secret f 644 0:0 1",
    "sub/hello-again f 644 1000:1001 2",
    "sub/link l 777 0:0 1 ../hello",
    "tool f 4755 0:0 1",
  ]);
  assert.match(await runOnHost(["getfattr", "-d", `${data}/hello`]), /user.colour="blue"/);
  assert.equal((await Deno.stat(`${data}/sub/deep`)).mtime?.toISOString(), "2001-02-03T04:05:06.000Z");
  // The image is as it was, and what is in the volume stays as it is.
  assert.equal(await box.ok("run", "--rm", ...net, "filled", "cat", "/data/hello"), "from the image");
  const again = ["run", "--rm", ...net, "-v", "copied:/data", "filled", "cat", "/data/sub/hello-again"];
  assert.equal(await box.ok(...again), "from the image\nchanged");
  await box.ok("rmi", "filled");
});

test("nocopy leaves it empty, read-only is read-only, and a subpath is found inside", async (box) => {
  await volumeImage(box, "filled");
  await box.ok("run", "--rm", ...net, "-v", "bare:/data:nocopy", "filled", "sh", "-c", '[ -z "$(ls /data)" ]');
  const mount = (rest: string) => ["--mount", `type=volume,source=full,target=/data${rest}`];
  await box.ok("run", "--rm", ...net, ...mount(",volume-nocopy"), "filled", "sh", "-c", '[ -z "$(ls /data)" ]');
  await box.ok("run", "--rm", ...net, ...mount(",volume-label=a=b"), "filled", "true");
  assert.match(
    (await box.sauropod(["run", "--rm", ...net, ...mount(",readonly"), "filled", "touch", "/data/x"])).stderr,
    /Read-only file system/,
  );
  assert.match(
    await fails(box, "run", "--rm", ...net, "-v", "full:/data:ro", "filled", "touch", "/data/x"),
    /Read-only/,
  );
  assert.equal(await sh(box, mount(",volume-subpath=sub/deep"), "cat /data/secret"), "s");
  assert.equal(
    await sh(box, mount(",volume-subpath=hello").map((m) => m.replace("/data", "/f")), "cat /f"),
    "from the image",
  );
  assert.match(
    await fails(box, "run", "--rm", ...net, ...mount(",volume-subpath=none"), "busybox", "true"),
    /cannot access/,
  );
  assert.match(
    await fails(box, "run", ...net, ...mount(",volume-subpath=../x"), "busybox", "true"),
    /relative path within/,
  );
  await Deno.symlink("/etc", `${await dataOf(box, "full")}/out`);
  await Deno.symlink("../../../../../../../etc/passwd", `${await dataOf(box, "full")}/passwd`);
  for (const subpath of ["out", "passwd"]) {
    assert.match(
      await fails(box, "run", "--rm", ...net, ...mount(`,volume-subpath=${subpath}`), "busybox", "true"),
      /cannot access path/,
    );
  }
  await box.ok("rmi", "filled");
});

test("anonymous volumes: -v and VOLUME make them, --rm and rm -v remove them and no others", async (box) => {
  await volumeImage(box, "declared", ["VOLUME /data"]);
  await box.ok("create", "--name", "one", ...net, "-v", "/own", "-v", "named:/srv", "declared", "true");
  const [first = "", ...others] = (await volumesOf(box)).filter((name) => name !== "named");
  assert.equal(others.length, 1);
  assert.match(first, /^[0-9a-f]{64}$/);
  const source = await box.inspect("one", '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Source}}{{end}}{{end}}');
  assert.equal(await Deno.readTextFile(`${source}/hello`), "from the image\n", "filled before it has run");
  await box.ok("rm", "one");
  assert.equal((await volumesOf(box)).length, 3, "rm alone removes none");
  await box.ok("volume", "prune", "-f");
  assert.deepEqual(await volumesOf(box), ["named"]);
  await box.ok("create", "--name", "two", ...net, "-v", "/own", "-v", "named:/srv", "declared", "true");
  await box.ok("rm", "-v", "two");
  assert.deepEqual(await volumesOf(box), ["named"]);
  await box.ok("run", "--rm", ...net, "-v", "/own", "-v", "named:/srv", "declared", "true");
  await until("--rm has removed them", async () => (await volumesOf(box)).join() === "named");
  assert.deepEqual(names(`${box.folder}/root/volumes`), ["named"]);
  // A mount of the user's takes the place of the image's volume.
  await box.ok("create", "--name", "three", ...net, "-v", "named:/data", "declared", "true");
  assert.deepEqual(await volumesOf(box), ["named"]);
  assert.match(
    await fails(box, "create", ...net, "-v", "/file", "declared", "true"),
    /cannot mount volume over existing file/,
  );
  assert.deepEqual(await volumesOf(box), ["named"]);
  await box.ok("rm", "three");
  await box.ok("rmi", "declared");
});

test("a volume in use cannot be removed, and the message names its containers", async (box) => {
  await box.ok("create", "--name", "holder", ...net, "-v", "kept:/srv", "busybox", "true");
  const id = await box.inspect("holder", "{{.Id}}");
  assert.equal(
    await fails(box, "volume", "rm", "kept"),
    `Error response from engine: remove kept: volume is in use - [${id}] (holder)\n`,
  );
  assert.match(await fails(box, "volume", "rm", "-f", "kept"), /volume is in use/);
  assert.match(await fails(box, "volume", "rename", "kept", "other"), /volume is in use/);
  await box.ok("volume", "prune", "-af");
  assert.deepEqual(await volumesOf(box), ["kept"]);
  await box.ok("rm", "-v", "holder");
  assert.deepEqual(await volumesOf(box), ["kept"], "a named one stays");
  assert.equal(await box.ok("volume", "rm", "kept"), "kept");
  assert.match(await fails(box, "volume", "rm", "kept"), /get kept: no such volume/);
  await box.ok("volume", "rm", "-f", "kept");
});

test("data-volume containers: --volumes-from shares, also read-only, several, stopped and in chains", async (box) => {
  await box.ok("run", "-dti", ...net, "-v", "/dbdata", "--name", "dbser", "busybox", "sh");
  for (const name of ["db1", "db2"]) await startSleeper(box, name, ...net, "--volumes-from", "dbser");
  const all = ["dbser", "db1", "db2"];
  for (const writer of all) {
    await box.ok("exec", writer, "sh", "-c", `echo ${writer} > /dbdata/${writer}`);
    for (const reader of all) assert.equal(await box.ok("exec", reader, "cat", `/dbdata/${writer}`), writer);
  }
  await startSleeper(box, "ro", ...net, "--volumes-from", "dbser:ro");
  assert.match(await fails(box, "exec", "ro", "touch", "/dbdata/x"), /Read-only/);
  // The data stays as long as one is left that has it.
  await box.ok("rm", "-fv", "dbser");
  assert.equal(await box.ok("exec", "db1", "cat", "/dbdata/db2"), "db2");
  await box.ok("stop", "-t", "0", "db2");
  await box.ok("create", "--name", "other", ...net, "-v", "more:/more", "busybox", "true");
  await startSleeper(box, "chain", ...net, "--volumes-from", "db2", "--volumes-from", "other");
  await box.ok("exec", "chain", "touch", "/more/x");
  assert.equal(await box.ok("exec", "chain", "cat", "/dbdata/db1"), "db1");
  assert.equal(
    await sh(box, ["--volumes-from", "chain", "-v", "more:/dbdata"], "ls /dbdata /more"),
    "/dbdata:\nx\n\n/more:\nx",
  );
  await box.ok("rm", "-fv", "db1", "ro", "chain", "other");
  assert.equal((await volumesOf(box)).length, 2, "db2, which does not run, still has it");
  await box.ok("rm", "-fv", "db2");
  assert.deepEqual(await volumesOf(box), ["more"]);
  assert.match(await fails(box, "create", ...net, "--volumes-from", "nobody", "busybox"), /No such container: nobody/);
});

test("volume ls and inspect: filters, formats, labels, who uses it and how large it is", async (box) => {
  await box.ok("volume", "create", "--label", "a=b", "--label", "c", "web1");
  await box.ok("volume", "create", "web2");
  assert.equal(await box.ok("volume", "create", "web2"), "web2", "again is fine");
  await box.ok("create", "--name", "user", ...net, "-v", "web1:/w", "busybox", "true");
  await Deno.writeTextFile(`${await dataOf(box, "web1")}/f`, "12345");
  const ls = (...args: string[]) => box.ok("volume", "ls", ...args);
  assert.equal(await ls(), "DRIVER    VOLUME NAME\nlocal     web1\nlocal     web2");
  assert.equal(await ls("-q", "-f", "dangling=true"), "web2");
  assert.equal(await ls("-q", "-f", "label=a=b"), "web1");
  assert.equal(await ls("-q", "-f", "name=eb2"), "web2");
  assert.equal(await ls("-q", "-f", "driver=nfs"), "");
  assert.equal(await ls("--format", "{{.Name}} {{.Labels}} {{.Scope}}"), "web1 a=b,c= local\nweb2  local");
  const [web1] = JSON.parse(await box.ok("volume", "inspect", "web1"));
  assert.deepEqual(web1.Labels, { a: "b", c: "" });
  assert.deepEqual(web1.UsageData, { RefCount: 1, Size: 5 });
  assert.deepEqual(
    web1.UsedBy.map(({ Name, Running, Destinations }: Record<string, unknown>) => [Name, Running, Destinations]),
    [
      ["user", false, ["/w"]],
    ],
  );
  assert.equal(await box.ok("inspect", "--type", "volume", "-f", "{{.Name}}", "web1"), "web1");
  assert.equal(await box.ok("inspect", "-f", "{{.Driver}}", "web2"), "local");
  assert.equal(await box.ok("ps", "-a", "-f", "volume=web1", "--format", "{{.Names}} {{.Mounts}}"), "user web1");
  assert.match(await box.ok("system", "df"), /Local Volumes +2 +1 +5B +0B \(0%\)/);
  assert.match(await box.ok("system", "df", "-v"), /VOLUME NAME +LINKS +SIZE\nweb1 +1 +5B\nweb2 +0 +0B/);
  assert.match(await fails(box, "volume", "create", "a/b"), /includes invalid characters for a local volume name/);
  assert.match(await fails(box, "volume", "create", "x"), /volume name is too short/);
  assert.match(await fails(box, "volume", "create", "-d", "flocker", "web3"), /plugin "flocker" not found/);
  assert.match(await fails(box, "create", ...net, "-v", "web1:/w:shared", "busybox"), /invalid mode: shared/);
});

test("prune: anonymous ones, all, by label, and as a dry run", async (box) => {
  await box.ok("volume", "create", "--label", "keep=yes", "n1");
  await box.ok("volume", "create", "n2");
  const anonymous = await box.ok("volume", "create");
  await Deno.writeTextFile(`${await dataOf(box, anonymous)}/f`, "1234567");
  assert.equal(
    await box.ok("volume", "prune", "--dry-run"),
    `Would delete Volumes:\n${anonymous}\n\nTotal reclaimable space: 7B`,
  );
  assert.equal((await volumesOf(box)).length, 3);
  assert.equal(
    await box.ok("volume", "prune", "-f"),
    `Deleted Volumes:\n${anonymous}\n\nTotal reclaimed space: 7B`,
  );
  await box.ok("volume", "prune", "-af", "--filter", "label!=keep");
  assert.deepEqual(await volumesOf(box), ["n1"]);
  await box.ok("volume", "prune", "-f", "--filter", "all=true");
  assert.deepEqual(await volumesOf(box), []);
});

test("system prune --dry-run tells what system prune then does", async (box) => {
  await box.ok("run", "--name", "ended", ...net, "-v", "/own", "-v", "named:/n", "busybox", "true");
  await startSleeper(box, "runs", ...net, "-v", "/own");
  const prune = ["system", "prune", "--volumes"];
  const told = await box.ok(...prune, "--dry-run");
  const done = await box.ok(...prune, "-f");
  const lines = (text: string) => text.split("\n").filter((line) => /^[0-9a-f]{64}$|^\w+$/.test(line)).sort();
  assert.deepEqual(lines(told), lines(done));
  assert.equal(lines(told).length, 2);
  assert.equal((await volumesOf(box)).length, 2);
});

test("rename, clone, export and import", async (box) => {
  await volumeImage(box, "filled");
  await box.ok("run", "--rm", ...net, "-v", "old:/data", "filled", "true");
  await box.ok("volume", "rename", "old", "new");
  await box.ok("volume", "clone", "new", "twin");
  assert.deepEqual(await volumesOf(box), ["new", "twin"]);
  assert.deepEqual(names(`${box.folder}/root/volumes`).sort(), ["new", "twin"]);
  const tar = `${box.folder}/new.tar`;
  await box.ok("volume", "export", "-o", tar, "new");
  await runOnHost(["gzip", tar]);
  await box.ok("volume", "import", "back", `${tar}.gz`);
  const look = async (name: string) => {
    const data = await dataOf(box, name);
    const files = await runOnHost(["find", data, "-printf", "%P %y %m %U:%G %n %l %T@\n"]);
    return files.trim().split("\n").sort().join("\n") +
      await runOnHost(["getfattr", "-d", "--absolute-names", `${data}/hello`])
        .then((text) => text.replace(data, ""));
  };
  const files = await look("new");
  assert.match(files, /hello f 644 1000:1001 2/);
  assert.equal(await look("twin"), files);
  assert.equal(await look("back"), files);
  assert.match(await fails(box, "volume", "import", "back", `${tar}.gz`), /the volume back is not empty/);
  assert.match(await fails(box, "volume", "import", "bad", "/etc/passwd"), /tar|archive/);
  assert.deepEqual(await volumesOf(box), ["back", "new", "twin"]);
  assert.match(await fails(box, "volume", "rename", "new", "twin"), /a volume named twin already exists/);
  assert.match(await fails(box, "volume", "clone", "new", "twin"), /a volume named twin already exists/);
  await Deno.remove(`${tar}.gz`);
  await box.ok("rmi", "filled");
});

test("driver local with type=tmpfs and type=none: mounted while a container runs that has it", async (box) => {
  await box.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,mode=0700", "fast");
  const host = await Deno.makeTempDir();
  await Deno.writeTextFile(`${host}/there`, "yes");
  await box.ok("volume", "create", "-o", "type=none", "-o", `device=${host}`, "-o", "o=bind", "host");
  const mounted = () => Deno.readTextFileSync("/proc/self/mountinfo").includes(`${box.folder}/root/volumes/`);
  assert.equal(mounted(), false);
  await startSleeper(box, "a1", ...net, "-v", "fast:/f", "-v", "host:/h");
  await startSleeper(box, "a2", ...net, "-v", "fast:/f");
  assert.equal(mounted(), true);
  await box.ok("exec", "a1", "sh", "-c", "echo x > /f/x; echo y > /h/y");
  assert.equal(await box.ok("exec", "a2", "cat", "/f/x"), "x");
  assert.match(await box.ok("exec", "a2", "df", "/f"), /tmpfs +1024 /);
  assert.equal(await Deno.readTextFile(`${host}/y`), "y\n");
  assert.equal(await box.ok("exec", "a1", "cat", "/h/there"), "yes");
  await box.killEngine();
  await box.ok("stop", "-t", "0", "a1");
  assert.equal(await box.ok("exec", "a2", "cat", "/f/x"), "x");
  await box.ok("rm", "-f", "a2");
  await until("nothing is mounted", () => !mounted());
  await box.ok("rm", "-f", "a1");
  await box.ok("volume", "rm", "fast", "host");
  assert.equal(await Deno.readTextFile(`${host}/there`), "yes");
  assert.match(await fails(box, "volume", "create", "-o", "type=nfs", "-o", "o=addr=10.0.0.1", "x1"), /missing device/);
  assert.match(await fails(box, "volume", "create", "-o", "size=1g", "x1"), /invalid option: "size"/);
  await box.ok("volume", "create", "-o", "type=none", "-o", "device=/does/not/exist", "-o", "o=bind", "gone");
  assert.match(
    await fails(box, "run", "--rm", ...net, "-v", "gone:/x", "busybox", "true"),
    /failed to mount local volume: mount \/does\/not\/exist/,
  );
  await Deno.remove(host, { recursive: true });
});

test("events tell what becomes of volumes", async (box) => {
  const since = String(Date.now() / 1000);
  await box.ok("volume", "create", "told");
  await box.ok("run", "--rm", ...net, "-v", "told:/x", "busybox", "true");
  await box.ok("volume", "rm", "told");
  const format = "{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.destination}}";
  const until = String(Date.now() / 1000);
  const said = await box.ok(
    "events",
    "--since",
    since,
    "--until",
    until,
    "--filter",
    "type=volume",
    "--format",
    format,
  );
  assert.deepEqual(said.split("\n").map((line) => line.replace(" <no value>", "").trim()), [
    "create told",
    "mount told /x",
    "unmount told",
    "destroy told",
  ]);
});

test("the real docker CLI: volume create, ls, inspect, run -v, --mount, --volumes-from, rm, prune", async (box) => {
  const docker = async (...args: string[]) => {
    const { code, stdout, stderr } = await box.docker(args);
    assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  assert.equal(await docker("volume", "create", "--label", "a=b", "data"), "data");
  assert.equal(await docker("volume", "ls"), "DRIVER    VOLUME NAME\nlocal     data");
  const [inspected] = JSON.parse(await docker("volume", "inspect", "data"));
  assert.deepEqual([inspected.Name, inspected.Driver, inspected.Labels, inspected.Scope], [
    "data",
    "local",
    { a: "b" },
    "local",
  ]);
  await docker("run", "--rm", ...net, "-v", "data:/srv", "busybox", "sh", "-c", "echo hi > /srv/f");
  assert.equal(
    await docker("run", "--rm", ...net, "--mount", "src=data,dst=/x,readonly", "busybox", "cat", "/x/f"),
    "hi",
  );
  await docker("run", "-dti", ...net, "-v", "/dbdata", "-v", "data:/srv", "--name", "dbser", "busybox", "sh");
  await docker("run", "-d", ...net, "--volumes-from", "dbser", "--name", "db1", "busybox", "sleep", "1000");
  await docker("exec", "db1", "sh", "-c", "echo shared > /dbdata/f");
  assert.equal(await docker("exec", "dbser", "cat", "/dbdata/f"), "shared");
  const { code, stderr } = await box.docker(["volume", "rm", "data"]);
  assert.equal(code, 1);
  assert.match(stderr, /volume is in use - \[[0-9a-f]{64}, [0-9a-f]{64}\]/);
  await docker("rm", "-f", "-v", "dbser");
  assert.equal(await docker("exec", "db1", "cat", "/dbdata/f"), "shared");
  await docker("rm", "-f", "-v", "db1");
  assert.equal(await docker("volume", "ls", "-q"), "data");
  assert.match(await docker("system", "df"), /Local Volumes/);
  await docker("volume", "prune", "-f", "--filter", "label!=a");
  assert.equal(await docker("volume", "ls", "-q"), "data");
  await docker("volume", "rm", "data");
}, { command: "docker" });
