/** What `--log-opt labels=…`, `env=…` and `tag=…` add to every line of a log; `logs --details` shows it. */
import type { ContainerRecord } from "../container_record.ts";
import { checkPattern } from "./options.ts";

/** The attributes of the lines of one container; empty when none are asked for. */
export function logAttributes(
  record: Pick<ContainerRecord, "id" | "name" | "imageId" | "config" | "hostConfig">,
): Record<string, string> {
  const options = record.hostConfig.LogConfig.Config;
  const { Labels: labels, Env } = record.config;
  const env = Object.fromEntries(
    Env.filter((line) => line.includes("=")).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  return {
    ...chosen(labels, options["labels"] ?? "", options["labels-regex"] ?? ""),
    ...chosen(env, options["env"] ?? "", options["env-regex"] ?? ""),
    ...(options["tag"] ? { tag: tagText(options["tag"], record) } : {}),
  };
}

function chosen(from: Readonly<Record<string, string>>, list: string, pattern: string): Record<string, string> {
  const names = new Set(list.split(",").filter(Boolean));
  const expression = checkPattern(pattern);
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.has(name) || expression?.test(name)));
}

/** Docker's template for tags, without functions: `{{.Name}}/{{.ID}}`; what is not known stays as it is written. */
function tagText(template: string, record: Pick<ContainerRecord, "id" | "name" | "imageId" | "config">): string {
  const image = record.imageId.replace(/^sha256:/, "");
  const fields: Readonly<Record<string, string>> = {
    ID: record.id.slice(0, 12),
    FullID: record.id,
    Name: record.name,
    ImageID: image.slice(0, 12),
    ImageFullID: record.imageId,
    ImageName: record.config.Image,
    DaemonName: "docker",
  };
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (text, name: string) => fields[name] ?? text);
}
