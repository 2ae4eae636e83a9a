import { internal } from "../../base/errors.ts";
import type { ERRNO } from "../../sys/errno.ts";
import { type NetlinkFamily, NetlinkSocket } from "../../sys/netlink_socket.ts";
import { isErrno, type SyscallContext, SyscallError } from "../../sys/syscall_error.ts";
import { Attributes } from "./attribute.ts";
import { encodeRequests, type Message, messagesIn, NLM_F, NLMSG, type Request } from "./message.ts";

/** The kernel's refusal: verb, object and error, then its own words where it had any. */
export class NetlinkError extends SyscallError {
  constructor(verb: string, errno: number, context: SyscallContext, words?: string) {
    super(verb, errno, context);
    if (words) this.message += ` (${words})`;
  }
}

/** Called with each request just before it is sent. */
export type RequestObserver = (request: Request) => void;

type ErrnoName = keyof typeof ERRNO;

const NLMSGERR_ATTR_MSG = 1;

/** A list that changes all the time is read at most so often; the last reading is as good as any. */
const READINGS = 4;

/**
 * Requests to the kernel and what it answers, in one synchronous call each:
 *
 * ```
 *   ──▶ request 7 (ACK), request 8 (ACK)          one sendto
 *   ◀── answer to 7, ERROR 7 (0: done), ERROR 8 (-EEXIST)
 *
 *   ──▶ request 9 (DUMP)
 *   ◀── entry, entry, …, DONE 9                   several recvfrom
 * ```
 */
export class NetlinkExchange implements Disposable {
  readonly #socket: NetlinkSocket;
  readonly #observe: RequestObserver | undefined;
  #sequence = 0;

  private constructor(socket: NetlinkSocket, observe?: RequestObserver) {
    this.#socket = socket;
    this.#observe = observe;
  }

  static open(family: NetlinkFamily, observe?: RequestObserver): NetlinkExchange {
    return new NetlinkExchange(NetlinkSocket.open(family), observe);
  }

  /**
   * Sends all requests at once. The kernel does them in order, and goes on after one that it refuses.
   *
   * @returns `decode` of each answer but acknowledgements; its bytes are good within `decode` only
   * @throws {NetlinkError} the first refusal that is not one of `forgiven`, after all were tried
   */
  do<T>(requests: readonly Request[], decode: (message: Message) => T, ...forgiven: ErrnoName[]): T[] {
    requests.forEach((request) => this.#observe?.(request));
    const first = this.#sequence + 1;
    this.#sequence += requests.length;
    this.#socket.send(encodeRequests(requests, first));
    const answers: T[] = [];
    const refusals: (NetlinkError | undefined)[] = [];
    for (let waiting = requests.length; waiting > 0;) {
      for (const message of messagesIn(this.#socket.receive())) {
        const request = requests[message.sequence - first];
        // Left over from a request that ended in an error of the socket itself.
        if (request === undefined) continue;
        if (message.type === NLMSG.ERROR || message.type === NLMSG.DONE) {
          refusals[message.sequence - first] = refusalOf(request, message);
          waiting--;
        } else {
          answers.push(decode(message));
        }
      }
    }
    const refusal = refusals.find((error) => error !== undefined && !isErrno(error, ...forgiven));
    if (refusal) throw refusal;
    return answers;
  }

  /** Sends requests whose answers nobody wants, on another thread: for what takes the kernel long. */
  async doAside(requests: readonly Request[]): Promise<void> {
    requests.forEach((request) => this.#observe?.(request));
    await this.#socket.sendAside(encodeRequests(requests, this.#sequence + 1));
    this.#sequence += requests.length;
  }

  /** Reads a list; once more when it has changed meanwhile, because entries may be missing then. */
  list<T>(request: Request, decode: (message: Message) => T | undefined): T[] {
    for (let reading = 1;; reading++) {
      let changed = false;
      const entries = this.do([request], (message) => {
        changed ||= (message.flags & NLM_F.DUMP_INTR) !== 0;
        return decode(message);
      });
      if (!changed || reading === READINGS) return entries.filter((entry) => entry !== undefined);
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

/** Both kinds of end begin with an error number, negative; 0 is success. */
function refusalOf({ verb, object }: Request, { type, flags, payload }: Message): NetlinkError | undefined {
  if (payload.length < 4) throw internal(`netlink acknowledgement of ${payload.length} bytes to: ${verb} ${object}`);
  const errno = -new DataView(payload.buffer, payload.byteOffset).getInt32(0, true);
  if (errno <= 0) return undefined;
  // An error has the header of the request after its number, and with NETLINK_CAP_ACK nothing more of it.
  const attributes = payload.subarray(type === NLMSG.ERROR ? 4 + 16 : 4);
  const words = flags & NLM_F.ACK_TLVS ? new Attributes(attributes).text(NLMSGERR_ATTR_MSG) : undefined;
  return new NetlinkError(verb, errno, { object }, words);
}
