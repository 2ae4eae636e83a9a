import { run } from "./command.ts";
import type { Place } from "./network_place.ts";
import { isAlive, until } from "./sandbox.ts";

/**
 * What is the server's own: the lists of exports, and the files by which nfsd is told of them (nfsd(7)). For 10 seconds
 * nobody can open a file there: those who had some before come first, and less than that it does not take.
 */
const script = `mount -t tmpfs none /var/lib && mkdir /var/lib/nfs && mount -t nfsd nfsd /proc/fs/nfsd || exit
touch /var/lib/nfs/etab /var/lib/nfs/rmtab
exportfs -o rw,fsid=0,no_root_squash,no_subtree_check "*:$1" || exit
rpc.nfsd --no-nfs-version 3 --grace-time 10 --lease-time 10 2 || exit
rpc.mountd --foreground --no-nfs-version 3 </dev/null >/dev/null 2>&1 &
echo $!`;

/** The kernel's server of NFSv4 at a place of its own; the root of what it serves is a folder of this machine. */
export class NfsServer implements AsyncDisposable {
  /** Of the process that tells the kernel who may mount what. */
  readonly #pid: number;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  static async start(place: Place, folder: string): Promise<NfsServer> {
    return new NfsServer(Number(await place.run("unshare", "--mount", "sh", "-c", script, "sh", folder)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = this.#pid;
    await run(["nsenter", `--net=/proc/${pid}/ns/net`, `--mount=/proc/${pid}/ns/mnt`, "rpc.nfsd", "0"]);
    Deno.kill(pid, "SIGKILL");
    await until("the server of NFS is gone", () => !isAlive(pid));
  }
}
