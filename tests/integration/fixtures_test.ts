/** The fixtures, held against the tools that other tests will use as witnesses. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { busyboxDockerArchive, busyboxOciArchive, busyboxRootTar } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";

Deno.test({
  name: "busyboxRootTar() is owned by root and holds busybox, its applets, users and a sticky /tmp",
  ...requires({ command: ["busybox", "tar"] }),
  async fn() {
    const list = await run(["tar", "--numeric-owner", "-tvf", await busyboxRootTar()]);
    const has = (pattern: RegExp) => assert.match(list, pattern);
    has(/^-rwxr-xr-x 0\/0 .* \.\/bin\/busybox$/m);
    has(/^lrwxrwxrwx 0\/0 .* \.\/bin\/sh -> busybox$/m);
    has(/^lrwxrwxrwx 0\/0 .* \.\/usr\/bin\/env -> /m);
    has(/^drwxrwxrwt 0\/0 .* \.\/tmp\/$/m);
    has(/^drwx------ 0\/0 .* \.\/root\/$/m);
    has(/ \.\/etc\/passwd$/m);
    assert.equal(await busyboxRootTar(), await busyboxRootTar());
  },
});

for (const compression of ["gzip", "zstd"] as const) {
  Deno.test({
    name: `busyboxOciArchive("${compression}") is an image to skopeo, its layer compressed so`,
    ...requires({ command: ["busybox", "skopeo", "umoci"] }),
    async fn() {
      const archive = await busyboxOciArchive(compression);
      const manifest = JSON.parse(await run(["skopeo", "inspect", "--raw", `oci-archive:${archive}`]));
      assert.deepEqual(
        manifest.layers.map((layer: { mediaType: string }) => layer.mediaType),
        [`application/vnd.oci.image.layer.v1.tar+${compression}`],
      );
    },
  });
}

Deno.test({
  name: "busyboxDockerArchive() is a docker-archive tagged busybox:latest whose command is sh",
  ...requires({ command: ["busybox", "skopeo", "umoci"] }),
  async fn() {
    const archive = await busyboxDockerArchive();
    const [manifest] = JSON.parse(await run(["tar", "-xOf", archive, "manifest.json"]));
    assert.match(manifest.RepoTags.join(), /^(docker\.io\/library\/)?busybox:latest$/); // the long form since skopeo 1.9
    const { config } = JSON.parse(await run(["skopeo", "inspect", "--config", `docker-archive:${archive}`]));
    assert.deepEqual(config.Cmd, ["sh"]);
  },
});
