import { invalid, notFound } from "../../base/errors.ts";

/** There is one driver. @throws `not_found` with Docker's sentence for another */
export function checkDriver(name: string | undefined): void {
  if (name === undefined || name === "" || name === "local") return;
  throw notFound(`error looking up volume plugin ${name}: plugin "${name}" not found`);
}

/** What the driver `local` takes; `size` is a quota of XFS in Docker, which is not here. */
const OPTIONS = ["type", "o", "device"];

/** @throws `invalid` for an option that is none, or one without the other that it needs */
export function checkDriverOptions(options: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key)) throw invalid(`invalid option: ${JSON.stringify(key)}`);
  }
  if (Object.keys(options).length === 0) return;
  const { device = "", type = "" } = options;
  if (device === "") throw invalid(`missing device in volume options`);
  if (type === "") throw invalid('missing required option: "type"');
}
