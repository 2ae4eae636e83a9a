import { invalid } from "../../base/errors.ts";

const names = new Set(
  ("core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack").split(" "),
);

/** `nofile=1024[:2048]`, soft and hard; -1 is unlimited (docker/go-units, ulimit.go). */
export function parseUlimit(text: string): { Name: string; Soft: number; Hard: number } {
  const equals = text.indexOf("=");
  if (equals < 0) throw invalid(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!names.has(name)) throw invalid(`invalid ulimit type: ${name}`);
  const values = text.slice(equals + 1).split(":");
  if (values.length > 2) {
    throw invalid(
      `too many limit value arguments - ${text.slice(equals + 1)}, can only have up to two, \`soft[:hard]\``,
    );
  }
  const [soft = -1, hard = soft] = values.map(limit);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: name, Soft: soft, Hard: hard };
}

export function checkUlimit(text: string): void {
  parseUlimit(text);
}

function limit(text: string): number {
  if (!/^-?\d+$/.test(text)) throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
