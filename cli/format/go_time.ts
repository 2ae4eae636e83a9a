/** Moments in the local time zone, as Go prints them. */

/** `2006-01-02 15:04:05 -0700 MST`: Go's `Time.String` for a whole second. */
export function goTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const offset = zoneOffset(date).replace(":", "");
  return `${localDate(date)} ${localTime(date)} ${offset} ${zoneName(date, offset)}`;
}

/** `2006-01-02T15:04:05Z`, with an offset where the local zone is not UTC. */
export function localRfc3339(seconds: number, fraction = ""): string {
  const date = new Date(seconds * 1000);
  const offset = zoneOffset(date);
  return `${localDate(date)}T${localTime(date)}${fraction}${offset === "+00:00" ? "Z" : offset}`;
}

/** The same with all nine digits of nanoseconds. */
export function localRfc3339Nano(nanoseconds: bigint): string {
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, "0");
  return localRfc3339(Number(nanoseconds / 1_000_000_000n), `.${fraction}`);
}

function localDate(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function localTime(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
}

/** By locale; each takes a while to make. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string): Intl.DateTimeFormat {
  const format = formats.get(locale) ?? new Intl.DateTimeFormat(locale, { timeZoneName: "short" });
  formats.set(locale, format);
  return format;
}

/** `CET`; a zone without such a name is called by its offset. American and European zones have theirs in one locale each. */
function zoneName(date: Date, offset: string): string {
  for (const locale of ["en-US", "en-GB"]) {
    const name = formatOf(locale).formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  return offset.replace(/00$/, "");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
