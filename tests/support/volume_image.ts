/** An image with something at the place of its volume: owners, modes, attributes, links, and a layer that hides a part. */
import { run } from "./command.ts";
import { busyboxOciLayout, busyboxRoot, fixtureFolder, skopeoCopy, tarFolder } from "./fixtures.ts";
import type { Sandbox } from "./sandbox.ts";

/** Imports busybox's root with files below /data, as image `name`; `changes` are import's (`VOLUME /data`). */
export async function volumeImage(box: Sandbox, name: string, changes: readonly string[] = []): Promise<void> {
  const root = await Deno.makeTempDir({ dir: fixtureFolder(), prefix: "volume-" });
  const tar = `${root}.tar`;
  try {
    await run(["cp", "-a", `${await busyboxRoot()}/.`, root]);
    await run(["chown", "-R", "0:0", root]);
    await Deno.chmod(root, 0o755);
    const data = `${root}/data`;
    await Deno.mkdir(`${data}/sub/deep`, { recursive: true });
    await Deno.writeTextFile(`${data}/hello`, "from the image\n");
    await Deno.writeTextFile(`${data}/sub/deep/secret`, "s\n");
    await Deno.writeTextFile(`${data}/tool`, "#!/bin/sh\n");
    await Deno.link(`${data}/hello`, `${data}/sub/hello-again`);
    await Deno.symlink("../hello", `${data}/sub/link`);
    await run(["mkfifo", `${data}/pipe`]);
    await run(["setfattr", "-n", "user.colour", "-v", "blue", `${data}/hello`]);
    await run(["chown", "1000:1001", data, `${data}/hello`]);
    await run(["chown", "7:8", `${data}/sub/deep`]);
    await Deno.chmod(data, 0o2770);
    await Deno.chmod(`${data}/tool`, 0o4755);
    await Deno.chmod(`${data}/sub/deep`, 0o700);
    await run(["touch", "-h", "-d", "2001-02-03T04:05:06Z", `${data}/sub/deep/secret`, `${data}/sub/deep`]);
    await Deno.writeTextFile(`${root}/file`, "x");
    await run(["tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-cf", tar, "-C", root, "."]);
    await box.ok("import", ...changes.flatMap((text) => ["-c", text]), tar, name);
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(tar).catch(() => {});
  }
}

/** Loads an image of three layers: busybox's, one with files at /data, and one that hides a part of them. */
export async function layeredImage(box: Sandbox, name: string): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: fixtureFolder(), prefix: "layered-" });
  try {
    const layout = `${folder}/oci`;
    await run(["cp", "-a", await busyboxOciLayout(), layout]);
    const layer = async (number: number, files: Readonly<Record<string, string>>) => {
      for (const [path, text] of Object.entries(files)) {
        await Deno.mkdir(`${folder}/${number}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(`${folder}/${number}/${path}`, text);
      }
      await tarFolder(`${folder}/${number}`, `${folder}/${number}.tar`);
      await run(["umoci", "raw", "add-layer", "--image", `${layout}:latest`, `${folder}/${number}.tar`]);
    };
    await layer(1, { "data/kept": "1", "data/covered": "1", "data/gone": "1", "data/dir/old": "1" });
    await layer(2, { "data/covered": "2", "data/.wh.gone": "", "data/dir/.wh..wh..opq": "", "data/dir/new": "2" });
    await skopeoCopy(`oci:${layout}:latest`, `docker-archive:${folder}/image.tar:${name}:latest`);
    await box.ok("load", "-q", "-i", `${folder}/image.tar`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
