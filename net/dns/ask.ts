/**
 * One query on its way to one server. The connection is made for this query alone: the kernel chooses its source port at
 * random and lets nobody in but the server itself, and "port unreachable" comes back as an error at once.
 */
import type { Bytes } from "../../base/container_engine.ts";
import type { Fd } from "../../sys/fd.ts";
import { beginConnect, inetSocket, tryReceive, trySend } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import type { Poller } from "../poller.ts";
import { MessageStream } from "./message_stream.ts";

export type Transport = "udp" | "tcp";

/** Gets each message that comes from the server, and undefined when none will come. */
export type Heard = (response: Bytes | undefined) => void;

/** For all queries: it is emptied before anything else can happen. */
const inbox = new Uint8Array(65_535);

/** Whom to ask what. */
export interface Ask {
  readonly transport: Transport;
  readonly poller: Poller;
  readonly server: SocketAddress;
  readonly message: Bytes;
}

/**
 * Sends the message to the server; it goes on listening until it is disposed of. `heard` is never called before this
 * returns.
 * @throws {SyscallError} ENETUNREACH, EMFILE
 */
export function ask(what: Ask, heard: Heard): Disposable {
  return what.transport === "udp" ? askByDatagram(what, heard) : askByStream(what, heard);
}

function askByDatagram({ poller, server, message }: Ask, heard: Heard): Disposable {
  using stack = new DisposableStack();
  const socket = stack.use(inetSocket(server.ip, "datagram"));
  beginConnect(socket, server);
  trySend(socket, message); // no room is as good as lost on the way
  stack.use(poller.watch(socket, { read: () => receive(socket, heard) }));
  return stack.move();
}

function receive(socket: Fd, heard: Heard): void {
  let size: number | undefined;
  try {
    size = tryReceive(socket, inbox)?.size;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return heard(undefined);
  }
  if (size !== undefined) heard(inbox.slice(0, size));
}

function askByStream({ poller, server, message }: Ask, heard: Heard): Disposable {
  using stack = new DisposableStack();
  const socket = stack.use(inetSocket(server.ip, "stream"));
  beginConnect(socket, server);
  const gone = () => heard(undefined);
  const stream = stack.use(new MessageStream(socket, poller, { message: heard, end: gone, broken: gone }));
  stream.queue(message);
  return stack.move();
}
