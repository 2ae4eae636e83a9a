import type { Family } from "../../net/firewall/firewall_data.ts";
import type { Request } from "../../net/netlink/message.ts";

/** Whose network stack it is done in. */
export type Place = "host" | "container";

/** One thing that was done, as plain data: nobody may ever ask, so words are made of it only then (network_steps.ts). */
export type NetworkAction =
  | { readonly kind: "netlink"; readonly place: Place; readonly request: Request }
  /** `path` is below /proc/sys/net. */
  | { readonly kind: "sysctl"; readonly place: Place; readonly path: string; readonly value: string }
  /** What one `iptables-restore` was given. */
  | { readonly kind: "firewall"; readonly place: Place; readonly family: Family; readonly text: string }
  /** The names of a container in a network; its own comes first. */
  | {
    readonly kind: "names";
    readonly network: string;
    readonly names: readonly string[];
    readonly addresses: readonly string[];
  }
  /** A name server that begins to listen; whether it asks others for what it does not know. */
  | {
    readonly kind: "resolver";
    readonly address: string;
    readonly ports: { readonly udp: number; readonly tcp: number };
    readonly forwards: boolean;
  }
  /** A port that is carried by this process. */
  | { readonly kind: "proxy"; readonly listens: string; readonly protocol: string; readonly target: string };

type Executed = (family: Family, text: string) => void;

/**
 * Writes down what is done to network stacks, for whoever wants to tell it (`--explain`). It costs a push for each thing
 * done, and nothing where nobody has asked.
 */
export class Recorder {
  #current: NetworkAction[] | undefined;
  readonly #rulesFor = new Set<Executed>();

  /** All that `work` does goes to `done`. Only for what is synchronous: what goes on later is not its own. */
  during<T>(done: NetworkAction[] | undefined, work: () => T): T {
    const before = this.#current;
    this.#current = done;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }

  note(action: NetworkAction): void {
    this.#current?.push(action);
  }

  /** For whoever sends requests to the kernel. */
  requests(place: Place): (request: Request) => void {
    return (request) => this.note({ kind: "netlink", place, request });
  }

  /**
   * The rules that come into force while `work` goes on: those runs that name a bridge or an address of `about`. One run
   * serves everybody who has asked by then, so there may be rules of others in it.
   */
  async duringRules<T>(
    done: NetworkAction[] | undefined,
    about: readonly string[],
    work: () => Promise<T>,
  ): Promise<T> {
    if (done === undefined) return await work();
    const listener: Executed = (family, text) => {
      if (about.some((word) => text.includes(word))) done.push({ kind: "firewall", place: "host", family, text });
    };
    this.#rulesFor.add(listener);
    try {
      return await work();
    } finally {
      this.#rulesFor.delete(listener);
    }
  }

  /** What the firewall tells (`FirewallOptions.executed`). */
  executed(family: Family, text: string): void {
    for (const listener of this.#rulesFor) listener(family, text);
  }
}
