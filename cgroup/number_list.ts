/** More than any kernel has CPUs or memory nodes; a bound, so that `0-9999999999` is refused and not counted out. */
const HIGHEST = 8192;

/** The numbers of a list as cpusets write it (`0-2,7`); undefined if it is not one. The empty list has none. */
export function parseNumberList(text: string): Set<number> | undefined {
  const numbers = new Set<number>();
  if (text === "") return numbers;
  for (const part of text.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last > HIGHEST) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}
