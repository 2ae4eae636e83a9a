/** `-v [source:]target[:options]` and `--tmpfs target[:options]`. */
import { invalid } from "../../base/errors.ts";
import { absolutePath } from "./path.ts";

/** Binds and named volumes as the API has them, and the targets of anonymous volumes. */
export function parseVolumes(
  specs: readonly string[],
): { binds: string[] | null; anonymous: Record<string, Record<string, never>> | null } {
  const binds: string[] = [];
  const anonymous: Record<string, Record<string, never>> = {};
  for (const spec of specs) {
    if (spec === "") throw invalid("invalid empty volume spec");
    const [source = "", ...rest] = spec.split(":");
    if (rest.length === 0) anonymous[spec] = {};
    else if (source === "" || rest.includes("")) throw invalid(`invalid spec: ${spec}: empty section between colons`);
    else if (rest.length > 2) throw invalid(`invalid spec: ${spec}: too many colons`);
    else binds.push([source.startsWith(".") ? absolutePath(source) : source, ...rest].join(":"));
  }
  return {
    binds: binds.length === 0 ? null : binds,
    anonymous: Object.keys(anonymous).length === 0 ? null : anonymous,
  };
}

export function parseTmpfs(specs: readonly string[]): Record<string, string> {
  return Object.fromEntries(specs.map((spec) => {
    const colon = spec.indexOf(":");
    return colon < 0 ? [spec, ""] : [spec.slice(0, colon), spec.slice(colon + 1)];
  }));
}
