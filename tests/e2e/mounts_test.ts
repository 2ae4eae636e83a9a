/** Binds, idmaps and images as mounts, seen from outside. */
import assert from "node:assert/strict";
import { run as runOnHost } from "../support/command.ts";
import { layeredImage, volumeImage } from "../support/volume_image.ts";
import { fails, net, sh, test } from "./volumes_test_support.ts";

test("binds: files, propagation, bind-create-src, recursion, :U", async (box) => {
  const host = await Deno.makeTempDir();
  await Deno.writeTextFile(`${host}/file`, "f");
  assert.equal(await sh(box, ["-v", `${host}/file:/etc/one:ro`], "cat /etc/one"), "f");
  assert.equal(await sh(box, ["-v", `${host}/made:/m`], "echo made > /m/x; ls /m"), "x");
  assert.match(
    await fails(box, "run", "--rm", ...net, "--mount", `type=bind,src=${host}/none,dst=/m`, "busybox", "true"),
    /bind source path does not exist/,
  );
  assert.equal(
    await sh(box, ["--mount", `type=bind,src=${host}/new,dst=/m,bind-create-src`], "touch /m/y; ls /m"),
    "y",
  );
  for (const [mode, field] of [["rslave", "master:"], ["rshared", "shared:"], ["private", " - "]] as const) {
    const line = await sh(box, ["-v", `${host}:/m:${mode}`], "grep ' /m ' /proc/self/mountinfo");
    if (mode === "private" || /shared:/.test(await runOnHost(["findmnt", "-no", "PROPAGATION", "-T", host]))) {
      assert.ok(line.includes(field), `${mode}: ${line}`);
    }
  }
  await sh(box, ["-v", `${host}/made:/m:U`, "-u", "1234:1235"], "touch /m/mine");
  assert.deepEqual(
    [(await Deno.stat(`${host}/made`)).uid, (await Deno.stat(`${host}/made/x`)).gid, (await Deno.stat(host)).uid],
    [1234, 1235, 0],
  );
  await Deno.remove(host, { recursive: true });
});

test("idmap: what is the owner's on the host is the container user's inside, and the other way round", async (box) => {
  const host = await Deno.makeTempDir();
  await Deno.writeTextFile(`${host}/roots`, "r", { mode: 0o600 });
  await Deno.writeTextFile(`${host}/others`, "o");
  await runOnHost(["chown", "77:78", `${host}/others`]);
  const script = "cat /m/roots; touch /m/new; stat -c '%u:%g' /m /m/roots /m/others";
  const flags = ["-u", "1234:1235", "-v", `${host}:/m:idmap`];
  const { code, stdout, stderr } = await box.sauropod(["run", "--rm", ...net, ...flags, "busybox", "sh", "-c", script]);
  if (code === 125 && /cannot be mounted with idmap/.test(stderr)) return; // not every file system can
  assert.deepEqual([code, stdout, stderr], [0, "r1234:1235\n1234:1235\n77:78\n", ""]);
  assert.deepEqual([(await Deno.stat(`${host}/new`)).uid, (await Deno.stat(`${host}/new`)).gid], [0, 0]);
  await Deno.remove(host, { recursive: true });
});

test("an image can be mounted, read-only, and a part of it", async (box) => {
  await volumeImage(box, "filled");
  const mount = (rest = "") => ["--mount", `type=image,source=filled,target=/img${rest}`];
  assert.equal(await sh(box, mount(), "cat /img/data/hello"), "from the image");
  assert.match(await fails(box, "run", "--rm", ...net, ...mount(), "busybox", "touch", "/img/x"), /Read-only/);
  assert.equal(await sh(box, mount(",image-subpath=data/sub/deep"), "cat /img/secret"), "s");
  assert.equal(await sh(box, mount(",image-subpath=data/hello"), "cat /img"), "from the image");
  await box.ok("create", "--name", "holder", ...net, ...mount(), "busybox", "true");
  assert.match(await fails(box, "rmi", "filled"), /conflict/);
  await box.ok("rm", "holder");
  await box.ok("rmi", "filled");
});

test("of several layers is seen, and copied, what they show together", async (box) => {
  await layeredImage(box, "layered");
  const shown = "/x:\ncovered\ndir\nkept\n\n/x/dir:\nnew";
  const look = ["sh", "-c", "ls -R /x; cat /x/covered"];
  const mount = "type=image,source=layered,target=/x,image-subpath=data";
  assert.equal(await box.ok("run", "--rm", ...net, "--mount", mount, "busybox", ...look), `${shown}\n2`);
  await box.ok("run", "--rm", ...net, "-v", "of-layers:/data", "layered", "true");
  assert.equal(await box.ok("run", "--rm", ...net, "-v", "of-layers:/x", "busybox", ...look), `${shown}\n2`);
  await box.ok("rmi", "layered");
}, { command: ["umoci", "skopeo"] });
