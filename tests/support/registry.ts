/** Debian's registry server, on a loopback port of its own, with its data in a temporary folder. */
import { run } from "./command.ts";

export interface RegistryOptions {
  /** User and password that it wants to see (htpasswd). */
  readonly login?: readonly [user: string, password: string];
  /** A token server that it sends clients to; its certificate signs the tokens. */
  readonly token?: { readonly realm: string; readonly issuer: string; readonly rootCertificate: string };
  /** Certificate and key (PEM files). */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Instead of 127.0.0.1. */
  readonly address?: string;
}

export class TestRegistry implements AsyncDisposable {
  readonly host: string;
  readonly folder: string;
  readonly #child: Deno.ChildProcess;

  private constructor(host: string, folder: string, child: Deno.ChildProcess) {
    this.host = host;
    this.folder = folder;
    this.#child = child;
  }

  static async start(options: RegistryOptions = {}): Promise<TestRegistry> {
    const { address = "127.0.0.1" } = options;
    const folder = await Deno.makeTempDir({ prefix: "sauropod-registry-" });
    const port = freePort(address);
    await Deno.writeTextFile(`${folder}/config.yml`, await configuration(folder, `${address}:${port}`, options));
    const child = new Deno.Command("docker-registry", {
      args: ["serve", `${folder}/config.yml`],
      env: { OTEL_TRACES_EXPORTER: "none" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const registry = new TestRegistry(`${address}:${port}`, folder, child);
    await listening(address, port);
    return registry;
  }

  /** Brings an image in with skopeo. */
  async put(source: string, name: string, ...options: string[]): Promise<void> {
    const target = `docker://${this.host}/${name}`;
    await run(["skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false", ...options, source, target]);
  }

  /** What skopeo says about an image there. */
  async inspect(name: string, ...options: string[]): Promise<Record<string, unknown>> {
    const source = `docker://${this.host}/${name}`;
    return JSON.parse(await run(["skopeo", "inspect", "--tls-verify=false", ...options, source]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function configuration(folder: string, address: string, options: RegistryOptions): Promise<string> {
  const { login, token, tls } = options;
  const lines = [
    "version: 0.1",
    "log: {level: error, accesslog: {disabled: true}}",
    `storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}`,
    "http:",
    `  addr: ${address}`,
    "  secret: test",
    ...tls === undefined ? [] : [`  tls: {certificate: ${tls.certificate}, key: ${tls.key}}`],
  ];
  if (login !== undefined) {
    await Deno.writeTextFile(`${folder}/htpasswd`, `${login[0]}:${await bcrypt(login[1])}\n`);
    lines.push(`auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`);
  }
  if (token !== undefined) {
    const { realm, issuer, rootCertificate } = token;
    lines.push(
      `auth: {token: {realm: "${realm}", service: test, issuer: ${issuer}, rootcertbundle: ${rootCertificate}}}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** crypt(3) of libxcrypt knows bcrypt, and perl knows crypt(3). */
async function bcrypt(password: string): Promise<string> {
  return await run(["perl", "-e", 'print crypt($ARGV[0], "\\$2y\\$05\\$abcdefghijklmnopqrstuu")', password]);
}

function freePort(hostname: string): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

async function listening(hostname: string, port: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    try {
      (await Deno.connect({ hostname, port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`docker-registry does not listen on ${hostname}:${port}`);
}
