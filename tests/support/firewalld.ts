import { output, run } from "./command.ts";
import { until } from "./sandbox.ts";

/**
 * firewalld with a message bus and a configuration of its own, in the network namespace of the tests: its rules are made
 * there. Disposed of, both are gone.
 */
export class Firewalld implements AsyncDisposable {
  /** For who shall find its bus. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #processes: Deno.ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus` };
  }

  static async start(): Promise<Firewalld> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-firewalld-" });
    const firewalld = new Firewalld(folder);
    await Deno.writeTextFile(`${folder}/bus.conf`, busConfig(`${folder}/bus`));
    await run(["cp", "-r", "/etc/firewalld", `${folder}/config`]);
    firewalld.#spawn("dbus-daemon", `--config-file=${folder}/bus.conf`, "--nofork", "--nopidfile");
    await until("the bus is there", async () => (await output(["test", "-S", `${folder}/bus`])).code === 0);
    firewalld.#spawn("firewalld", "--nofork", "--nopid", `--system-config=${folder}/config`);
    await until("firewalld runs", async () => (await firewalld.#tell("--state")).code === 0, 30_000);
    return firewalld;
  }

  /** What an administrator types; its trimmed stdout. */
  command(...args: string[]): Promise<string> {
    return run(["firewall-cmd", ...args], { env: this.env });
  }

  /** The zone that an interface is in; empty if in none. */
  async zoneOf(name: string): Promise<string> {
    const { code, stdout } = await this.#tell(`--get-zone-of-interface=${name}`);
    return code === 0 ? stdout.trim() : "";
  }

  #tell(...args: string[]) {
    return output(["firewall-cmd", ...args], { env: this.env });
  }

  #spawn(program: string, ...args: string[]): void {
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#processes.push(new Deno.Command(program, { args, env: this.env, ...streams }).spawn());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.reverse()) {
      process.kill("SIGTERM");
      await process.status;
    }
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function busConfig(socket: string): string {
  return `<busconfig>
    <type>system</type>
    <listen>unix:path=${socket}</listen>
    <auth>EXTERNAL</auth>
    <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>
  </busconfig>`;
}
