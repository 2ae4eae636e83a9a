import { busyboxRootTar } from "../../../tests/support/fixtures.ts";
import { type Command, finish } from "../command.ts";
import { allOf, exists, killProcessesOf, remember, removeCgroups, removeFolder } from "../leftovers.ts";
import { dockerVerbs, image, type Peer } from "../peer.ts";

/** Parent group of its containers; podman's own name for it. */
const cgroup = "libpod_parent";

/** podman with a state of its own. It has no engine that stays. */
export function podman(folder: string, version: string): Peer {
  const state = ["--root", `${folder}/root`, "--runroot", `${folder}/run`, "--tmpdir", `${folder}/tmp`];
  const cli = (...words: string[]): Command => ({
    argv: ["podman", ...state, "--cgroup-manager", "cgroupfs", "--events-backend", "file", ...words],
    env: { CONTAINERS_CONF: `${folder}/containers.conf` },
  });
  const stray = remember(["/run/libpod", "/dev/shm/libpod_lock", "/run/crun", "/run/netns", "/var/lib/containers"]);
  const hadGroups = exists(`/sys/fs/cgroup/memory/${cgroup}`) || exists(`/sys/fs/cgroup/${cgroup}`);
  return {
    name: "podman",
    version,
    ...dockerVerbs(cli),
    cli,
    async setUp() {
      await Deno.mkdir(folder);
      // Its locks lie in shared memory by default, where every podman of this machine would find them.
      await Deno.writeTextFile(`${folder}/containers.conf`, '[engine]\nlock_type = "file"\n');
      await finish(cli("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), image));
    },
    async tearDown() {
      if (!exists(folder)) return;
      await allOf(
        () => finish(cli("rm", "-f", "-a", "-t", "0")),
        () => killProcessesOf(folder),
        () => hadGroups || removeCgroups(cgroup),
        () => removeFolder(folder),
        () => stray.removeNew(),
      );
    },
  };
}
