import type { SystemInfo } from "../../base/docker/system.ts";
import { bytesSize } from "../../base/units.ts";
import { version } from "../../base/version.ts";
import { defineCommand } from "../command.ts";
import { inspectFormatHelp } from "../inspect_objects.ts";
import { fillTemplate, readTemplate } from "../object_template.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Display system-wide information",
  flags: { format: { type: "string", short: "f", help: inspectFormatHelp, default: "" } },
  args: { min: 0, max: 0 },
  async run(context, { format }) {
    const template = readTemplate(format);
    const info = await context.engine.system.info();
    if (template !== undefined) {
      const client = { Version: version, Context: "default", Debug: false, Plugins: [], Warnings: null };
      context.stdout.print(`${fillTemplate(template, { ...info, ClientInfo: client }, "info")}\n`);
      return 0;
    }
    context.stdout.print(`Client:\n Version:    ${version}\n Context:    default\n Debug Mode: false\n\nServer:\n`);
    context.stdout.print(`${infoLines(info).map((line) => ` ${line}\n`).join("")}\n`);
    for (const warning of info.Warnings) context.stderr.print(`${warning}\n`);
    return 0;
  },
});

/** Docker's lines for what the engine tells; a field that it does not tell has no line. */
function infoLines(info: SystemInfo): string[] {
  const text = (field: string) => typeof info[field] === "string" ? info[field] : "";
  const list = (field: string) => Array.isArray(info[field]) ? info[field].map(String) : [];
  const line = (title: string, value: string) => value === "" ? [] : [`${title}: ${value}`];
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title}:`, ...lines.map((item) => ` ${item}`)];
  return [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    ...line("Server Version", info.ServerVersion),
    ...line("Engine PID", String(info.EnginePid)),
    ...line("Storage Driver", info.Driver),
    ...pairs(info["DriverStatus"]),
    ...line("Logging Driver", text("LoggingDriver")),
    ...line("Cgroup Driver", info.CgroupDriver),
    ...line("Cgroup Version", info.CgroupVersion),
    ...pluginLines(info["Plugins"]),
    ...line("Init Binary", text("InitBinary")),
    ...section("Security Options", list("SecurityOptions").flatMap(securityOption)),
    ...line("Kernel Version", info.KernelVersion),
    ...line("Operating System", info.OperatingSystem),
    ...line("OSType", info.OSType),
    ...line("Architecture", info.Architecture),
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${bytesSize(info.MemTotal)}`,
    ...line("Name", info.Name),
    ...line("ID", info.ID),
    `Docker Root Dir: ${info.DockerRootDir}`,
    `Debug Mode: ${info["Debug"] === true}`,
    ...line("HTTP Proxy", text("HttpProxy")),
    ...line("HTTPS Proxy", text("HttpsProxy")),
    ...line("No Proxy", text("NoProxy")),
    ...section("Labels", list("Labels")),
    `Experimental: ${info["ExperimentalBuild"] === true}`,
    `Live Restore Enabled: ${info["LiveRestoreEnabled"] === true}`,
  ];
}

/** `[["Backing Filesystem", "extfs"]]`, one line each. */
function pairs(value: unknown): string[] {
  return Array.isArray(value) ? value.map((pair) => ` ${Array.isArray(pair) ? pair.join(": ") : pair}`) : [];
}

function pluginLines(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const lines = Object.entries(value).flatMap(([kind, names]) =>
    Array.isArray(names) && names.length > 0 ? [` ${kind}: ${names.join(" ")}`] : []
  );
  return lines.length === 0 ? [] : ["Plugins:", ...lines];
}

/** `name=seccomp,profile=builtin` is a line and, under it, that of its profile. */
function securityOption(option: string): string[] {
  const parts = new Map(
    option.split(",").map((part): [string, string] => {
      const equals = part.indexOf("=");
      return equals < 0 ? ["name", part] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
  const profile = parts.get("profile");
  return [parts.get("name") ?? option, ...profile === undefined ? [] : [` Profile: ${profile}`]];
}
