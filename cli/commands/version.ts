import type { SystemVersion } from "../../base/docker/system.ts";
import { version } from "../../base/version.ts";
import { defineCommand } from "../command.ts";
import { errorText } from "../error_text.ts";
import { alignColumns } from "../format/text_columns.ts";
import { inspectFormatHelp } from "../inspect_objects.ts";
import { fillTemplate, readTemplate } from "../object_template.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Show the version of the program and of the engine",
  flags: { format: { type: "string", short: "f", help: inspectFormatHelp, default: "" } },
  args: { min: 0, max: 0 },
  async run(context, { format }) {
    const template = readTemplate(format);
    let engine: SystemVersion | null = null;
    let failure: unknown;
    try {
      engine = await context.engine.system.version();
    } catch (error) {
      failure = error; // the version of the program is told all the same
    }
    const client = clientVersion(engine);
    if (template === undefined) context.stdout.print(versionText(client, engine));
    else context.stdout.print(`${fillTemplate(template, { Client: client, Server: engine }, "version")}\n`);
    if (failure === undefined) return 0;
    context.stderr.print(`${errorText(failure)}\n`);
    return 1;
  },
});

type ClientVersion = ReturnType<typeof clientVersion>;

function clientVersion(engine: SystemVersion | null) {
  return {
    Platform: { Name: "Sauropod" },
    Version: version,
    ApiVersion: engine?.ApiVersion ?? "",
    DefaultAPIVersion: "1.47",
    GitCommit: "",
    GoVersion: "",
    DenoVersion: Deno.version.deno,
    Os: Deno.build.os,
    Arch: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
    BuildTime: "",
    Context: "default",
  };
}

/** Lines of a title and a value, the values in one column; what is unknown is left out. */
function versionText(client: ClientVersion, engine: SystemVersion | null): string {
  const lines = [
    `Client: ${client.Platform.Name}`,
    ...titled(" ", {
      "Version": client.Version,
      "API version": client.ApiVersion || client.DefaultAPIVersion,
      "Deno version": client.DenoVersion,
      "OS/Arch": `${client.Os}/${client.Arch}`,
      "Context": client.Context,
    }),
  ];
  if (engine === null) return alignColumns(`${lines.join("\n")}\n`, versionColumns);
  lines.push("", `Server: ${engine.Platform.Name}`.trimEnd());
  for (const component of engine.Components.length > 0 ? engine.Components : [engineComponent(engine)]) {
    lines.push(` ${component.Name}:`, ...componentLines(component));
  }
  return alignColumns(`${lines.join("\n")}\n`, versionColumns);
}

const versionColumns = { minWidth: 20, padding: 1 };

type Component = SystemVersion["Components"][number];

function engineComponent(engine: SystemVersion): Component {
  const { Version, ApiVersion, MinAPIVersion, GitCommit, GoVersion, BuildTime, Os, Arch } = engine;
  return {
    Name: "Engine",
    Version,
    Details: { ApiVersion, MinAPIVersion, GitCommit, GoVersion, BuildTime, Os, Arch },
  };
}

function componentLines({ Name, Version, Details }: Component): string[] {
  if (Name !== "Engine") return titled("  ", { Version, ...sortedByName(Details) });
  const { ApiVersion, MinAPIVersion, GoVersion, GitCommit, BuildTime, Os, Arch, ...others } = Details;
  return titled("  ", {
    Version,
    "API version": `${ApiVersion ?? ""} (minimum version ${MinAPIVersion ?? ""})`,
    "Go version": GoVersion,
    "Git commit": GitCommit,
    "Built": BuildTime,
    "OS/Arch": `${Os ?? ""}/${Arch ?? ""}`,
    ...sortedByName(others),
  });
}

function sortedByName(details: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(details).sort(([a], [b]) => a < b ? -1 : 1));
}

function titled(indent: string, values: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(values).flatMap(([title, value]) => value ? [`${indent}${title}:\t${value}`] : []);
}
