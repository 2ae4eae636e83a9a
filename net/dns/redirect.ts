import type { Fd } from "../../sys/fd.ts";
import { IptablesCommand } from "../firewall/iptables_command.ts";
import { DNS_ADDRESS, type DnsServer } from "./server.ts";

/**
 * Lets port 53 of our name server's address lead to where it listens, by rules in the container's own namespace: for a
 * container that serves names itself, and so wants port 53 of all its addresses (bind(2): EADDRINUSE).
 */
export class NameRedirect {
  readonly #iptables: IptablesCommand;

  private constructor(iptables: IptablesCommand) {
    this.#iptables = iptables;
  }

  /** Undefined where there is no iptables. `namespace` must stay open until the rules are in force. */
  static find(namespace: Fd): NameRedirect | undefined {
    const iptables = IptablesCommand.find(4, { namespace });
    return iptables && new NameRedirect(iptables);
  }

  /**
   * Settles when questions arrive; said again after an engine's death, it replaces what was said before. Gives what
   * iptables-restore was given.
   */
  async apply(ports: DnsServer["ports"]): Promise<string> {
    const saved = await this.#iptables.save();
    const jump = `-d ${DNS_ADDRESS}/32 -j ${CHAIN}`;
    const rule = (protocol: "udp" | "tcp") =>
      `-A ${CHAIN} -p ${protocol} -m ${protocol} --dport 53 -j DNAT --to-destination ${DNS_ADDRESS}:${ports[protocol]}`;
    // A chain that is named before rules is emptied, in the same transaction.
    const lines = ["*nat", `:${CHAIN} - [0:0]`, rule("udp"), rule("tcp")];
    if (!saved.includes(jump)) lines.push(`-A OUTPUT ${jump}`);
    const text = [...lines, "COMMIT", ""].join("\n");
    await this.#iptables.restore(text);
    return text;
  }
}

const CHAIN = "SAUROPOD-NAMES";
