/** The state folder on btrfs: overlay's upper folders, copies and removals are on a file system that is not ext4. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { OwnEngine } from "../support/own_engine.ts";
import { requires } from "../support/requires.ts";
import { until } from "../support/sandbox.ts";

/** A new file system of btrfs in a file. */
class BtrfsDisk implements AsyncDisposable {
  private constructor(readonly path: string, readonly file: string) {}

  static async open(): Promise<BtrfsDisk> {
    const file = await Deno.makeTempFile({ prefix: "sauropod-btrfs-" });
    await Deno.truncate(file, 1 << 30);
    await run(["mkfs.btrfs", "-q", file]);
    const path = await Deno.makeTempDir({ prefix: "sauropod-disk-" });
    await run(["mount", "-o", "loop", file, path]);
    return new BtrfsDisk(path, file);
  }

  /** Fails when anything of it stays in use. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The kernel lets go of the mounts of a container some time after its end.
    await until("nothing uses it", () => run(["umount", this.path]).then(() => true, () => false));
    await Deno.remove(this.path);
    await Deno.remove(this.file);
  }
}

const changes = `echo new > /etc/new && echo more >> /etc/passwd && rm /etc/group && mv /home /house &&
  rm -r /var/spool && mkdir /var/spool && ln /etc/new /etc/again`;
const look = `cat /etc/again; tail -n 1 /etc/passwd; ls -d /house /home /etc/group /var/spool/mail 2>/dev/null || :`;
const seen = "new\nmore\n/house";

Deno.test({
  name: "with the state folder on btrfs: run, commit, save, load, volumes and removal work, and nothing is left",
  ...requires({ root: true, cgroup: "any", command: ["busybox", "mkfs.btrfs", "setfattr"], module: ["btrfs", "loop"] }),
  async fn() {
    await using disk = await BtrfsDisk.open();
    await using own = await OwnEngine.open(`${disk.path}/root`);
    const { containers, images, volumes, system } = own.engine;
    assert.equal(await run(["stat", "-f", "-c", "%T", `${own.root}/layers`]), "btrfs\n");
    assert.deepEqual((await system.info())["DriverStatus"], [
      ["Backing Filesystem", "btrfs"],
      ["Supports d_type", "true"],
    ]);

    await own.start("writer", { HostConfig: { NetworkMode: "none" } });
    await own.exec("writer", changes);
    const { State: { Pid } } = await containers.inspect("writer");
    await run(["setfattr", "-n", "user.colour", "-v", "blue", `/proc/${Pid}/root/etc/new`]);
    const diff = (await containers.changes("writer")).map(({ Kind, Path }) => `${"CAD"[Kind]} ${Path}`);
    for (const line of ["A /etc/new", "C /etc/passwd", "D /etc/group", "A /house", "D /home", "D /var/spool/mail"]) {
      assert.ok(diff.includes(line), `${line} is not in ${diff.join(", ")}`);
    }
    await containers.commit("writer", { reference: "written" });
    await own.remove("writer");
    assert.equal(await own.run(look, {}, "written"), seen);

    const tar = `${own.folder}/written.tar`;
    await Deno.writeFile(tar, await images.save(["written"]));
    await images.remove("written");
    await Array.fromAsync(images.load((await Deno.open(tar)).readable));
    assert.equal(await own.run(look, {}, "written"), seen);

    const copied = await own.run("cat /etc/new; echo changed >> /etc/again", { Binds: ["data:/etc"] }, "written");
    assert.equal(copied, "new");
    const file = `${own.root}/volumes/data/_data/new`;
    assert.equal(await Deno.readTextFile(file), "new\nchanged\n", "still the same file as /etc/again");
    assert.match(await run(["getfattr", "-d", file]), /user.colour="blue"/);
    assert.deepEqual((await system.check({ digests: true })).Problems, []);

    await volumes.remove("data");
    await images.remove("written");
    await images.remove("busybox");
    await until("layers and volume are gone", async () => {
      // What is being removed goes under find's feet, which it takes for a failure.
      return await run(["find", own.root, "-name", "busybox", "-o", "-name", "again"]).catch(String) === "";
    });
  },
});
