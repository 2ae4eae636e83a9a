/** The filters of `ps -f` and `container prune --filter` (moby, daemon/list.go and daemon/prune.go). */
import type { Filters } from "../../base/container_engine.ts";
import type { ContainerSummary } from "../../base/docker/container.ts";
import { invalid } from "../../base/errors.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseRfc3339, parseTimestamp } from "../../base/time.ts";
import { nowNanoseconds } from "../../base/timestamps.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { ImageLookup, Reported } from "./reported.ts";
import { shownState } from "./status_text.ts";

/** A container and its row: filters look at both. */
export interface Candidate {
  readonly container: Reported;
  readonly summary: ContainerSummary;
}

type Test = (candidate: Candidate) => boolean;

/** What filters look up beside the container; `get` throws `not_found`. */
export interface FilterContext {
  readonly containers: { get(nameOrId: string): Reported };
  readonly images: ImageLookup;
}

const STATUSES = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH = ["starting", "healthy", "unhealthy", "none"];

const refuse = (key: string, value: string) => invalid(`invalid filter '${key}=${value}'`);

function checkedAgainst(allowed: readonly string[], key: string, values: readonly string[]): void {
  for (const value of values) if (!allowed.includes(value)) throw refuse(key, value);
}

/** For each key: its values become a test, after they have been checked. */
const BUILDERS: Readonly<Record<string, (values: readonly string[], context: FilterContext) => Test>> = {
  id: (values) => {
    const matches = patterns(values);
    return ({ container }) => matches(container.id);
  },
  name: (values) => {
    const matches = patterns(values);
    return ({ container: { record } }) => matches(record.name) || matches(`/${record.name}`);
  },
  label: (values) => ({ container: { record } }) => values.every((value) => hasLabel(record.config.Labels, value)),
  status: (values) => {
    checkedAgainst(STATUSES, "status", values);
    return ({ summary }) => values.includes(summary.State);
  },
  health: (values) => { // there are no health checks yet: every container has none
    checkedAgainst(HEALTH, "health", values);
    return () => values.includes("none");
  },
  exited: (values) => {
    for (const value of values) if (!/^-?\d+$/.test(value)) throw refuse("exited", value);
    const codes = values.map(Number);
    return ({ container }) => {
      const state = shownState(container.state);
      return state.status === "exited" && !state.restarting && codes.includes(state.exitCode);
    };
  },
  ancestor: (values, { images }) => {
    const ancestors = values.map((value) => images.resolve(value)).filter((image) => image !== undefined);
    return ({ container: { record } }) =>
      ancestors.some(({ id, layers }) => id === record.imageId || descends(images.resolve(record.imageId), layers));
  },
  before: (values, { containers }) => {
    const marks = values.map((value) => containers.get(value).record);
    return ({ container: { record } }) => marks.every((mark) => isOlder(record, mark));
  },
  since: (values, { containers }) => {
    const marks = values.map((value) => containers.get(value).record);
    return ({ container: { record } }) => marks.every((mark) => isOlder(mark, record));
  },
  network: (values) => ({ summary: { NetworkSettings: { Networks } } }) =>
    values.some((value) =>
      Object.entries(Networks).some(([name, { NetworkID }]) => name === value || NetworkID === value)
    ),
  volume: (values) => ({ container: { record } }) =>
    values.some((value) => record.mounts.some((m) => (m.Name ?? m.Source) === value || m.Destination === value)),
  publish: (values) => {
    const ports = values.flatMap((value) => portRange("publish", value));
    return ({ summary }) => summary.Ports.some(({ PublicPort, Type }) => ports.includes(`${PublicPort}/${Type}`));
  },
  expose: (values) => {
    const ports = values.flatMap((value) => portRange("expose", value));
    return ({ summary }) => summary.Ports.some(({ PrivatePort, Type }) => ports.includes(`${PrivatePort}/${Type}`));
  },
  "is-task": (values) => { // tasks are Swarm's
    checkedAgainst(["true", "false", "1", "0"], "is-task", values);
    return () => values.some((value) => value === "false" || value === "0");
  },
  isolation: () => () => true, // Windows only
};

/**
 * The test for `ps -f`: all keys must match, of the values of one key any (of labels all).
 * @throws `invalid` for a key or a value that Docker refuses, `not_found` for the container of `before` and `since`.
 */
export function psFilter(filters: Filters, context: FilterContext): Test {
  const tests = Object.entries(filters).map(([key, values]) => {
    const build = Object.hasOwn(BUILDERS, key) ? BUILDERS[key] : undefined;
    if (build === undefined) throw invalid(`invalid filter '${key}'`);
    return values.length === 0 ? () => true : build(values, context);
  });
  return (candidate) => tests.every((test) => test(candidate));
}

/**
 * Whether `container prune` may take this one: `label`, `label!` and `until` (a moment, or a duration before now).
 * @throws `invalid` for another key, or a time that is none.
 */
export function matchesPruneFilters(
  { created, config }: Pick<ContainerRecord, "created" | "config">,
  filters: Filters,
): boolean {
  for (const key of Object.keys(filters)) {
    if (!["label", "label!", "until"].includes(key)) throw invalid(`invalid filter '${key}'`);
  }
  const { label = [], until = [], "label!": without = [] } = filters;
  if (until.length > 1) throw invalid("more than one until filter specified");
  const limits = until.map((value) => parseTimestamp(value, nowNanoseconds()));
  return label.every((value) => hasLabel(config.Labels, value)) &&
    !without.some((value) => hasLabel(config.Labels, value)) &&
    limits.every((limit) => parseRfc3339(created) < limit);
}

/** Docker's values are regular expressions that may match anywhere; one that is none matches itself only. */
function patterns(values: readonly string[]): (text: string) => boolean {
  const expressions = values.map((value) => {
    try {
      return new RegExp(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return undefined;
    }
  });
  return (text) => expressions.some((expression, i) => expression?.test(text) ?? text === values[i]);
}

/** Whether an image is built on all of these layers. */
function descends(image: ReturnType<ImageLookup["resolve"]>, layers: readonly string[]): boolean {
  return image !== undefined && layers.length > 0 && layers.every((layer, i) => image.layers[i] === layer);
}

function isOlder(one: ContainerRecord, other: ContainerRecord): boolean {
  return parseRfc3339(one.created) < parseRfc3339(other.created);
}

/** `80`, `80/udp`, `80-90/tcp` as `80/udp` and so on. */
function portRange(key: string, text: string): string[] {
  const [, first, last = first, protocol = "tcp"] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || from > to || to > 65535) throw refuse(key, text);
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}/${protocol}`);
}
