/** Volumes that are shares of NFS: the kernel's own server stands behind a cable, and its folder is the witness. */
import assert from "node:assert/strict";
import { describeError, errorClass } from "../../base/errors.ts";
import { run } from "../support/command.ts";
import { Place } from "../support/network_place.ts";
import { NfsServer } from "../support/nfs_server.ts";
import { OwnEngine } from "../support/own_engine.ts";
import { requires } from "../support/requires.ts";

/** Makes a volume of a share. */
const share = ({ engine }: OwnEngine, name: string, o: string, device = ":/shared") =>
  engine.volumes.create({ Name: name, DriverOpts: { type: "nfs", o, device } });

/** The types of what is mounted on volumes, on the host. */
function mounts({ root }: OwnEngine): string[] {
  const lines = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) => line.split(" "));
  return lines.filter(([, path = ""]) => path.startsWith(`${root}/volumes/`)).map(([, , type = ""]) => type);
}

/** A folder that a server serves. */
class Exported implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Exported> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-nfs-" });
    await Deno.mkdir(`${folder}/shared`);
    return new Exported(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** What /etc/hosts says, for as long as it is held. */
async function hostsFile(text: string): Promise<AsyncDisposable> {
  const file = await Deno.makeTempFile({ prefix: "sauropod-hosts-" });
  await Deno.writeTextFile(file, text);
  await run(["mount", "--bind", file, "/etc/hosts"]);
  return {
    async [Symbol.asyncDispose]() {
      await run(["umount", "/etc/hosts"]);
      await Deno.remove(file);
    },
  };
}

Deno.test({
  name: "volumes of NFS",
  ...requires({
    root: true,
    cgroup: "any",
    command: ["busybox", "ip", "nsenter", "exportfs", "rpc.mountd", "rpc.nfsd"],
    module: ["nfs", "nfsv4", "nfsd"],
  }),
  async fn(t) {
    await using own = await OwnEngine.open();
    using far = await Place.neighbour(["192.0.2.1/24"], ["192.0.2.2/24"]);
    await using exported = await Exported.make();
    await using _server = await NfsServer.start(far, exported.folder);
    const shared = `${exported.folder}/shared`;
    const { volumes, containers } = own.engine;
    await t.step("one is the same share for containers, host and server, and its files outlive it", async () => {
      await share(own, "share", "addr=192.0.2.2,nfsvers=4");
      const reader = { HostConfig: { NetworkMode: "none", Binds: ["share:/srv:ro"] } };
      await Promise.all(["one", "two"].map((name) => own.start(name, reader))); // both want it mounted
      await own.run("echo one > /srv/file && chown 7:8 /srv/file", { Binds: ["share:/srv"] });
      for (const name of ["one", "two"]) assert.equal(await own.exec(name, "cat /srv/file"), "one");
      assert.equal(await run(["stat", "-c", "%u:%g %s", `${shared}/file`]), "7:8 4\n");
      await Deno.writeTextFile(`${shared}/from-server`, "two");
      assert.equal(await own.exec("one", "cat /srv/from-server"), "two");
      assert.deepEqual(mounts(own), ["nfs4"]);
      await own.remove("one", "two");
      assert.deepEqual(mounts(own), []);
      await volumes.remove("share");
      assert.equal(await Deno.readTextFile(`${shared}/file`), "one\n");
      for (const name of ["file", "from-server"]) await Deno.remove(`${shared}/${name}`);
    });
    await t.step("one finds its server by name, and gets what the image has there if it is empty", async () => {
      await using _hosts = await hostsFile("192.0.2.2 files.example\n");
      await share(own, "named", "addr=files.example,nfsvers=4.2");
      assert.match(await own.run("cat /etc/passwd", { Binds: ["named:/etc"] }), /^root:/);
      assert.match(await Deno.readTextFile(`${shared}/passwd`), /^root:/);
    });
    const failures = [
      { name: "nobody serves there", o: "addr=192.0.2.1,nfsvers=4", says: /: ECONNREFUSED, connection refused$/ },
      { name: "nobody is there", o: "addr=192.0.2.9,nfsvers=4", says: /: E\w+, \w+/ },
      { name: "there is no such share", device: ":/other", says: /: ENOENT, no such file or directory$/ },
      { name: "the name is unknown", o: "addr=no.invalid", says: /: error resolving passed in network volume address/ },
    ];
    for (const [i, { name, o = "addr=192.0.2.2,nfsvers=4", device, says }] of failures.entries()) {
      await t.step(`a start fails with the reason when ${name}`, async () => {
        await share(own, `failing-${i}`, o, device);
        const error = await own.run("true", { Binds: [`failing-${i}:/srv`] }).catch((error) => error);
        assert.equal(errorClass(error), "unavailable");
        assert.match(describeError(error), /^failed to mount local volume: /);
        assert.match(describeError(error), says);
        assert.deepEqual(mounts(own), []);
      });
    }
    await t.step("a server that goes away holds up nobody but those who ask it", async () => {
      await share(own, "away", "addr=192.0.2.2,nfsvers=4");
      await own.start("holder", { HostConfig: { NetworkMode: "none", Binds: ["away:/srv"] } });
      await far.run("ip", "link", "set", "eth0", "down");
      const HostConfig = { NetworkMode: "none", Binds: ["away:/etc"] };
      let waits = true;
      const asking = containers.create({ Image: "busybox", HostConfig }).finally(() => waits = false);
      const refused = assert.rejects(asking, { class: "unavailable", message: "the volume away does not answer" });
      assert.equal((await containers.list()).length, 1);
      await own.run("true");
      assert.ok(waits);
      await refused;
      await own.remove("holder");
      await far.run("ip", "link", "set", "eth0", "up");
      await own.run("true", { Binds: ["away:/srv"] });
    });
  },
});
