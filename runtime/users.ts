import { invalid } from "../base/errors.ts";

/** A line of /etc/passwd, as far as it is needed. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** A line of /etc/group. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Who a container's process runs as. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** For `setgroups`: the primary group first, each once. */
  readonly groups: number[];
  readonly home: string;
  /** The name in /etc/passwd, when the uid has one there. */
  readonly name?: string;
}

/** The text of both files of the container; an absent file is an empty text. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

/** The last but one 31-bit number: above lie -1 and -2 of 32-bit kernels, and what wraps to 0 (CVE-2024-40635). */
const MAX_ID = 2 ** 31 - 2;
/** An image can bring files of any size (CVE-2026-47262): longer lines and further entries are not looked at. */
const MAX_LINE = 4096;
const MAX_ENTRIES = 65_536;

/** The entries of a passwd text. Lines without a name or with ids that are not decimal numbers are left out. */
export function parsePasswd(text: string): PasswdEntry[] {
  return parseLines(
    text,
    ([name = "", , uid = "", gid = "", , home = ""]) =>
      name !== "" && isDecimal(uid) && isDecimal(gid) ? { name, uid: Number(uid), gid: Number(gid), home } : undefined,
  );
}

/** The entries of a group text. Lines without a name or with an id that is not a decimal number are left out. */
export function parseGroup(text: string): GroupEntry[] {
  return parseLines(
    text,
    ([name = "", , gid = "", members = ""]) =>
      name !== "" && isDecimal(gid)
        ? { name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") }
        : undefined,
  );
}

/**
 * Finds out who `--user` means, by Docker's rules: "", "user", "uid", "user:group", "uid:gid" and any mixture.
 *
 * - Decimal digits are an id and never a name, even if the files have such a name (CVE-2016-3697). Leading zeros are
 *   allowed, as in Docker; a sign is not: `+1` and `-1` are refused. Ids go up to 2^31 - 2.
 * - A uid that passwd knows takes group, home and supplementary groups from there; one that it does not know gets
 *   group 0 and home "/". An unknown name is an error.
 * - With an explicit group the supplementary groups of the user do not count; `groupAdd` counts always.
 * - `groups` always has the primary group: who drops it by setgroups would escape a "group may not" permission
 *   (CVE-2022-36109).
 *
 * Throws `invalid`, with Docker's sentences where Docker has one.
 */
export function resolveUser(spec: string, groupAdd: readonly string[], files: AccountFiles): ResolvedUser {
  const [userPart = "", groupPart = "", ...rest] = spec.split(":");
  if (rest.length > 0) throw invalid(`invalid user ${JSON.stringify(spec)}: expected USER[:GROUP]`);
  const groups = parseGroup(files.group);
  const user = findUser(userPart, parsePasswd(files.passwd));
  const gid = groupPart === "" ? user.gid : findGroup(groupPart, groups);
  const memberships = groupPart === "" && user.name !== undefined ? groupsOf(user.name, groups) : [];
  const all = [gid, ...memberships, ...groupAdd.map((group) => findGroup(group, groups))];
  return { ...user, gid, groups: [...new Set(all)] };
}

function findUser(wanted: string, users: readonly PasswdEntry[]): Omit<ResolvedUser, "groups"> {
  const id = wanted === "" ? 0 : parseId(wanted);
  const entry = users.find((user) => id === undefined ? user.name === wanted : user.uid === id);
  if (entry !== undefined) {
    return { uid: inRange(entry.uid), gid: inRange(entry.gid), home: entry.home || "/", name: entry.name };
  }
  if (id === undefined) throw invalid(`unable to find user ${wanted}: no matching entries in passwd file`);
  return { uid: id, gid: 0, home: "/" };
}

function findGroup(wanted: string, groups: readonly GroupEntry[]): number {
  const id = parseId(wanted);
  if (id !== undefined) return id;
  const entry = groups.find((group) => group.name === wanted);
  if (entry === undefined) throw invalid(`unable to find group ${wanted}: no matching entries in group file`);
  return inRange(entry.gid);
}

function groupsOf(name: string, groups: readonly GroupEntry[]): number[] {
  return groups.filter((group) => group.members.includes(name)).map((group) => inRange(group.gid));
}

/** The id that a text means, or nothing if it is a name. */
function parseId(text: string): number | undefined {
  if (/^[+-][0-9]+$/.test(text)) return inRange(NaN);
  return /^[0-9]+$/.test(text) ? inRange(Number(text)) : undefined;
}

function inRange(id: number): number {
  if (!(id >= 0 && id <= MAX_ID)) throw invalid(`uids and gids must be in range 0-${MAX_ID}`);
  return id;
}

function isDecimal(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text);
}

function parseLines<T>(text: string, parse: (fields: string[]) => T | undefined): T[] {
  const entries: T[] = [];
  let end = -1;
  while (end < text.length && entries.length < MAX_ENTRIES) {
    const start = end + 1;
    end = text.indexOf("\n", start);
    if (end === -1) end = text.length;
    if (end - start > MAX_LINE) continue;
    const line = text.slice(start, end).trim();
    if (line === "" || line.startsWith("#")) continue;
    const entry = parse(line.split(":"));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}
