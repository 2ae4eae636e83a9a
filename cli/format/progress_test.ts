import assert from "node:assert/strict";
import type { ProgressMessage } from "../../base/docker/image.ts";
import { showProgress } from "./progress.ts";

async function shown(isTerminal: boolean, messages: ProgressMessage[]): Promise<string> {
  let text = "";
  const output = { isTerminal, print: (part: string) => void (text += part), write: () => Promise.resolve() };
  await showProgress(output, ReadableStream.from(messages));
  return text;
}

const loading = (current: number): ProgressMessage => ({
  status: "Loading layer",
  id: "a1",
  progressDetail: { current, total: 2000 },
});

Deno.test("in a pipe only words are printed, no bars", async () => {
  const text = await shown(false, [loading(1000), { status: "Pull complete", id: "a1" }, {
    stream: "Loaded image: a:1\n",
  }]);
  assert.equal(text, "a1: Pull complete\nLoaded image: a:1\n");
});

Deno.test("on a terminal the line of an id is rewritten", async () => {
  const text = await shown(true, [loading(1000), loading(2000), { stream: "Loaded image: a:1\n" }]);
  const half = `a1: Loading layer [${"=".repeat(25)}>${" ".repeat(24)}]      1kB/2kB`;
  const whole = `a1: Loading layer [${"=".repeat(50)}]      2kB/2kB`;
  assert.equal(text, `\n\x1b[1A\x1b[2K\r${half}\r\x1b[1B\x1b[1A\x1b[2K\r${whole}\r\x1b[1BLoaded image: a:1\n`);
});

Deno.test("a message of an error is thrown with its words", async () => {
  const message = { error: "short", errorDetail: { message: "the whole story" } };
  await assert.rejects(shown(false, [message]), { message: "the whole story", class: "internal" });
});
