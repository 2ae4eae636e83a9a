import { type Package } from "./packages.ts";

const policy = "/usr/sbin/policy-rc.d";

/**
 * Installs Debian packages without their recommendations. No daemon is started meanwhile (docker.io and docker-registry
 * would, and take over the host's bridge and firewall): policy-rc.d forbids it, invoke-rc.d(8); what was there before
 * comes back.
 */
export async function install(wanted: readonly Package[]): Promise<void> {
  const before = await readIfThere(policy);
  await Deno.writeTextFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  await Deno.chmod(policy, 0o755);
  try {
    await aptGet("update");
    await aptGet("install", "-y", "--no-install-recommends", ...wanted.map((wish) => wish.name));
  } finally {
    if (before === undefined) await Deno.remove(policy);
    else await Deno.writeFile(policy, before.content, { mode: before.mode });
  }
}

async function aptGet(...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("apt-get", {
    args: ["-qq", "-o", "DPkg::Lock::Timeout=600", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
  }).output();
  if (success) return;
  const text = new TextDecoder();
  const lines = (text.decode(stdout) + text.decode(stderr)).trimEnd().split("\n");
  throw new Error(`apt-get ${args.join(" ")} failed:\n${lines.slice(-15).join("\n")}`);
}

async function readIfThere(path: string): Promise<{ content: Uint8Array<ArrayBuffer>; mode: number } | undefined> {
  try {
    const content = await Deno.readFile(path);
    return { content, mode: ((await Deno.stat(path)).mode ?? 0o755) & 0o7777 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
