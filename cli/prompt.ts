/** Questions to whoever sits at the terminal. */
import type { Context } from "./command.ts";

/** A line of stdin; empty at its end. */
export async function readLine({ stdin, stdout }: Context, question: string): Promise<string> {
  stdout.print(question);
  return await line(stdin.readable);
}

/** The same, and what is typed is not shown. */
export async function readSecret(context: Context, question: string): Promise<string> {
  context.stdout.print(question);
  // stty, since Deno can only switch everything off, line editing and Ctrl-C too.
  const stty = (argument: string) => new Deno.Command("stty", { args: [argument], stdin: "inherit" }).output();
  const restore = () => void new Deno.Command("stty", { args: ["echo"], stdin: "inherit" }).outputSync();
  const leave = () => {
    restore();
    Deno.exit(130); // 128 + SIGINT
  };
  Deno.addSignalListener("SIGINT", leave);
  await stty("-echo");
  try {
    return await line(context.stdin.readable);
  } finally {
    restore();
    Deno.removeSignalListener("SIGINT", leave);
    context.stdout.print("\n");
  }
}

/** A terminal gives a line at a time. The stream is given back: another question may follow. */
async function line(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (!done) text += new TextDecoder().decode(value);
      const end = text.indexOf("\n");
      if (end >= 0) return text.slice(0, end).replace(/\r$/, "");
      if (done) return text;
    }
  } finally {
    reader.releaseLock();
  }
}
