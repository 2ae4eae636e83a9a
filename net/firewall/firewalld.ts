/**
 * firewalld beside us: its own chains come after ours and reject what is forwarded from an interface that it does not
 * know. So it is told that our bridges are trusted, as Docker does it; which of their packets pass our rules have decided
 * before. It forgets that whenever it starts or reloads, so it is told again.
 */
import { describeError } from "../../base/errors.ts";
import { Bus, DBusError, systemBus } from "../dbus/bus.ts";

const NAME = "org.fedoraproject.FirewallD1";
const PATH = "/org/fedoraproject/FirewallD1";
const ZONE = "trusted";
/** Nobody has the name: firewalld does not run. */
const ABSENT = ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];

export class Firewalld {
  readonly #log: (message: string) => void;
  /** Those of our bridges that are in the zone. */
  readonly #told = new Set<string>();
  #lastTrouble = "";

  constructor(log: (message: string) => void) {
    this.#log = log;
  }

  /**
   * Settles when firewalld, if it runs, trusts these bridges and none that we named earlier. One that an administrator has
   * put into a zone stays there. What goes wrong is logged, once: containers start all the same.
   */
  async trust(bridges: readonly string[]): Promise<void> {
    const socket = systemBus();
    if (socket === undefined) return;
    try {
      using bus = await Bus.connect(socket);
      for (const bridge of bridges) await this.#add(bus, bridge);
      for (const bridge of this.#told) if (!bridges.includes(bridge)) await this.#remove(bus, bridge);
      this.#lastTrouble = "";
    } catch (error) {
      if (error instanceof DBusError && ABSENT.includes(error.error)) return this.#told.clear();
      const trouble = `telling firewalld which bridges are ours: ${describeError(error)}`;
      if (trouble !== this.#lastTrouble) this.#log(trouble);
      this.#lastTrouble = trouble;
    }
  }

  async #add(bus: Bus, bridge: string): Promise<void> {
    const now = await zone(bus, "getZoneOfInterface", bridge);
    if (now === "") await zone(bus, "addInterface", ZONE, bridge);
    if (now === "" || now === ZONE) this.#told.add(bridge);
  }

  async #remove(bus: Bus, bridge: string): Promise<void> {
    this.#told.delete(bridge);
    if (await zone(bus, "getZoneOfInterface", bridge) === ZONE) await zone(bus, "removeInterface", ZONE, bridge);
  }
}

function zone(bus: Bus, member: string, ...args: string[]): Promise<string | undefined> {
  return bus.call({ destination: NAME, path: PATH, interface: `${NAME}.zone`, member, args });
}
