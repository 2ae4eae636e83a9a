import { invalid } from "../base/errors.ts";

/** Docker's names of resource limits -> numbers of <asm-generic/resource.h>, the same on x86_64 and aarch64. */
export const RLIMITS = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  // as: 9 is left out, as in Docker: it would bind the start of the container itself.
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
} as const satisfies Readonly<Record<string, number>>;

/** "No limit" (`RLIM_INFINITY`) as `prlimit64` takes it. */
export const RLIMIT_INFINITY = 0xffff_ffff_ffff_ffffn;

/** A limit as the API has it; -1 means none. */
export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** A limit as `prlimit64` takes it. */
export interface Rlimit {
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

/**
 * Checks one limit of a request. Throws `invalid`: for a name that is not known, for values that are no integers from
 * -1 to 2^63, and, with Docker's sentence, for a soft limit above the hard one.
 */
export function parseUlimit({ Name, Soft, Hard }: Ulimit): Rlimit {
  const resource = Object.hasOwn(RLIMITS, Name) ? RLIMITS[Name as keyof typeof RLIMITS] : undefined;
  if (resource === undefined) throw invalid(`invalid ulimit type: ${Name}`);
  const soft = limit(Name, Soft);
  const hard = limit(Name, Hard);
  if (soft > hard) {
    const problem = soft === RLIMIT_INFINITY ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${problem}`);
  }
  return { resource, soft, hard };
}

function limit(name: string, value: number): bigint {
  if (!Number.isInteger(value) || value < -1 || value > 2 ** 63) {
    throw invalid(`invalid value of ulimit ${name}: ${value}`);
  }
  return value === -1 ? RLIMIT_INFINITY : BigInt(value);
}
