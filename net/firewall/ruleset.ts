/**
 * All rules that a state asks for, as a pure function.
 *
 * A packet that is forwarded meets, of ours, in this order: the administrator's chain; the walls of internal networks;
 * what is let in (answers, and what came by a published port); links; what bridges let pass inside, and that they let
 * nothing else in; at last what goes out. A packet to a bridge is let in or dropped here, whatever others think of it, so
 * that a container's address is reached from elsewhere by its published ports only, even by a neighbour who has a
 * route to it (as Docker 28 does), and networks are isolated both ways by one rule each. A port costs a rule in `nat`,
 * which only the first packet of a connection goes through, and none in `filter`.
 */
import { type Family, familyOf, type FirewallNetwork, type FirewallState } from "./firewall_data.ts";
import { linkRules, ofFamily, portRules } from "./port_rules.ts";
import { type Hook, type OwnChain, type Rule, rule, type RuleParts, type Ruleset, type Table } from "./rule.ts";

/**
 * Bridges of other engines. What our containers send there is not for us to allow: it goes on to the rules of their
 * owners, which isolate them (`+` is any ending).
 */
const BRIDGES_OF_OTHERS = ["docker+", "br-+", "virbr+", "podman+", "cni+", "lxcbr+", "sauropod+"];

/** How long a prefix may be: the names of chains have at most 28 characters (XT_EXTENSION_MAXNAMELEN). */
export const LONGEST_PREFIX = 17;

type Part = Omit<RuleParts, "prefix">;

/** The rules of one family; those of 6 are only asked for when somebody has an address of it. */
export function rulesOf(prefix: string, family: Family, state: FirewallState): Ruleset {
  const make = (part: Part) => rule({ prefix, ...part });
  const networks = state.networks.map((network) => ({
    ...network,
    subnets: network.subnets.filter((subnet) => familyOf(subnet) === family),
  })).filter(({ subnets }) => subnets.length > 0);
  const { ports, links } = ofFamily(family, state);
  // On an internal network no port is published, as with Docker.
  const internal = new Set(networks.filter((network) => network.internal).map(({ bridge }) => bridge));
  const published = portRules(prefix, ports.filter(({ bridge }) => !internal.has(bridge)));
  const each = (of: (network: FirewallNetwork) => readonly Part[]): Rule[] =>
    networks.flatMap((network) => of(network).map(make));
  const chain = (table: Table, name: string, rules: readonly Rule[], order: OwnChain["order"] = "newest first") => ({
    table,
    name: `${prefix}-${name}`,
    order,
    rules,
  });
  return {
    chains: [
      chain("filter", "USER", [], "administrator"),
      chain("filter", "INTERNAL", each(internalWall)),
      chain("filter", "ACCEPT", each(letIn)),
      chain("filter", "LINK", linkRules(prefix, links)),
      chain("filter", "BRIDGE", each(insideOnly)),
      chain("filter", "OUTBOUND", each(letOut)),
      chain("filter", "FORWARD", forward(prefix).map(make), "fixed"),
      ...(family === 4 ? [chain("filter", "INPUT", [make(loopbackWall)], "fixed")] : []),
      chain("nat", "DNAT", published.everybody),
      chain("nat", "OUTPUT", [make({ purpose: "published ports", target: `${prefix}-DNAT` }), ...published.host]),
      chain("nat", "MASQ", each(masquerades)),
    ],
    hooks: hooks(prefix, family),
  };
}

function hooks(prefix: string, family: Family): Hook[] {
  const hook = (table: Table, chain: string, target: string, match = "", first = false): Hook => ({
    table,
    chain,
    first,
    ...rule({ prefix, purpose: `from ${chain}`, match, target: `${prefix}-${target}` }),
  });
  const local = "-m addrtype --dst-type LOCAL";
  return [
    hook("filter", "FORWARD", "FORWARD", "", true),
    ...(family === 4 ? [hook("filter", "INPUT", "INPUT", "", true)] : []),
    hook("nat", "PREROUTING", "DNAT", local),
    hook("nat", "OUTPUT", "OUTPUT", local),
    hook("nat", "POSTROUTING", "MASQ"),
  ];
}

function forward(prefix: string): Part[] {
  return [
    { purpose: "rules of the administrator", target: `${prefix}-USER` },
    { purpose: "internal networks", target: `${prefix}-INTERNAL` },
    { purpose: "answers and published ports", target: `${prefix}-ACCEPT` },
    { purpose: "links", target: `${prefix}-LINK` },
    { purpose: "within bridges and nothing else", target: `${prefix}-BRIDGE` },
    ...BRIDGES_OF_OTHERS.map((match) => ({ purpose: "others decide", match: `-o ${match}`, target: "RETURN" })),
    { purpose: "outbound", target: `${prefix}-OUTBOUND` },
  ];
}

/**
 * Bridges have route_localnet, so that 127.0.0.1 of the host leads into containers; without this rule it would lead back,
 * too, to what listens on the host's loopback (CVE-2020-8558). Answers to the host come in as answers.
 */
const loopbackWall: Part = {
  purpose: "loopback belongs to the host",
  match: "-d 127.0.0.0/8 ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT",
  target: "DROP",
};

/** Before published ports of other networks are looked at: these, too, are a way out. */
function internalWall({ bridge, internal }: FirewallNetwork): Part[] {
  if (!internal) return [];
  return [{ purpose: "internal, no way out", match: `-i ${bridge} ! -o ${bridge}`, target: "DROP" }];
}

function letIn({ bridge, internal }: FirewallNetwork): Part[] {
  const only = internal ? `-i ${bridge} ` : "";
  const states = internal ? "RELATED,ESTABLISHED" : "RELATED,ESTABLISHED,DNAT";
  return [{
    purpose: internal ? "answers" : "answers, published ports",
    match: `${only}-o ${bridge} -m conntrack --ctstate ${states}`,
    target: "ACCEPT",
  }];
}

/** The first has a say where bridged frames are shown to iptables (net.bridge.bridge-nf-call-iptables). */
function insideOnly({ bridge, icc }: FirewallNetwork): Part[] {
  return [
    {
      purpose: icc ? "containers may talk" : "containers may not talk",
      match: `-i ${bridge} -o ${bridge}`,
      target: icc ? "ACCEPT" : "DROP",
    },
    { purpose: "isolated", match: `! -i ${bridge} -o ${bridge}`, target: "DROP" },
  ];
}

function letOut({ bridge, internal }: FirewallNetwork): Part[] {
  return internal ? [] : [{ purpose: "outbound", match: `-i ${bridge}`, target: "ACCEPT" }];
}

function masquerades({ bridge, subnets, internal, masquerade }: FirewallNetwork): Part[] {
  if (internal) return [];
  const loopback: Part = {
    purpose: "from the loopback of the host",
    match: `-s 127.0.0.0/8 -o ${bridge}`,
    target: "MASQUERADE",
  };
  return subnets.flatMap((subnet): Part[] => [
    ...(masquerade ? [{ purpose: "outbound", match: `-s ${subnet} ! -o ${bridge}`, target: "MASQUERADE" }] : []),
    // Containers of one bridge answer each other directly, and one would answer itself; by way of the gateway the answer
    // comes back here, where it is translated.
    {
      purpose: "back to the same bridge",
      match: `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT`,
      target: "MASQUERADE",
    },
  ]).concat(subnets.some((subnet) => familyOf(subnet) === 4) ? [loopback] : []);
}
