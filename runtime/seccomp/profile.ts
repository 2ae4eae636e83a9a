import { invalid } from "../../base/errors.ts";

/** What the kernel does with a call. `SCMP_ACT_KILL` is the old name of `SCMP_ACT_KILL_THREAD`. */
export type SeccompAction = typeof ACTIONS[number];

/** How an argument is compared with `value`; MASKED_EQ: argument AND `value` equals `valueTwo`. */
export type SeccompOperator = typeof OPERATORS[number];

/** One comparison of one argument, unsigned. */
export interface SeccompArgument {
  /** 0 to 5. */
  readonly index: number;
  /** 64-bit unsigned. */
  readonly value: bigint;
  /** Only for MASKED_EQ; 0 when absent. */
  readonly valueTwo?: bigint;
  readonly op: SeccompOperator;
}

/** When a rule applies: all of it must be true (`includes`), or any one of it (`excludes`). */
export interface SeccompCondition {
  /** Capability names with `CAP_`; compared with the bounding set of the container. */
  readonly caps?: readonly string[];
  /** Docker's names of the machine's own architecture: `amd64`, `arm64`. */
  readonly arches?: readonly string[];
  readonly minKernel?: KernelVersion;
}

/** The first two numbers of a kernel release. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** What to do with the named calls, provided that all `args` match and the conditions hold. */
export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  /** The errno for ERRNO, the message for TRACE; EPERM (1) when absent. */
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
  readonly includes?: SeccompCondition;
  readonly excludes?: SeccompCondition;
}

/** A profile as `--security-opt seccomp=FILE` takes it: Docker's format, a superset of the OCI runtime's. */
export interface SeccompProfile {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** `SCMP_ARCH_…` names that are judged by the rules; the machine's own is always among them. */
  readonly architectures?: readonly string[];
  /** The same, chosen by the machine's own architecture; not together with `architectures`. */
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[];
  /** `SECCOMP_FILTER_FLAG_…` names for whoever installs the filter. */
  readonly flags?: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

const ACTIONS = [
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_TRAP",
] as const;

const OPERATORS = [
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_LE",
  "SCMP_CMP_LT",
  "SCMP_CMP_MASKED_EQ",
  "SCMP_CMP_NE",
] as const;

/** The kernel cuts errno values off here (`MAX_ERRNO`). */
const MAX_ERRNO = 4095;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Reads a profile from JSON text. Fields that Docker does not know are ignored, as Docker does; a wrong one throws
 * `invalid` and is named by its path, as in `syscalls[3].args[0].op`. Numbers above 2^53 keep all their digits.
 */
export function parseProfile(json: string): SeccompProfile {
  let root: unknown;
  try {
    root = JSON.parse(json, exactNumber);
  } catch (cause) {
    throw invalid(`Decoding seccomp profile failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const profile = object(root, "profile");
  if (present(profile["listenerPath"]) && profile["listenerPath"] !== "") {
    fail("listenerPath", "handing calls to a listener is not supported");
  }
  const architectures = optional(profile["architectures"], "architectures", strings);
  const archMap = optional(profile["archMap"], "archMap", (v, at) => list(v, at, archMapEntry));
  if (architectures?.length && archMap?.length) {
    fail("archMap", "both 'architectures' and 'archMap' are specified, use either");
  }
  return defined({
    defaultAction: oneOf(profile["defaultAction"], "defaultAction", ACTIONS),
    defaultErrnoRet: optional(profile["defaultErrnoRet"], "defaultErrnoRet", errno),
    architectures,
    archMap,
    flags: optional(profile["flags"], "flags", strings),
    syscalls: optional(profile["syscalls"], "syscalls", (v, at) => list(v, at, rule)) ?? [],
  });
}

function rule(value: unknown, at: string): SeccompRule {
  const fields = object(value, at);
  const names = optional(fields["names"], `${at}.names`, strings) ?? [];
  const name = optional(fields["name"], `${at}.name`, string) ?? "";
  if (name !== "" && names.length > 0) fail(at, "both 'name' and 'names' are specified, use either");
  return defined({
    names: name === "" ? names : [name],
    action: oneOf(fields["action"], `${at}.action`, ACTIONS),
    errnoRet: optional(fields["errnoRet"], `${at}.errnoRet`, errno),
    args: optional(fields["args"], `${at}.args`, (v, at) => list(v, at, argument)),
    includes: optional(fields["includes"], `${at}.includes`, condition),
    excludes: optional(fields["excludes"], `${at}.excludes`, condition),
  });
}

function argument(value: unknown, at: string): SeccompArgument {
  const fields = object(value, at);
  return defined({
    index: Number(integer(fields["index"], `${at}.index`, 5n)),
    value: integer(fields["value"] ?? 0, `${at}.value`, MAX_U64),
    valueTwo: optional(fields["valueTwo"], `${at}.valueTwo`, (v, at) => integer(v, at, MAX_U64)),
    op: oneOf(fields["op"], `${at}.op`, OPERATORS),
  });
}

function condition(value: unknown, at: string): SeccompCondition {
  const fields = object(value, at);
  return defined({
    caps: optional(fields["caps"], `${at}.caps`, strings),
    arches: optional(fields["arches"], `${at}.arches`, strings),
    minKernel: optional(fields["minKernel"], `${at}.minKernel`, kernelVersion),
  });
}

function kernelVersion(value: unknown, at: string): KernelVersion {
  const match = /^(\d{1,4})\.(\d{1,4})$/.exec(string(value, at));
  if (match === null) fail(at, `invalid kernel version ${JSON.stringify(value)}, expected MAJOR.MINOR`);
  return { major: Number(match[1]), minor: Number(match[2]) };
}

function archMapEntry(value: unknown, at: string) {
  const fields = object(value, at);
  return {
    architecture: string(fields["architecture"], `${at}.architecture`),
    subArchitectures: optional(fields["subArchitectures"], `${at}.subArchitectures`, strings) ?? [],
  };
}

function errno(value: unknown, at: string): number {
  return Number(integer(value, at, BigInt(MAX_ERRNO)));
}

function integer(value: unknown, at: string, max: bigint): bigint {
  const number = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof number !== "bigint" || number < 0n || number > max) fail(at, `expected an integer from 0 to ${max}`);
  return number;
}

function oneOf<T extends string>(value: unknown, at: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found === undefined) fail(at, `unknown value ${JSON.stringify(value) ?? "(none)"}`);
  return found;
}

function strings(value: unknown, at: string): string[] {
  return list(value, at, string);
}

function string(value: unknown, at: string): string {
  return typeof value === "string" ? value : fail(at, "expected a string");
}

function list<T>(value: unknown, at: string, item: (value: unknown, at: string) => T): T[] {
  return Array.isArray(value) ? value.map((v, i) => item(v, `${at}[${i}]`)) : fail(at, "expected a list");
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(at, "expected an object");
  return value as Record<string, unknown>;
}

/** Go reads JSON's `null` as "not given"; Docker's own profiles have it in many places. */
function optional<T>(value: unknown, at: string, parse: (value: unknown, at: string) => T): T | undefined {
  return present(value) ? parse(value, at) : undefined;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

type Defined<T> =
  & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }
  & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** Drops the fields that are `undefined`, so that optional ones are absent as their types say. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const inexact = typeof value === "number" && !Number.isSafeInteger(value);
  return inexact && context?.source !== undefined && /^\d+$/.test(context.source) ? BigInt(context.source) : value;
}

function fail(at: string, problem: string): never {
  throw invalid(`Decoding seccomp profile failed: ${at}: ${problem}`);
}
