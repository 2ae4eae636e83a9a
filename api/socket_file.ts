/** The Unix socket's place in the file system. Who may open it is root on this host (threat 30), so its mode is all. */
import type { Server } from "node:http";
import { connect } from "node:net";
import { conflict, describeError, invalid, unavailable } from "../base/errors.ts";
import { SOCKET_PATH_LIMIT } from "../base/socket_path_limit.ts";

/**
 * Binds `server` to `path`: mode 0660, group `docker` where there is one. A missing folder is made for root (and that
 * group) only; a socket that nobody listens on any more is replaced.
 * @throws `conflict` when somebody does listen, or when something that is no socket is in the way.
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  const length = new TextEncoder().encode(path).length;
  if (length > SOCKET_PATH_LIMIT) {
    throw invalid(`the socket's path is ${length} bytes long, the limit is ${SOCKET_PATH_LIMIT}: ${path}`);
  }
  const group = await socketGroup();
  await makeSocketFolder(folderOf(path));
  await removeStale(path);
  // The mode of a socket comes from the umask alone; until it is widened below only root can connect.
  const umask = Deno.umask(0o077);
  try {
    await bind(server, path);
  } finally {
    Deno.umask(umask);
  }
  if (group !== undefined) await Deno.chown(path, null, group);
  await Deno.chmod(path, 0o660);
}

async function socketGroup(): Promise<number | undefined> {
  return groupId(await Deno.readTextFile("/etc/group").catch(() => ""), "docker");
}

/** The folder that a file lies in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/**
 * Makes `path` if it is missing: root's, and passable (no more) for the group of the socket. What is there already
 * keeps the mode that its owner gave it.
 */
export async function makeSocketFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: false, mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound)) throw unavailable(`cannot make ${path}`, { cause: error });
    await Deno.mkdir(path, { recursive: true, mode: 0o755 });
    await Deno.chmod(path, 0o700);
  }
  const group = await socketGroup();
  if (group === undefined) return;
  await Deno.chown(path, null, group);
  await Deno.chmod(path, 0o710);
}

/** The number of a group of /etc/group. */
export function groupId(groups: string, name: string): number | undefined {
  const [, id] = groups.split("\n").map((line) => /^([^:]*):[^:]*:(\d+):/.exec(line))
    .find((match) => match?.[1] === name)?.slice(1) ?? [];
  return id === undefined ? undefined : Number(id);
}

async function removeStale(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unavailable(`cannot look at ${path}`, { cause: error });
  });
  if (found === undefined) return;
  if (!found.isSocket) throw conflict(`${path} is in the way: it is no socket`);
  if (await listening(path)) throw conflict(`somebody listens on ${path} already`);
  await Deno.remove(path);
}

function listening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(unavailable(`cannot listen on ${path}: ${describeError(error)}`));
    server.once("error", failed);
    server.listen(path, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
