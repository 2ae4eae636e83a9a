/** From what was done to a network stack to sentences; pure. */
import type { Explained, NetworkStep } from "../../base/container_engine.ts";
import { explainRequest } from "../../net/netlink/explain.ts";
import type { Request } from "../../net/netlink/message.ts";
import type { NetworkAction, Place } from "./recorder.ts";

/** The answer's part that tells how; empty when nobody has recorded. */
export function explained(done: readonly NetworkAction[] | undefined): Explained {
  return done === undefined ? {} : { Steps: networkSteps(done) };
}

/** In the order in which it was done. */
export function networkSteps(done: readonly NetworkAction[]): NetworkStep[] {
  return done.flatMap(stepsOf);
}

function stepsOf(action: NetworkAction): NetworkStep[] {
  switch (action.kind) {
    case "netlink": {
      const { kind, place, request } = action;
      return [{ kind, place, text: explainRequest(request), reason: reasonOf(place, request) }];
    }
    case "sysctl": {
      const { kind, place, path, value } = action;
      return [{ kind, place, text: `net.${path.replaceAll("/", ".")} = ${value}`, reason: sysctlReason(path) }];
    }
    case "firewall":
      return ruleSteps(action);
    case "names":
      return nameSteps(action);
    case "resolver": {
      const others = action.forwards
        ? "for what it does not know it asks others"
        : "what it does not know is not there";
      const { address, ports } = action;
      const text = `listen on ${address}:${ports.udp} (UDP), ${address}:${ports.tcp} (TCP)`;
      return [{ kind: "dns", place: "container", text, reason: `the container's name server; ${others}` }];
    }
    case "proxy": {
      const { kind, listens, protocol, target } = action;
      const reason = "no rule of the firewall leads there: the engine carries it";
      return [{ kind, place: "host", text: `${listens}/${protocol} -> ${target}`, reason }];
    }
  }
}

/** What a request is for, by its place, its verb and, where that says too little, its object. */
const REASONS: Readonly<Record<string, string>> = {
  "host list routes": "a subnet is free when no route of the host overlaps it",
  "host list addresses": "only what the bridge does not have yet is added",
  "host list links": "what is there already",
  "host find": "whether it is there, and the index that the kernel knows it by",
  "host create bridge": "the switch of the network: its containers are the ports",
  "host add address": "the gateway of the containers",
  "host set up": "a bridge that is down carries nothing",
  "host create veth": "a cable: the outer end is a port of the bridge, the inner end is born in the container",
  "host create macvlan": "a further station on the parent's cable, born in the container",
  "host create ipvlan": "a further address behind the parent's MAC address, born in the container",
  "host reflect at": "the container reaches itself by its published ports",
  "host list flows of udp": "what the kernel remembers of whoever had the port before",
  "host forget flow": "its packets would go to whoever had the port before",
  "host isolate": "containers of this network may not talk, and the firewall is not shown what they send each other",
  "container list links": "the first name of an interface that is free",
  "container list routes": "whether there is a way to everywhere else already",
  "container list addresses": "those that it is to lose",
  "container remove address": "nothing reaches it there from now on",
  "container remove route": "another network leads to everywhere else",
  "container delete": "the other end goes with it",
  "container find": "the index that the kernel knows it by",
  "container set up": "a link that is down carries nothing",
  "container add address": "from the pool of the network, held until the container ends",
  "container add route": "the way to everywhere else leads through the gateway of the network",
};

export function reasonOf(place: Place, { verb, object }: Pick<Request, "verb" | "object">): string {
  return REASONS[`${place} ${verb} ${object}`] ?? REASONS[`${place} ${verb}`] ?? "";
}

function sysctlReason(path: string): string {
  if (path.endsWith("/route_localnet")) return "published ports answer on 127.0.0.1 of the host, too";
  if (path.endsWith("/disable_ipv6")) return "the network has no IPv6, and is made sooner without";
  if (path.startsWith("bridge/")) return "the firewall is shown what containers of one bridge send each other";
  return "containers reach beyond this host";
}

/** One step for each line that iptables was given; its reason is the comment of the rule. */
function ruleSteps({ family, place, text }: Extract<NetworkAction, { kind: "firewall" }>): NetworkStep[] {
  const program = family === 6 ? "ip6tables" : "iptables";
  let table = "";
  const steps: NetworkStep[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const declared = /^:(\S+)/.exec(line)?.[1];
    const command = declared === undefined ? line : `-N ${declared}`;
    if (!command.startsWith("-")) continue;
    steps.push({ kind: "firewall", place, text: `${program} -t ${table} ${command}`, reason: ruleReason(command) });
  }
  return steps;
}

/** The only rules without a comment are those in a container's own network stack. */
const NAME_REDIRECT = "port 53 is the container's own: questions to the name server's address go where that listens";

function ruleReason(command: string): string {
  if (command.startsWith("-N")) return "a chain of the engine's own";
  const [, purpose = NAME_REDIRECT] = /--comment "sauropod:\S+ (.*) #[0-9a-f]+"/.exec(command) ?? [];
  return command.startsWith("-D") ? `wanted no more: ${purpose}` : purpose;
}

function nameSteps({ network, names, addresses }: Extract<NetworkAction, { kind: "names" }>): NetworkStep[] {
  const step = (text: string, reason: string): NetworkStep => ({ kind: "dns", place: "container", text, reason });
  const forward = names.map((name) =>
    step(`${name}, ${name}.${network} -> ${addresses.join(", ")}`, `whoever is in ${network} finds it by this name`)
  );
  const [name = ""] = names;
  const back = addresses.map((ip) => step(`${ip} -> ${name}.${network}`, "the reverse lookup"));
  return [...forward, ...back];
}
