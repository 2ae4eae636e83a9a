/** The texts of `--help`, made from the tables of commands and flags, in docker's form. */
import type { Command } from "./command.ts";
import { type CommandEntry, commands, groups } from "./commands.ts";
import type { Flag, FlagTable } from "./flags.ts";

/** What `sauropod COMMAND --help` prints. */
export function commandHelp(command: Command, called: string, forms: readonly string[]): string {
  const aliases = forms.length < 2 ? "" : `\nAliases:\n  ${forms.map((form) => `sauropod ${form}`).join(", ")}\n`;
  const options = flagLines(command.flags);
  const details = command.details === undefined ? "" : `\n${command.details}\n`;
  return `\nUsage:  ${called} ${command.usage}\n\n${command.summary}\n${details}${aliases}` +
    (options.length === 0 ? "" : `\nOptions:\n${options.join("\n")}\n`);
}

/** What `sauropod --help` prints. */
export async function overview(globalFlags: FlagTable): Promise<string> {
  const loaded = commands.filter(({ forms }) => !forms[0]?.includes(" "));
  const rows = await Promise.all(loaded.map(async (entry) => await summaryRow(entry, entry.forms[0] ?? "")));
  return [
    "\nUsage:  sauropod [OPTIONS] COMMAND\n\nA container engine in one file\n",
    "Management Commands:",
    ...columns(Object.entries(groups).filter(([name]) => !rows.some(([command]) => command === name))),
    "\nCommands:",
    ...columns(rows),
    "\nGlobal Options:",
    ...flagLines(globalFlags),
    "\nRun 'sauropod COMMAND --help' for more information on a command.\n",
  ].join("\n");
}

/** What `sauropod container --help` prints. */
export async function groupHelp(group: string): Promise<string> {
  const rows = commands.flatMap((entry) => {
    const form = entry.forms.find((one) => one.startsWith(`${group} `));
    return form === undefined ? [] : [summaryRow(entry, form.slice(group.length + 1))];
  });
  const sorted = (await Promise.all(rows)).sort(([a], [b]) => a < b ? -1 : 1);
  return [
    `\nUsage:  sauropod ${group} COMMAND\n\n${groups[group]}\n\nCommands:`,
    ...columns(sorted),
    `\nRun 'sauropod ${group} COMMAND --help' for more information on a command.\n`,
  ].join("\n");
}

async function summaryRow(entry: CommandEntry, name: string): Promise<[string, string]> {
  return [name, (await entry.load()).command.summary];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}

/** One line per flag: `  -d, --detach   Run container in background`. */
function flagLines(table: FlagTable): string[] {
  const shown = Object.entries(table).filter(([, flag]) => flag.hidden !== true);
  const rows = shown.map(([name, flag]) => {
    const letter = flag.short === undefined ? "    " : `-${flag.short}, `;
    return [`${letter}--${name}${valueName(flag)}`, flag.help + defaultText(flag)] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, text]) => `  ${left.padEnd(width)}   ${text}`);
}

const typeNames: Readonly<Record<string, string>> = { "bool": "", "bool?": "", "cpus": "decimal" };

function valueName(flag: Flag): string {
  const name = flag.shown ?? typeNames[flag.type] ?? flag.type;
  return name === "" ? "" : ` ${name}`;
}

function defaultText(flag: Flag): string {
  if (flag.default === undefined || flag.default === "" || flag.default === false || flag.default === 0) return "";
  return ` (default ${typeof flag.default === "string" ? JSON.stringify(flag.default) : flag.default})`;
}
