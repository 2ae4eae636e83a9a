/** What a command did: its exit code (128+n when signal n ended it) and all that it printed. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run; what is not given is inherited, stdin is empty. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Milliseconds after which the command is killed; 120 s unless told. */
  readonly timeout?: number;
}

/** Runs `command` to its end, whatever its exit code. */
export async function output(command: readonly string[], options: CommandOptions = {}): Promise<Output> {
  const [program = "", ...args] = command;
  const { cwd, env, stdin, timeout = 120_000 } = options;
  const child = new Deno.Command(program, {
    args,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: { ...env } }),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(timeout),
  }).spawn();
  const fed = stdin === undefined ? undefined : feed(child, stdin);
  const { code, stdout, stderr } = await child.output();
  await fed;
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs `command` and gives its stdout; throws with its stderr if it fails. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await output(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** A command that ends without reading all of its input is no mistake of the caller. */
async function feed(child: Deno.ChildProcess, stdin: string | Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
