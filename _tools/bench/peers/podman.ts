import { busyboxRootTar } from "../../../tests/support/fixtures.ts";
import { cgroupMode, findCommand } from "../../../tests/support/machine.ts";
import { type Command, finish } from "../command.ts";
import { allOf, exists, killProcessesOf, remember, removeCgroups, removeFolder } from "../leftovers.ts";
import { benchNetworks, dockerVerbs, image, type Peer, type Place } from "../peer.ts";

/** Parent group of its containers; podman's own name for it. */
const cgroup = "libpod_parent";

/** What it makes beside the folders that it is told. */
const strayPaths = [
  "/var/lib/containers/cache/blob-info-cache-v1.boltdb",
  "/var/lib/containers/cache",
  "/var/lib/containers",
  "/var/cache/containers/short-name-aliases.conf.lock",
  "/var/cache/containers",
  "/run/crun",
  "/run/runc",
  // What CNI keeps about the addresses of a network, also when that is gone.
  ...["podman", ...benchNetworks].flatMap((name) =>
    ["/last_reserved_ip.0", "/lock", ""].map((file) => `/var/lib/cni/networks/${name}${file}`)
  ),
  "/var/lib/cni/networks",
  "/var/lib/cni/results",
  "/var/lib/cni",
];

/** What makes its networks, where Debian has it: one of them is enough. */
const networkPlugins = ["/usr/lib/podman/netavark", "/usr/lib/cni/bridge"];

/** podman with a state of its own. It has no engine that stays. */
export function podman({ folder, network }: Place, version: string): Peer {
  const state = ["--root", `${folder}/root`, "--runroot", `${folder}/run`, "--tmpdir", `${folder}/tmp`];
  const own = [...state, "--network-config-dir", `${folder}/networks`];
  const limits = ulimits();
  // crun, Debian's default for it, refuses to work where cgroup v1 has an empty v2 beside it.
  const hybrid = cgroupMode(Deno.readTextFileSync("/proc/self/mounts")) === "hybrid";
  const runtime = hybrid && findCommand("runc") !== undefined ? ["--runtime", "runc"] : [];
  const cli = (...[verb = "", ...words]: string[]): Command => ({
    argv: [
      ...["podman", ...own, ...runtime, "--cgroup-manager", "cgroupfs", "--events-backend", "file", verb],
      ...(["run", "create"].includes(verb) ? limits : []),
      ...words,
    ],
    env: { CONTAINERS_CONF: `${folder}/containers.conf` },
    network,
  });
  const stray = remember(strayPaths);
  const hadGroups = exists(`/sys/fs/cgroup/memory/${cgroup}`) || exists(`/sys/fs/cgroup/${cgroup}`);
  return {
    name: "podman",
    version,
    network,
    withoutNetworks: networkPlugins.some(exists) ? undefined : "neither netavark nor the CNI plugins are installed",
    ...dockerVerbs(cli),
    cli,
    async remove(containers) {
      // Without it `rm -f` asks for an orderly end first, and waits ten seconds for it; docker's kills at once.
      if (containers.length > 0) await finish(cli("rm", "-f", "-t", "0", ...containers));
    },
    pull: (reference) => cli("pull", "--quiet", "--tls-verify=false", reference),
    load(archive) {
      if (!archive.endsWith(".gz")) return cli("load", "-i", archive);
      // podman 4.3 of Debian 12 garbles what it unpacks of a compressed docker-archive ("invalid tar header").
      const { argv, ...rest } = cli("load");
      return { argv: ["sh", "-c", 'gzip -dc "$0" | "$@"', archive, ...argv], ...rest };
    },
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

/**
 * It asks for a million open files and processes, which root may not have without CAP_SYS_RESOURCE. podman 4.3 lowers its
 * own limit of processes to 32,768: more cannot be given to a container then.
 */
function ulimits(): string[] {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  const wishes = [["nofile", "Max open files", Infinity], ["nproc", "Max processes", 32_768]] as const;
  return wishes.flatMap(([name, title, most]) => {
    const [, limit] = new RegExp(`^${title}\\s+\\d+\\s+(\\d+)`, "m").exec(limits) ?? [];
    return limit === undefined ? [] : ["--ulimit", `${name}=${Math.min(Number(limit), most)}`];
  });
}
