/** A real dockerd at the same registry: what one engine has pushed the other pulls and runs, with the same id. */
import assert from "node:assert/strict";
import { Dockerd } from "../support/dockerd.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { TestRegistry } from "../support/registry.ts";
import { requires } from "../support/requires.ts";
import { Sandbox } from "../support/sandbox.ts";

const command = ["busybox", "docker", "dockerd", "containerd", "iptables", "docker-registry", "skopeo"];

Deno.test({
  name: "an image of several layers goes from dockerd to us and back by a registry, and stays what it is",
  ...requires({ root: true, cgroup: "any", command }),
  async fn() {
    await using server = await TestRegistry.start();
    await using dockerd = await Dockerd.start();
    const ok = async (...args: string[]) => {
      const { code, stdout, stderr } = await dockerd.docker(...args);
      assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}`);
      return stdout.trim();
    };
    const [theirs, ours] = [`${server.host}/by/docker:1`, `${server.host}/by/us:1`];
    await ok("import", await busyboxRootTar(), "base");
    await ok("run", "--name", "changed", "--network", "none", "base", "sh", "-c", "echo made by docker > /marker");
    await ok("commit", "--change", 'CMD ["cat", "/marker"]', "changed", theirs);
    await ok("rm", "changed");
    await ok("push", theirs);
    const id = await ok("image", "inspect", "--format", "{{.Id}} {{.RootFS.Layers}}", theirs);

    await using box = await Sandbox.open();
    assert.equal(await box.ok("run", "--rm", "--network", "none", theirs), "made by docker");
    assert.equal(await box.ok("image", "inspect", "--format", "{{.Id}} {{.RootFS.Layers}}", theirs), id);
    await box.ok("create", "--name", "more", "--network", "none", theirs, "sh", "-c", "echo and by us >> /marker");
    await box.ok("start", "-a", "more");
    await box.ok("commit", "more", ours);
    await box.ok("rm", "more");
    assert.match(await box.ok("push", ours), /: Mounted from by\/docker$/m);
    await ok("pull", "-q", ours);
    assert.equal(await ok("run", "--rm", "--network", "none", ours, "cat", "/marker"), "made by docker\nand by us");
    assert.equal(
      await ok("image", "inspect", "--format", "{{.Id}}", ours),
      await box.ok("image", "inspect", "--format", "{{.Id}}", ours),
    );
  },
});
