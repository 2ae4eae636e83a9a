import type { NetworkStep, TapeListing, TapeListingEntry } from "./container_engine.ts";

/** A call and its reason stand beside each other up to this column, below each other beyond. */
const REASON_COLUMN = 72;
/** Long arguments (a PATH with all of an environment) are cut for people; programs read the JSON. */
const LONGEST_ARGUMENT = 200;
const KIND_COLUMN = "firewall".length;
/** The comment of a rule says for iptables what the reason says. */
const RULE_COMMENT = / -m comment --comment "[^"]*"/;

/**
 * A tape for people, one line per call as strace would write it, a heading where another process goes on:
 *
 *     the container's process
 *      63  mount("tmpfs", "/dev", "tmpfs", MS_NOSUID|MS_STRICTATIME, "mode=755,size=65536k")  # mount tmpfs on /dev: …
 *
 * After it what was done for the network, if it tells that.
 */
export function renderTape({ architecture, entries, network }: TapeListing): string {
  const width = String(entries.length - 1).length;
  const lines = [`# ${entries.length} system calls (${architecture}), replayed in this order`];
  let actor: TapeListingEntry["actor"] | undefined;
  for (const entry of entries) {
    if (entry.actor !== actor) {
      actor = entry.actor;
      lines.push("", actor === "keeper" ? "# the keeper" : "# the process, up to the user's command");
    }
    const head = `${String(entry.index).padStart(width)}  ${callText(entry)}`;
    lines.push(`${head.padEnd(REASON_COLUMN)}  # ${entry.label}: ${entry.reason}`);
  }
  return lines.join("\n") + "\n" + (network === undefined ? "" : `\n${renderNetworkSteps(network)}`);
}

/**
 * What was done to set up a network, one line for each thing, a heading where another network stack is meant:
 *
 *     in the container's network namespace
 *      7  netlink   RTM_NEWADDR add address 172.18.0.2/16 to link 2 …  # from the pool of the network: …
 */
export function renderNetworkSteps(steps: readonly NetworkStep[]): string {
  const width = String(steps.length - 1).length;
  const lines = [`# ${steps.length} steps for the network, done in this order`];
  let place: NetworkStep["place"] | undefined;
  for (const [index, step] of steps.entries()) {
    if (step.place !== place) {
      place = step.place;
      lines.push("", place === "host" ? "# on the host" : "# in the container's network namespace");
    }
    const text = step.text.replace(RULE_COMMENT, "");
    const head = `${String(index).padStart(width)}  ${step.kind.padEnd(KIND_COLUMN)}  ${text}`;
    lines.push(`${head.padEnd(REASON_COLUMN)}  # ${step.reason}`);
  }
  return lines.join("\n") + "\n";
}

/** `mkdirat(AT_FDCWD, "/dev", 0755)  error: 12` with where it goes on otherwise. */
function callText({ index, call, args, onError, onZero }: TapeListingEntry): string {
  const shown = args.map((arg) => arg.length <= LONGEST_ARGUMENT ? arg : `${arg.slice(0, LONGEST_ARGUMENT)}…`);
  const jumps = [
    ...(onError === undefined ? [] : [onError === index + 1 ? "may fail" : `fails: go to ${onError}`]),
    ...(onZero === undefined ? [] : [`0: go to ${onZero}`]),
  ];
  return `${call}(${shown.join(", ")})${jumps.length > 0 ? ` [${jumps.join(", ")}]` : ""}`;
}
