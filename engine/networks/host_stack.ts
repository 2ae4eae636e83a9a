import { describeError } from "../../base/errors.ts";
import { fileExists } from "../../base/file_exists.ts";
import { rootTag, type Settings } from "../../base/settings.ts";
import { Firewall } from "../../net/firewall/firewall.ts";
import type { FirewallState } from "../../net/firewall/firewall_data.ts";
import { PortAllocator } from "../../net/ports/port_allocator.ts";
import { parsePortRange } from "../../net/ports/port_wish.ts";
import { RouteSocket } from "../../net/route_socket.ts";
import { type Place, Recorder } from "./recorder.ts";

/** What networks need of the host; opened when the first container needs it, so that an engine without any touches nothing. */
export class HostStack implements Disposable {
  readonly ports: PortAllocator;
  /** Bridges whose rules the firewall has, and what they say. */
  readonly inForce: Map<string, string> = new Map();
  /** Told of all that is done here. */
  readonly recorder: Recorder = new Recorder();
  readonly #settings: Settings;
  readonly #log: (message: string) => void;
  readonly #running: () => FirewallState;
  #routes: RouteSocket | undefined;
  #firewall: Promise<Firewall | undefined> | undefined;

  /** `running` is what the firewall has to have when it is first needed: the rules of all containers that run. */
  constructor(settings: Settings, log: (message: string) => void, running: () => FirewallState) {
    const { first, last } = parsePortRange(settings.publishedPortRange ?? "49000-49900");
    this.ports = new PortAllocator({ range: [first, last] });
    this.#settings = settings;
    this.#log = log;
    this.#running = running;
  }

  /** Links, addresses and routes of the host. */
  get routes(): RouteSocket {
    return this.#routes ??= this.openRoutes("host");
  }

  /** Those of the network namespace that this thread is in. */
  openRoutes(place: Place): RouteSocket {
    return RouteSocket.open(this.recorder.requests(place));
  }

  /** Whether rules of ours may be in force: this engine's, or those of one that was killed. */
  get hasRules(): boolean {
    return this.#firewall !== undefined || fileExists(this.#marker);
  }

  /** Takes all rules away. */
  async clearRules(): Promise<void> {
    await (await this.firewall())?.clear();
    await Deno.remove(this.#marker).catch(() => {});
  }

  /** Is there as long as rules may be in force; in the run folder, which goes with a reboot as they do. */
  get #marker(): string {
    return `${this.#settings.runDir}/firewall`;
  }

  /** undefined where there is no iptables: then ports are served by the proxy, and nothing goes out. */
  firewall(): Promise<Firewall | undefined> {
    return this.#firewall ??= this.#openFirewall();
  }

  async #openFirewall(): Promise<Firewall | undefined> {
    const firewall = await Firewall.open({
      prefix: chainPrefix(this.#settings.root),
      log: this.#log,
      executed: (family, text) => this.recorder.executed(family, text),
    });
    if (firewall === undefined) {
      this.#log(
        "iptables-restore is not installed: containers do not reach beyond this host, networks are not kept apart, " +
          "and published ports are carried by a proxy, which hides the address of the client",
      );
    }
    await Deno.writeTextFile(this.#marker, "");
    await firewall?.start(this.#running());
    return firewall;
  }

  /** Writes a setting of the network stack that this thread is in, and tells that it has been changed, once. */
  setSysctl(path: string, value: string, { notice, place = "host" }: { notice?: string; place?: Place } = {}): void {
    const file = `/proc/sys/net/${path}`;
    if (Deno.readTextFileSync(file).trim() === value) return;
    Deno.writeTextFileSync(file, value);
    this.recorder.note({ kind: "sysctl", place, path, value });
    if (notice !== undefined) this.#log(notice);
  }

  /** Lets go; bridges and rules stay in force. */
  [Symbol.dispose](): void {
    this.#routes?.[Symbol.dispose]();
    this.#firewall?.then((firewall) => firewall?.[Symbol.dispose]())
      .catch((error) => this.#log(`firewall: ${describeError(error)}`));
  }
}

/** Engines with different folders have chains of their own. */
function chainPrefix(root: string): string {
  const tag = rootTag(root);
  return `SAUROPOD${tag && `-${tag}`}`;
}
