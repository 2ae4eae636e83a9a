import { removeCgroups } from "../../_tools/bench/leftovers.ts";
import { output, run } from "./command.ts";
import { until } from "./sandbox.ts";

/** Parent group of its containers. */
const cgroup = "sauropod-test-docker";

/**
 * Docker's own daemon with a state of its own, in the network namespace of the tests: it makes its bridge and its rules
 * there. Disposed of, all of it is gone again.
 */
export class Dockerd implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  /** All rules before it came (iptables-save). */
  readonly #rules: string;

  private constructor(folder: string, child: Deno.ChildProcess, rules: string) {
    this.#folder = folder;
    this.#child = child;
    this.#rules = rules;
  }

  static async start(): Promise<Dockerd> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-dockerd-" });
    const rules = await run(["iptables-save"]);
    // Only who has to switch this on sets the policy of FORWARD to DROP, as it does on a fresh host.
    await Deno.writeTextFile("/proc/sys/net/ipv4/ip_forward", "0");
    await Deno.writeTextFile(`${folder}/daemon.json`, "{}");
    const args = [
      `--config-file=${folder}/daemon.json`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/docker.pid`,
      `--host=unix://${folder}/docker.sock`,
      `--cgroup-parent=/${cgroup}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      "--log-level=error",
    ];
    const child = new Deno.Command("dockerd", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    const daemon = new Dockerd(folder, child, rules);
    await until("dockerd answers", async () => (await daemon.docker("version")).code === 0, 30_000);
    return daemon;
  }

  /** Docker's command against it. */
  docker(...args: string[]) {
    const env = { DOCKER_HOST: `unix://${this.#folder}/docker.sock`, DOCKER_CONFIG: `${this.#folder}/config` };
    return output(["docker", ...args], { env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stdout } = await this.docker("ps", "-aq");
    const ids = stdout.split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.docker("rm", "-f", ...ids);
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await output(["ip", "link", "delete", "docker0"]);
    await run(["iptables-restore"], { stdin: this.#rules });
    await removeCgroups(cgroup);
    await Deno.remove(this.#folder, { recursive: true });
  }
}
