/** From the words of the command line to an exit code. */
import type { ContainerEngine } from "../base/container_engine.ts";
import { resolveSettings, type Settings } from "../base/settings.ts";
import { version } from "../base/version.ts";
import type { Command, Context } from "./command.ts";
import { type CommandEntry, commands, groups } from "./commands.ts";
import { errorText } from "./error_text.ts";
import { type FlagTable, type FlagValues, parseFlags } from "./flags.ts";
import { openEngine } from "./open_engine.ts";
import { stderr, stdin, stdout } from "./standard_streams.ts";
import { UsageError } from "./usage_error.ts";

/** What the command line takes from parts of the program that it may not import. */
export type ProgramParts = Required<Pick<Context, "runEngine" | "rawOutput" | "closeOnExec">>;

/** Options before the command. */
export const globalFlags = {
  "debug": { type: "bool", short: "D", help: "Tell the whole story of an error" },
  "host": { type: "string", short: "H", help: "Socket of the engine (unix://PATH; SAUROPOD_HOST)" },
  "icc": {
    type: "bool?",
    help: "Let containers of the default bridge talk to each other, default true (SAUROPOD_ICC)",
  },
  "insecure-registry": {
    type: "list",
    help: "Registry to reach without certificate or encryption, HOST[:PORT] or CIDR (SAUROPOD_INSECURE_REGISTRY)",
  },
  "published-port-range": {
    type: "string",
    help: "Host ports that -P chooses from, default 49000-49900 (SAUROPOD_PUBLISHED_PORT_RANGE)",
  },
  "registry-mirror": { type: "list", help: "URL to ask before Docker Hub (SAUROPOD_REGISTRY_MIRROR)" },
  "root": { type: "string", help: "Folder of images and containers (SAUROPOD_ROOT)" },
  "run-dir": { type: "string", help: "Folder of sockets and running containers (SAUROPOD_RUN)" },
  "version": { type: "bool", short: "v", help: "Print version information and quit" },
} as const satisfies FlagTable;

/** Runs one command line. What goes wrong is told on stderr in docker's form; nothing is thrown. */
export async function main(line: readonly string[], parts: ProgramParts): Promise<number> {
  let debug = false;
  let called = "sauropod";
  try {
    const { values, args, help } = parseFlags(globalFlags, line, false);
    const flags = values as FlagValues<typeof globalFlags>;
    debug = flags.debug;
    if (flags.version) {
      stdout.print(`Sauropod version ${version}\n`);
      return 0;
    }
    const { entry, words } = findCommand(args);
    if (help || entry === undefined) return await programHelp(help ? [] : args, parts);
    called = ["sauropod", ...args.slice(0, words)].join(" ");
    const { command } = await entry.load();
    const settings = resolveSettings({
      root: flags.root,
      runDir: flags["run-dir"],
      host: flags.host,
      publishedPortRange: flags["published-port-range"],
      icc: flags.icc,
      insecureRegistries: flags["insecure-registry"],
      registryMirrors: flags["registry-mirror"],
    }, Deno.env.get);
    await using engine = openEngine(settings, parts.closeOnExec);
    return await runCommand(command, entry, args.slice(words), contextOf(engine, settings, called, parts));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return 141; // 128 + SIGPIPE: whoever read our output has enough
    stderr.print(failureText(error, called));
    if (debug && error instanceof Error) stderr.print(`${error.stack}\n`);
    return error instanceof UsageError ? error.exitCode : 1;
  }
}

/** Whether this command line is to be run by a process that was started for it. */
export function wantsOwnProcess(line: readonly string[], atTerminal: boolean): boolean {
  try {
    const { entry } = findCommand(parseFlags(globalFlags, line, false).args);
    return entry?.ownProcess === "always" || (entry?.ownProcess === "at a terminal" && atTerminal);
  } catch {
    return false; // it only says what is wrong with the line
  }
}

function failureText(error: unknown, called: string): string {
  if (!(error instanceof UsageError)) return `${errorText(error)}\n`;
  return error.seeHelp ? `${error.message}\nSee '${called} --help'.\n` : `${error.message}\n`;
}

async function runCommand(
  command: Command,
  entry: CommandEntry,
  line: readonly string[],
  context: Context,
): Promise<number> {
  const { values, args, help } = parseFlags(command.flags, line, command.interspersed ?? true);
  if (help) {
    const { commandHelp } = await import("./help.ts");
    context.stdout.print(commandHelp(command, context.invocation, entry.forms));
    return 0;
  }
  checkArguments(command, context.invocation, args);
  return await command.run(context, values, args);
}

function contextOf(
  engine: ContainerEngine,
  settings: Settings,
  invocation: string,
  parts: ProgramParts,
): Context {
  const env = (name: string) => Deno.env.get(name);
  return { engine, settings, stdin, stdout, stderr, env, invocation, ...parts };
}

/** The command that the first one or two words name. */
function findCommand(args: readonly string[]): { entry: CommandEntry | undefined; words: number } {
  for (const words of [2, 1]) {
    const form = args.slice(0, words).join(" ");
    const entry = args.length < words ? undefined : commands.find(({ forms }) => forms.includes(form));
    if (entry !== undefined) return { entry, words };
  }
  return { entry: undefined, words: 0 };
}

/** Help for the program or for a group of commands; anything else is no command. */
async function programHelp(args: readonly string[], parts: ProgramParts): Promise<number> {
  const [word, second] = args;
  const { groupHelp, overview } = await import("./help.ts");
  if (word === undefined) {
    stdout.print(await overview(globalFlags));
    return 0;
  }
  if (word === "help") return await main([...args.slice(1), "--help"], parts);
  if (!Object.hasOwn(groups, word)) {
    throw new UsageError(`sauropod: '${word}' is not a sauropod command.\nSee 'sauropod --help'`, 1);
  }
  if (second !== undefined && !second.startsWith("-")) {
    throw new UsageError(`sauropod: '${word} ${second}' is not a sauropod command.\nSee 'sauropod ${word} --help'`, 1);
  }
  if (second !== undefined) parseFlags({}, args.slice(1), false);
  stdout.print(await groupHelp(word));
  return 0;
}

/** Docker's sentences (docker/cli, cli/required.go). */
function checkArguments(command: Command, called: string, args: readonly string[]): void {
  const { min, max = Infinity } = command.args;
  if (args.length >= min && args.length <= max) return;
  const plural = (count: number) => count === 1 ? "argument" : "arguments";
  const rule = max === 0
    ? "accepts no arguments"
    : min === max
    ? `requires exactly ${min} ${plural(min)}`
    : max === Infinity
    ? `requires at least ${min} ${plural(min)}`
    : args.length < min
    ? `requires at least ${min} and at most ${max} ${plural(max)}`
    : `requires at most ${max} ${plural(max)}`;
  throw new UsageError(
    `"${called}" ${rule}.\nSee '${called} --help'.\n\nUsage:  ${called} ${command.usage}\n\n${command.summary}`,
    1,
  );
}
