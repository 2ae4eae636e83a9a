/** An image with something at the place of its volume: owners, modes, attributes, links, and a layer that hides a part. */
import { run } from "./command.ts";
import { busyboxRoot, fixtureFolder } from "./fixtures.ts";
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
