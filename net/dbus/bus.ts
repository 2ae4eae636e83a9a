/** A connection to the system's message bus (D-Bus): method calls, one after the other. */
import type { Bytes } from "../../base/container_engine.ts";
import { internal, unavailable } from "../../base/errors.ts";
import { fileExists } from "../../base/file_exists.ts";
import { decodeReply, encodeCall, messageLength, type MethodCall, type Reply } from "./message.ts";

/** The socket of the system bus; undefined where there is none. */
export function systemBus(): string | undefined {
  const [, path = "/run/dbus/system_bus_socket"] =
    /(?:^|;)unix:path=([^,;]+)/.exec(Deno.env.get("DBUS_SYSTEM_BUS_ADDRESS") ?? "") ?? [];
  return fileExists(path) ? path : undefined;
}

/** An error that the other side has answered with. */
export class DBusError extends Error {
  /** `org.freedesktop.DBus.Error.ServiceUnknown` */
  readonly error: string;

  constructor(call: MethodCall, error: string, text: string) {
    super(`D-Bus: ${call.interface}.${call.member}(${call.args.join(", ")}): ${text || error}`);
    this.name = "DBusError";
    this.error = error;
  }
}

const LONGEST_WAIT = 10_000;

export class Bus implements Disposable {
  readonly #connection: Deno.UnixConn;
  #received: Bytes = new Uint8Array();
  #serial = 0;

  private constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  /** Connects as who we are (EXTERNAL: the socket tells the bus our uid), and says hello, which must come first. */
  static async connect(path: string): Promise<Bus> {
    using undo = new DisposableStack();
    const bus = undo.use(new Bus(await Deno.connect({ transport: "unix", path })));
    const uid = new TextEncoder().encode(String(Deno.uid())).toHex();
    await bus.#write(new TextEncoder().encode(`\0AUTH EXTERNAL ${uid}\r\n`));
    const answer = await bus.#line();
    if (!answer.startsWith("OK ")) throw unavailable(`D-Bus: ${path} refuses us: ${answer}`);
    await bus.#write(new TextEncoder().encode("BEGIN\r\n"));
    const name = "org.freedesktop.DBus";
    await bus.call({ destination: name, path: "/org/freedesktop/DBus", interface: name, member: "Hello", args: [] });
    undo.move();
    return bus;
  }

  /**
   * Calls a method; gives the first string of its answer. Ten seconds are the longest that it waits.
   * @throws DBusError when the other side answers with one, or nobody has that name
   */
  async call(call: MethodCall): Promise<string | undefined> {
    const serial = ++this.#serial;
    const timer = setTimeout(() => this[Symbol.dispose](), LONGEST_WAIT);
    try {
      await this.#write(encodeCall(call, serial));
      for (;;) {
        const reply = await this.#reply();
        if (reply.serial !== serial) continue; // a signal, that we have a name now
        if (reply.error !== undefined) throw new DBusError(call, reply.error, reply.text ?? "");
        return reply.text;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it is closed already
    }
  }

  async #reply(): Promise<Reply> {
    for (;;) {
      const length = messageLength(this.#received);
      if (length !== undefined && this.#received.length >= length) return decodeReply(this.#take(length));
      await this.#receive();
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf(10); // \n
      if (end >= 0) return new TextDecoder().decode(this.#take(end + 1)).trimEnd();
      await this.#receive();
    }
  }

  #take(length: number): Bytes {
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }

  async #receive(): Promise<void> {
    const chunk = new Uint8Array(4096);
    const size = await this.#connection.read(chunk);
    if (size === null) throw internal("D-Bus: the bus has closed the connection");
    this.#received = new Uint8Array([...this.#received, ...chunk.subarray(0, size)]);
  }

  async #write(data: Bytes): Promise<void> {
    for (let written = 0; written < data.length;) written += await this.#connection.write(data.subarray(written));
  }
}
