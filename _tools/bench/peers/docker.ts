import { busyboxRootTar } from "../../../tests/support/fixtures.ts";
import { type Command, finish, start } from "../command.ts";
import { allOf, exists, gone, killProcessesOf, remember, removeCgroups, removeFolder } from "../leftovers.ts";
import { dockerVerbs, image, type Peer, type Place, removeAll } from "../peer.ts";

/** Milliseconds that a daemon may take until it serves its socket. */
const longestStart = 30_000;

/** Parent group of its containers. */
const cgroup = "sauropod-bench-docker";

/** What dockerd and containerd make beside the folders that they are told. */
const strayPaths = ["/etc/docker/key.json", "/etc/docker", "/run/docker", "/run/containerd/s", "/run/containerd"];

/**
 * Docker with daemons of its own. dockerd would use a containerd of the system where there is one, whose state is not
 * ours: so it is given one.
 */
export function docker(place: Place, version: string): Peer {
  const { folder, network } = place;
  const socket = `${folder}/docker.sock`;
  const cli = (...words: string[]): Command => ({
    argv: ["docker", "--host", `unix://${socket}`, ...words],
    env: { DOCKER_CONFIG: `${folder}/config` },
    network,
  });
  const daemons: Daemon[] = [];
  const stray = remember(strayPaths);
  return {
    name: "docker",
    version,
    network,
    ...dockerVerbs(cli),
    cli,
    api: { socket, version: "v1.41" },
    engine: () => Promise.resolve(daemons.map(({ pid }) => pid)),
    async setUp() {
      await Deno.mkdir(`${folder}/config`, { recursive: true });
      const containerd = `${folder}/containerd.sock`;
      await Deno.writeTextFile(`${folder}/containerd.toml`, containerdConfig(folder, containerd));
      await Deno.writeTextFile(`${folder}/daemon.json`, "{}");
      daemons.push(new Daemon("containerd", ["--config", `${folder}/containerd.toml`], place));
      await daemons[0]?.serves(containerd);
      daemons.push(new Daemon("dockerd", dockerdArguments(folder, containerd, socket), place));
      await daemons[1]?.serves(socket);
      await finish(cli("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), image));
    },
    async tearDown() {
      if (!exists(folder)) return;
      await allOf(
        async () => {
          if (await answers(socket)) await removeAll(cli);
        },
        ...daemons.reverse().map((daemon) => () => daemon.end()), // dockerd before its containerd
        () => killProcessesOf(folder),
        () => removeCgroups(cgroup),
        () => removeFolder(folder),
        () => stray.removeNew(),
      );
    },
  };
}

/** containerd as dockerd starts it for itself: without the part that serves Kubernetes. */
function containerdConfig(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${socket}"
[debug]
  level = "warn"
`;
}

function dockerdArguments(folder: string, containerd: string, socket: string): string[] {
  return [
    `--config-file=${folder}/daemon.json`,
    `--containerd=${containerd}`,
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/docker.pid`,
    `--host=unix://${socket}`,
    `--cgroup-parent=/${cgroup}`,
    "--exec-opt=native.cgroupdriver=cgroupfs",
    "--log-level=warn",
  ];
}

/** A daemon in the foreground, its output in a file of the folder. */
class Daemon {
  readonly #child: Deno.ChildProcess;
  readonly #log: string;
  #ended = false;

  constructor(program: string, args: readonly string[], { folder, network }: Place) {
    this.#log = `${folder}/${program}.log`;
    // In a session of its own, as a service has and our engine: the scheduler shares time among sessions (sched(7)).
    const argv = ["/bin/sh", "-c", 'exec >"$0" 2>&1; exec setsid "$@"', this.#log, program, ...args];
    this.#child = start({ argv, network, silent: true });
    this.#child.status.then(() => this.#ended = true);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Settles when somebody listens on `socket`. */
  async serves(socket: string): Promise<void> {
    for (const end = Date.now() + longestStart; !await answers(socket);) {
      if (this.#ended || Date.now() > end) {
        throw new Error(`${socket} is not served: ${(await Deno.readTextFile(this.#log)).trim().slice(-500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#child.kill("SIGTERM");
    await gone(this.pid);
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}
