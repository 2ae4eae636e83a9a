/**
 * The engine's rules in the kernel's packet filter.
 *
 * **Words.** A *network* is a bridge with its subnets, a *port* leads from the host to a container, a *link* opens one port
 * where containers may not talk otherwise. What they come to is computed from all of them at once (`rulesOf`); what is
 * missing in the kernel is added by one `iptables-restore --noflush`, which everybody shares who asks at that moment.
 *
 * **Life.** `open()` finds the programs, `start()` brings the tables to the state given, changing nothing that is right
 * already: traffic of containers that outlived an engine goes on. What is added is in force when the promise settles.
 * **What is removed goes later**, because a deletion waits 20-40 ms for the kernel: many together, when nothing has been
 * asked for a while; new rules stand before old ones, so a port that is used again does not wait for it. Every few
 * seconds the tables are looked at, and put right when somebody has flushed them or has come before us. Where firewalld
 * runs it is told which bridges are ours, then too.
 *
 * **End.** To dispose of it changes no rule; `clear()` takes all of them away.
 *
 * Links, and `icc: false`, need bridged frames to be shown to iptables (br_netfilter, net.bridge.bridge-nf-call-iptables);
 * published ports on 127.0.0.1 need net.ipv4.conf.BRIDGE.route_localnet. Both are set by whoever makes the bridge.
 */
import { describeError, internal, unavailable } from "../../base/errors.ts";
import { FamilyTables } from "./family_tables.ts";
import { Firewalld } from "./firewalld.ts";
import {
  type Family,
  familyOf,
  type FirewallLink,
  type FirewallNetwork,
  type FirewallPort,
  type FirewallState,
} from "./firewall_data.ts";
import { type CommandOptions, IptablesCommand } from "./iptables_command.ts";
import { LONGEST_PREFIX, rulesOf } from "./ruleset.ts";
import type { SavedRule } from "./saved_rules.ts";
import { SharedRun } from "./shared_run.ts";
import { Wishes } from "./wishes.ts";

export interface FirewallOptions extends CommandOptions {
  /** Begins the names of our chains: `SAUROPOD`. */
  readonly prefix: string;
  readonly log: (message: string) => void;
  /** Gets each input of `iptables-restore` (of `ip6tables-restore`: 6) that was accepted; for `--explain`. */
  readonly executed?: (family: Family, text: string) => void;
  /** Milliseconds; for tests. */
  readonly lookEvery?: number;
}

const LOOK_EVERY = 4000;
/** Deletions go when nothing was asked for so long, or the first of them has waited so long. */
const QUIET = 250;
const LONGEST_WAIT = 2000;

export class Firewall implements Disposable {
  readonly #options: FirewallOptions;
  readonly #wishes = new Wishes();
  readonly #tables = new Map<Family, FamilyTables>();
  readonly #runs = new SharedRun(() => this.#run());
  readonly #firewalld: Firewalld;
  /** Those that firewalld was last told of. */
  #bridges = "";
  #started = false;
  #disposed = false;
  /** Bridges whose rules were replaced: their old ones do not wait. */
  #replaced = new Set<string>();
  #lookWanted = false;
  #removalWanted = false;
  #removalSince: number | undefined;
  #removalTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined;
  #lastTrouble = "";

  private constructor(options: FirewallOptions, iptables: IptablesCommand) {
    this.#options = options;
    this.#firewalld = new Firewalld(options.log);
    this.#tables.set(4, this.#tablesOf(4, iptables));
  }

  /** Undefined when there is no `iptables-restore`. Nothing is changed yet. */
  static open(options: FirewallOptions): Promise<Firewall | undefined> {
    const { prefix } = options;
    if (!/^[A-Z][A-Za-z0-9-]*$/.test(prefix) || prefix.length > LONGEST_PREFIX) {
      return Promise.reject(internal(`no names of chains can begin with ${prefix}`));
    }
    const iptables = IptablesCommand.find(4, options);
    return Promise.resolve(iptables && new Firewall(options, iptables));
  }

  #tablesOf(family: Family, command: IptablesCommand): FamilyTables {
    const { prefix, executed = () => {} } = this.#options;
    return new FamilyTables({ family, prefix, command, executed });
  }

  /**
   * Brings the tables to this state, and goes on to watch over them. What an earlier engine has left beyond it goes away.
   * @throws unavailable when iptables does not work here, with what it says
   */
  async start({ networks = [], ports = [], links = [] }: Partial<FirewallState> = {}): Promise<void> {
    for (const network of networks) this.#wishes.setNetwork(network);
    this.#wishes.add(ports, links);
    networks.forEach((network) => this.#takeUp(network));
    await this.#takeUpWhatIsLeft();
    this.#started = true;
    this.#removalWanted = true;
    await this.#request().catch((error) => {
      this.#started = false;
      throw error;
    });
    const timer = setInterval(() => this.#look(), this.#options.lookEvery ?? LOOK_EVERY);
    Deno.unrefTimer(timer);
    this.#lookTimer = timer;
  }

  /** Adds a bridge, or changes what holds for it; settles when that is in force. */
  async setNetwork(network: FirewallNetwork): Promise<void> {
    const before = this.#wishes.network(network.bridge);
    this.#takeUp(network);
    this.#wishes.setNetwork(network);
    this.#replaced.add(network.bridge);
    await this.#request().catch((error) => {
      if (this.#wishes.network(network.bridge) === network) {
        if (before === undefined) this.#wishes.removeNetwork(network.bridge);
        else this.#wishes.setNetwork(before);
      }
      throw error;
    });
  }

  /** Forgets a bridge with its ports and links. */
  removeNetwork(bridge: string): void {
    this.#wishes.removeNetwork(bridge);
    this.#removeLater();
  }

  /** Publishes ports and opens links; settles when the rules are in force. If it fails, none of them is wanted any more. */
  async add(ports: readonly FirewallPort[], links: readonly FirewallLink[] = []): Promise<void> {
    if (ports.length + links.length === 0) return;
    this.#wishes.add(ports, links);
    if (this.#removalTimer !== undefined) this.#removeLater();
    await this.#request().catch((error) => {
      this.#wishes.remove(ports, links);
      throw error;
    });
  }

  /** Takes ports and links back, soon. A host port that leads to another container meanwhile is left alone. */
  remove(ports: readonly FirewallPort[], links: readonly FirewallLink[] = []): void {
    if (ports.length + links.length === 0) return;
    this.#wishes.remove(ports, links);
    this.#removeLater();
  }

  /** Settles when no rule is left of what was taken back: for a host port that is served by other means from now on. */
  async removeNow(): Promise<void> {
    this.#removalWanted = true;
    await this.#request();
  }

  /** Does at once what waits, and looks after the rules; for an engine that leaves, and for tests. */
  async settle(): Promise<void> {
    this.#removalWanted = true;
    this.#lookWanted = true;
    await this.#request();
  }

  /** Takes all rules and chains away; an administrator's chain that has rules in it stays, out of use. */
  async clear(): Promise<void> {
    this.#stopTimers();
    this.#wishes.clear();
    if (this.#started) await this.#request().catch(() => {}); // after whatever is going on
    this.#started = false;
    this.#stopTimers();
    await this.#takeUpWhatIsLeft();
    const { prefix } = this.#options;
    for (const tables of this.#tables.values()) await tables.clear(rulesOf(prefix, tables.family, this.#wishes.state));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stopTimers();
  }

  #request(): Promise<void> {
    if (!this.#started) return Promise.reject(internal("the firewall has not been started"));
    if (this.#disposed) return Promise.reject(internal("the firewall has been disposed of"));
    return this.#runs.request();
  }

  async #run(): Promise<void> {
    const look = this.#lookWanted, replaced = this.#replaced;
    const removeAll = this.#removalWanted || look; // what we have left there ourselves is no surprise
    this.#lookWanted = this.#removalWanted = false;
    this.#replaced = new Set();
    if (removeAll) this.#stopRemovalTimer();
    const remove = ({ text }: SavedRule) => removeAll || interfacesOf(text).some((name) => replaced.has(name));
    const { prefix } = this.#options;
    const state = this.#wishes.state;
    const bridges = state.networks.map(({ bridge }) => bridge);
    const trusted = look || bridges.join() !== this.#bridges ? this.#firewalld.trust(bridges) : undefined;
    this.#bridges = bridges.join();
    await Promise.all([...this.#tables.values()].map(async (tables) => {
      const wanted = rulesOf(prefix, tables.family, state);
      if (await tables.bring(wanted, remove) > 0 && this.#removalTimer === undefined) this.#removeLater();
      if (look && await tables.look(wanted)) {
        const name = tables.family === 6 ? "ip6tables" : "iptables";
        this.#options.log(`somebody has changed or passed the rules of ${prefix} in ${name}: they are in force again`);
      }
    }));
    await trusted;
  }

  /** IPv6 is taken up when it is first needed. */
  #takeUp({ subnets }: FirewallNetwork): void {
    if (this.#tables.has(6) || !subnets.some((subnet) => familyOf(subnet) === 6)) return;
    const command = IptablesCommand.find(6, this.#options);
    if (command === undefined) throw unavailable("a network with IPv6 needs ip6tables-restore, which is not installed");
    this.#tables.set(6, this.#tablesOf(6, command));
  }

  /** An engine before this one may have needed IPv6. */
  async #takeUpWhatIsLeft(): Promise<void> {
    const command = IptablesCommand.find(6, this.#options);
    if (this.#tables.has(6) || command === undefined) return;
    const tables = this.#tablesOf(6, command);
    if (await tables.inUse().catch(() => false)) this.#tables.set(6, tables); // a kernel may be without IPv6
  }

  #look(): void {
    if (this.#wishes.isEmpty) return;
    this.#lookWanted = true;
    this.#inBackground("looking after the rules of the firewall");
  }

  #removeLater(): void {
    if (!this.#started || this.#disposed) return;
    const now = performance.now();
    this.#removalSince ??= now;
    clearTimeout(this.#removalTimer);
    const wait = Math.min(QUIET, Math.max(0, this.#removalSince + LONGEST_WAIT - now));
    const timer = setTimeout(() => {
      this.#removalWanted = true;
      this.#inBackground("removing rules of the firewall");
    }, wait);
    Deno.unrefTimer(timer);
    this.#removalTimer = timer;
  }

  /** Nobody waits for it, so its failure is told here, and told again only when it changes. */
  #inBackground(what: string): void {
    this.#request().then(() => this.#lastTrouble = "", (error: unknown) => {
      const trouble = `${what}: ${describeError(error)}`;
      if (trouble !== this.#lastTrouble && !this.#disposed) this.#options.log(trouble);
      this.#lastTrouble = trouble;
    });
  }

  #stopRemovalTimer(): void {
    clearTimeout(this.#removalTimer);
    this.#removalTimer = this.#removalSince = undefined;
  }

  #stopTimers(): void {
    this.#stopRemovalTimer();
    clearInterval(this.#lookTimer);
    this.#lookTimer = undefined;
  }
}

/** The interfaces that a rule names. */
function interfacesOf(text: string): string[] {
  return Array.from(text.matchAll(/(?:^| )-[io] (\S+)/g), ([, name = ""]) => name);
}
