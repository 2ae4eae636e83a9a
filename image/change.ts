/** Dockerfile instructions that change a configuration: what the `--change` of `import` and `commit` takes. */
import { invalid } from "../base/errors.ts";
import { parseDuration } from "../base/time.ts";
import type { ImageDefaults } from "./image_config.ts";
import { shellWord, shellWords, type Variables } from "./shell_words.ts";

type Draft = { -readonly [K in keyof ImageDefaults]: ImageDefaults[K] };
type Instruction = (draft: Draft, text: string) => void;

const SHELL = ["/bin/sh", "-c"];

const INSTRUCTIONS: Readonly<Record<string, Instruction>> = {
  CMD: (draft, text) => draft.Cmd = commandOf(text),
  ENTRYPOINT: (draft, text) => draft.Entrypoint = commandOf(text),
  ENV(draft, text) {
    const variables = new Map((draft.Env ?? []).map((variable) => [nameOf(variable), variable]));
    for (const [name, value] of pairsOf("ENV", text, variablesOf(draft))) variables.set(name, `${name}=${value}`);
    draft.Env = [...variables.values()];
  },
  EXPOSE(draft, text) {
    const ports = shellWords(text, variablesOf(draft)).flatMap((word) => word.split(/\s+/)).filter(Boolean);
    draft.ExposedPorts = { ...draft.ExposedPorts, ...emptyObjects(ports.map(portOf)) };
  },
  HEALTHCHECK: (draft, text) => draft.Healthcheck = healthcheckOf(text),
  LABEL(draft, text) {
    draft.Labels = { ...draft.Labels, ...Object.fromEntries(pairsOf("LABEL", text, variablesOf(draft))) };
  },
  ONBUILD(draft, text) {
    const instruction = text.split(/\s/, 1)[0]?.toUpperCase() ?? "";
    if (instruction === "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (instruction === "FROM" || instruction === "MAINTAINER") {
      throw invalid(`${instruction} isn't allowed as an ONBUILD trigger`);
    }
    draft.OnBuild = [...draft.OnBuild ?? [], text];
  },
  STOPSIGNAL: (draft, text) => draft.StopSignal = shellWord(text, variablesOf(draft)),
  USER: (draft, text) => draft.User = shellWord(text, variablesOf(draft)),
  VOLUME(draft, text) {
    const variables = variablesOf(draft);
    const volumes = jsonList(text)?.map((path) => shellWord(path, variables)) ?? shellWords(text, variables);
    if (volumes.some((volume) => volume.trim() === "")) throw invalid("VOLUME specified can not be an empty string");
    draft.Volumes = { ...draft.Volumes, ...emptyObjects(volumes) };
  },
  WORKDIR(draft, text) {
    const path = shellWord(text, variablesOf(draft));
    draft.WorkingDir = path.startsWith("/") ? path : `${draft.WorkingDir || ""}/${path}`;
  },
};

/**
 * A configuration changed by one instruction after the other.
 * @throws invalid in Docker's words for what is none, or lacks its argument
 */
export function applyChanges(config: ImageDefaults, changes: readonly string[]): ImageDefaults {
  const draft: Draft = { ...config };
  const done = new Set<string>();
  for (const change of changes.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))) {
    const [, word = "", text = ""] = /^(\S+)\s*(.*)$/s.exec(change) ?? [];
    const name = word.toUpperCase();
    const instruction = Object.hasOwn(INSTRUCTIONS, name) ? INSTRUCTIONS[name] : undefined;
    if (instruction === undefined) throw invalid(`${name} is not a valid change command`);
    if (text === "") throw invalid(`${name} requires at least one argument`);
    if (name === "ENTRYPOINT" && !done.has("CMD")) delete draft.Cmd; // the arguments were those of the old one
    instruction(draft, text);
    done.add(name);
  }
  return draft;
}

/** JSON form, or shell form. */
function commandOf(text: string): string[] {
  return jsonList(text) ?? [...SHELL, text];
}

function jsonList(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    return undefined; // then it is a command for the shell, to Docker too
  }
}

function emptyObjects(names: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function portOf(word: string): string {
  const [, port = "", protocol = "tcp"] = /^(\d{1,5}(?:-\d{1,5})?)(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
  if (port === "" || port.split("-").some((number) => Number(number) > 65535)) {
    throw invalid(`invalid containerPort: ${word}`);
  }
  return `${port}/${protocol.toLowerCase()}`;
}

function nameOf(variable: string): string {
  return variable.split("=", 1)[0] ?? variable;
}

/** The variables that the instructions before have set, or the configuration had. */
function variablesOf({ Env }: Draft): Variables {
  const values = new Map(
    (Env ?? []).map((variable) => [nameOf(variable), variable.slice(nameOf(variable).length + 1)]),
  );
  return (name) => values.get(name);
}

/** `NAME=value …`, or the old `NAME value with blanks`. */
function pairsOf(instruction: string, text: string, variables: Variables): [string, string][] {
  if (!/^\S*?=/.test(text)) {
    const [, name = "", value] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    if (value === undefined) throw invalid(`${instruction} must have two arguments`);
    return [[name, shellWord(value, variables)]];
  }
  return shellWords(text, variables).map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) {
      throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    }
    if (equals === 0) throw invalid(`${instruction} names can not be blank`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

const DURATIONS: Readonly<Record<string, string>> = {
  "interval": "Interval",
  "timeout": "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
};

function healthcheckOf(text: string): Record<string, unknown> {
  const check: Record<string, unknown> = {};
  let rest = text;
  for (let flag = /^--([a-z-]+)=(\S+)\s+/.exec(rest); flag !== null; flag = /^--([a-z-]+)=(\S+)\s+/.exec(rest)) {
    const [all, name = "", value = ""] = flag;
    rest = rest.slice(all.length);
    const field = Object.hasOwn(DURATIONS, name) ? DURATIONS[name] : undefined;
    if (field !== undefined) check[field] = Number(parseDuration(value));
    else if (name === "retries" && /^\d+$/.test(value)) check["Retries"] = Number(value);
    else throw invalid(`unknown flag: --${name}`);
  }
  const [, kind = "", command = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (kind.toUpperCase() === "NONE") return { Test: ["NONE"] };
  if (kind.toUpperCase() !== "CMD") throw invalid(`unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`);
  if (command === "") throw invalid("missing command after HEALTHCHECK CMD");
  const list = jsonList(command);
  return { Test: list === undefined ? ["CMD-SHELL", command] : ["CMD", ...list], ...check };
}
