/** Files in and out of containers and volumes by the command line, ours and the real docker CLI's. */
import assert from "node:assert/strict";
import { output, run as runOnHost } from "../support/command.ts";
import { startSleeper } from "../support/containers.ts";
import { copyRules, difference, makeCopyTree, treeOf } from "../support/copy_rules.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { Terminal } from "../support/terminal.ts";
import { program } from "../support/sandbox.ts";
import { dataOf, fails, net, test } from "./volumes_test_support.ts";

/** A local folder of a test's own, which goes with it. */
async function withFolder(box: Sandbox, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: box.folder, prefix: "local-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const exec = (box: Sandbox, name: string, script: string) => box.ok("exec", name, "sh", "-c", script);

interface Way {
  readonly name: string;
  readonly cli: "sauropod" | "docker";
  readonly into: boolean;
  readonly running: boolean;
}

const ways: readonly Way[] = [
  { name: "into a running container", cli: "sauropod", into: true, running: true },
  { name: "out of a running container", cli: "sauropod", into: false, running: true },
  { name: "into a stopped container", cli: "sauropod", into: true, running: false },
  { name: "into a running container by the docker CLI", cli: "docker", into: true, running: true },
];
for (const { name, cli, into, running } of ways) {
  test(`cp ${name} follows docker's rules`, async (box) => {
    await box.ok("create", "--name", "c1", ...net, "-v", "tree:/w", "busybox", "sleep", "1000");
    if (running) await box.ok("start", "c1");
    const inside = await dataOf(box, "tree");
    await withFolder(box, async (outside) => {
      for (const { source, destination, followLink = false, gives = {}, fails: says } of copyRules) {
        for (const folder of [inside, outside]) {
          for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
          makeCopyTree(folder);
        }
        const changing = `${into ? inside : outside}/dst`;
        const before = treeOf(changing);
        const ends = into
          ? [`${outside}/${source}`, `c1:/w/${destination}`]
          : [`c1:/w/${source}`, `${outside}/${destination}`];
        const line = ["cp", ...followLink ? ["-L"] : [], ...ends];
        const { code, stderr } = await box[cli](line);
        const what = `${line.join(" ")}: ${stderr}`;
        assert.equal(code, says === undefined ? 0 : 1, what);
        if (says !== undefined) assert.match(stderr, says, what);
        assert.deepEqual(difference(before, treeOf(changing)), gives, what);
      }
    });
  }, { command: cli === "docker" ? "docker" : [] });
}

test("cp of a folder into httpd's htdocs is what the server has", async (box) => {
  await startSleeper(box, "web", ...net);
  await exec(box, "web", "mkdir -p /usr/local/apache2/htdocs");
  await withFolder(box, async (folder) => {
    await Deno.mkdir(`${folder}/jd`);
    await Deno.writeTextFile(`${folder}/jd/index.html`, "<h1>It works!</h1>\n");
    const copied = await box.sauropod(["cp", "jd", "web:/usr/local/apache2/htdocs"], { cwd: folder });
    assert.deepEqual([copied.code, copied.stdout, copied.stderr], [0, "", ""]);
    assert.equal(await exec(box, "web", "cat /usr/local/apache2/htdocs/jd/index.html"), "<h1>It works!</h1>");
    assert.equal((await box.sauropod(["cp", "web:/usr/local/apache2/htdocs/jd/.", "back"], { cwd: folder })).code, 0);
    assert.equal(await Deno.readTextFile(`${folder}/back/index.html`), "<h1>It works!</h1>\n");
  });
});

test("cp reaches the root, a volume, a bind and a tmpfs of a container that runs, and of one that does not", async (box) => {
  await withFolder(box, async (folder) => {
    await Deno.mkdir(`${folder}/bound`);
    const mounts = ["-v", "vol:/vol", "-v", `${folder}/bound:/bound`, "--tmpfs", "/tmpfs"];
    await box.ok("create", "--name", "c1", ...net, ...mounts, "busybox", "sleep", "1000");
    await Deno.writeTextFile(`${folder}/f`, "one");
    for (const path of ["/root/", "/vol/", "/bound/"]) await box.ok("cp", `${folder}/f`, `c1:${path}`);
    assert.equal(await Deno.readTextFile(`${folder}/bound/f`), "one");
    assert.equal(await Deno.readTextFile(`${await dataOf(box, "vol")}/f`), "one");
    await box.ok("start", "c1");
    assert.equal(await exec(box, "c1", "cat /root/f /vol/f /bound/f"), "oneoneone");
    for (const path of ["/root/f", "/vol/f", "/bound/f", "/tmpfs/f"]) {
      await exec(box, "c1", `printf two > ${path}`);
      await box.ok("cp", `c1:${path}`, `${folder}/out`);
      assert.equal(await Deno.readTextFile(`${folder}/out`), "two", path);
      await box.ok("cp", `${folder}/f`, `c1:${path}`);
      assert.equal(await exec(box, "c1", `cat ${path}`), "one", path);
    }
    await box.ok("stop", "-t", "0", "c1");
    for (const path of ["/root/f", "/vol/f", "/bound/f"]) {
      await box.ok("cp", `c1:${path}`, `${folder}/out`);
      assert.equal(await Deno.readTextFile(`${folder}/out`), "one", path);
    }
    assert.match(await fails(box, "cp", `${folder}/f`, "c1:/tmpfs/no/f"), /Could not find the file \/tmpfs\/no/);
  });
});

test("cp keeps modes, times and owners on the way in; what comes out is the caller's, with -a its owner's", async (box) => {
  await startSleeper(box, "c1", ...net, "-u", "1000:1001");
  await withFolder(box, async (folder) => {
    await Deno.mkdir(`${folder}/d`);
    await Deno.writeTextFile(`${folder}/d/f`, "x");
    await Deno.chown(`${folder}/d/f`, 33, 34);
    await Deno.chmod(`${folder}/d/f`, 0o4751);
    await Deno.link(`${folder}/d/f`, `${folder}/d/g`);
    await Deno.utime(`${folder}/d/f`, 1_000_000_000, 1_000_000_000);
    const seen = (path: string) => box.ok("exec", "-u", "0", "c1", "stat", "-c", "%a %u:%g %h %Y", path);
    await box.ok("cp", `${folder}/d`, "c1:/tmp/d");
    assert.equal(await seen("/tmp/d/f"), "4751 33:34 2 1000000000");
    await box.ok("cp", "-a", `${folder}/d`, "c1:/tmp/mine");
    assert.match(await seen("/tmp/mine/f"), /^4?751 1000:1001 2 1000000000$/); // a chown may take set-user-ID away
    const look = (path: string) => runOnHost(["stat", "-c", "%a %u:%g %h %Y", `${folder}/${path}`]);
    await box.ok("cp", "c1:/tmp/d", `${folder}/out`);
    assert.equal(await look("out/f"), "4751 0:0 2 1000000000\n");
    await box.ok("cp", "-a", "c1:/tmp/d", `${folder}/kept`);
    assert.equal(await look("kept/f"), "4751 33:34 2 1000000000\n");
  });
});

test("cp takes patterns and several sources, and copies between containers", async (box) => {
  await startSleeper(box, "a1", ...net);
  await box.ok("create", "--name", "b1", ...net, "busybox", "sh", "-c", "cd /; cat new/*.log; ls /got");
  await exec(
    box,
    "a1",
    "mkdir -p /var/log /got; for n in one two three; do echo $n > /var/log/$n.log; done; touch /var/log/x",
  );
  await withFolder(box, async (folder) => {
    await box.ok("cp", "a1:/var/log/*.log", folder);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["one.log", "three.log", "two.log"]);
    await box.ok("cp", "a1:/v?r/l[o]g/t*o.log", `${folder}/single`);
    assert.equal(await Deno.readTextFile(`${folder}/single`), "two\n");
    assert.match(await fails(box, "cp", "a1:/var/log/t*.log", `${folder}/none`), /none" must be a directory/);
    assert.match(await fails(box, "cp", "a1:/var/log/*.gz", folder), /Could not find the file \/var\/log\/\*\.gz/);
    const files = ["one", "two"].map((name) => `${folder}/${name}.log`);
    await box.ok("cp", ...files, "a1:/got");
    assert.equal(await exec(box, "a1", "ls /got"), "one.log\ntwo.log");
  });
  await box.ok("cp", "a1:/var/log", "b1:/new");
  await box.ok("cp", "a1:/got", "b1:/");
  await box.ok("cp", "b1:/got/one.log", "b1:/got/copy.log"); // neither reads nor writes while the other does
  assert.equal(await box.ok("start", "-a", "b1"), "one\nthree\ntwo\ncopy.log\none.log\ntwo.log");
  await box.ok("cp", "a1:/var", "a1:/var/itself");
  assert.equal(
    await exec(box, "a1", "find /var/itself -name '*.log' | sort"),
    [
      "/var/itself/log/one.log",
      "/var/itself/log/three.log",
      "/var/itself/log/two.log",
    ].join("\n"),
  );
  await box.ok("cp", "a1:/got/*", "a1:/tmp");
  assert.equal(await exec(box, "a1", "ls /tmp"), "one.log\ntwo.log");
});

test("cp has tars as stdin and stdout, and says what is wrong with one", async (box) => {
  await startSleeper(box, "c1", ...net);
  await exec(box, "c1", "mkdir /d; echo hi > /d/f");
  const tar = `${box.folder}/d.tar`;
  const shell = (line: string) => output(["sh", "-c", line], { env: box.env });
  const cp = `${program.join(" ")} cp`;
  assert.equal((await shell(`${cp} c1:/d - > ${tar}; tar -tf ${tar}`)).stdout, "d/\nd/f\n");
  await shell(`gzip -k ${tar}; ${cp} - c1:/tmp < ${tar}.gz`);
  assert.equal(await exec(box, "c1", "cat /tmp/d/f"), "hi");
  const broken = await shell(`head -c 700 ${tar} | ${cp} - c1:/tmp`);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /truncated/);
  const folder = await shell(`${cp} - c1:/tmp < /`);
  assert.equal(folder.code, 1);
  assert.match(folder.stderr, /Is a directory/);
  assert.match(await fails(box, "cp", "-", "c1:/d/f"), /destination "c1:\/d\/f" must be a directory/);
  assert.match(await fails(box, "cp", "nobody:/x", "."), /No such container: nobody/);
  assert.match(await fails(box, "cp", "/etc/passwd", "nobody:/x"), /No such container: nobody/);
  assert.match(await fails(box, "cp", "c1:/proc/version", "."), /made up by the kernel/);
  for (const path of [tar, `${tar}.gz`]) await Deno.remove(path);
});

test("cp and export know a terminal when they see one", async (box) => {
  await startSleeper(box, "c1", ...net);
  const see = async (...line: string[]) => {
    await using terminal = new Terminal([...program, ...line], { env: { ...Deno.env.toObject(), ...box.env } });
    return { code: await terminal.exit(), screen: terminal.screen };
  };
  assert.deepEqual(await see("cp", "/etc/hostname", "c1:/tmp/h"), {
    code: 0,
    screen: "Successfully copied 2.05kB to c1:/tmp/h\r\n",
  });
  assert.deepEqual(await see("cp", "-q", "/etc/hostname", "c1:/tmp/h"), { code: 0, screen: "" });
  const refused = await see("export", "c1");
  assert.deepEqual([refused.code, refused.screen.trim()], [
    1,
    "cowardly refusing to save to a terminal. Use the -o flag or redirect",
  ]);
}, { command: "python3" });

test("cp of 10,000 files gives the same files, both ways", async (box) => {
  await startSleeper(box, "c1", ...net);
  await withFolder(box, async (folder) => {
    for (let i = 0; i < 100; i++) {
      Deno.mkdirSync(`${folder}/many/${i}`, { recursive: true });
      for (let j = 0; j < 100; j++) Deno.writeTextFileSync(`${folder}/many/${i}/${j}`, `${i} ${j}`.repeat(j));
    }
    await box.ok("cp", `${folder}/many`, "c1:/many");
    assert.equal(await exec(box, "c1", "find /many -type f | wc -l"), "10000");
    await box.ok("cp", "c1:/many", `${folder}/back`);
    await runOnHost(["diff", "-r", `${folder}/many`, `${folder}/back`]);
  });
});

test("volume cp copies in and out of volumes, and from one to another", async (box) => {
  for (const name of ["v1", "v2"]) await box.ok("volume", "create", name);
  await withFolder(box, async (folder) => {
    await Deno.mkdir(`${folder}/d`);
    await Deno.writeTextFile(`${folder}/d/f`, "x");
    await box.ok("volume", "cp", `${folder}/d`, "v1:/");
    await box.ok("volume", "cp", "v1:/d/*", "v2:/g");
    await box.ok("volume", "cp", "v2:.", `${folder}/out`);
    assert.equal(await Deno.readTextFile(`${folder}/out/g`), "x");
    await box.ok("volume", "cp", "v1:d", "v1:e");
    await runOnHost(["diff", "-r", `${folder}/d`, `${await dataOf(box, "v1")}/e`]);
    assert.match(await fails(box, "volume", "cp", "none:/x", folder), /no such volume/);
    assert.match(await fails(box, "volume", "cp", "v1:/../../x", folder), /Could not find the file \/x in volume v1/);
  });
});

test("export has the whole root and no mounts, of a container that runs and of one that does not", async (box) => {
  await box.ok("create", "--name", "c1", ...net, "-v", "vol:/vol", "busybox", "sleep", "1000");
  await withFolder(box, async (folder) => {
    await Deno.writeTextFile(`${folder}/f`, "x");
    await box.ok("cp", `${folder}/f`, "c1:/added");
    await box.ok("cp", `${folder}/f`, "c1:/vol/in-volume");
    for (const [file, command] of [["one", []], ["two", ["container"]]] as const) {
      await box.ok(...command, "export", "-o", `${folder}/${file}.tar`, "c1");
      const names = (await runOnHost(["tar", "-tf", `${folder}/${file}.tar`])).split("\n");
      assert.deepEqual(["added", "bin/busybox", "vol/in-volume"].map((name) => names.includes(name)), [
        true,
        true,
        false,
      ]);
      if (file === "one") await box.ok("start", "c1");
    }
    assert.match(
      await fails(box, "export", "-o", `${folder}/x/y.tar`, "c1"),
      /failed to export container: .* not exist/,
    );
    assert.match(await fails(box, "export", "nobody"), /No such container: nobody/);
  });
});
