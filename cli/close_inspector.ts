const LOOKS = 50, EVERY = 2;

/**
 * To SIGUSR1 Deno opens its inspector on 127.0.0.1 (from 2.9.2 on, half a second after its start, whoever listens to the
 * signal), by which any user could run code as whom we run as: this closes it at once. There is no option against it.
 */
export async function closeInspector(): Promise<void> {
  // deno-lint-ignore sauropod/no-node-on-cli-path -- it is loaded when the signal comes, by no command
  const { close, url } = await import("node:inspector");
  for (let look = 0; look < LOOKS && url() === undefined; look++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
  close();
}
