import type { AttachedStreams } from "../../base/container_engine.ts";
import type { ExecCreate } from "../../base/docker/exec.ts";
import { describeError, errorClass, invalid } from "../../base/errors.ts";
import { joinStreams } from "../attached.ts";
import { readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { hijack, streamType } from "../hijack.ts";
import { encodeFrame } from "../../base/frames.ts";
import { sendJson, sendNothing } from "../respond.ts";
import { execCreate, execStart } from "../schemas.ts";
import { parseShape } from "../shape.ts";
import { terminalSize } from "./containers.ts";

export async function create(exchange: Exchange): Promise<void> {
  const body = parseShape(execCreate, await readJson(exchange.request) ?? {}, "ExecOptions");
  if (!body.Cmd?.length) throw invalid("No exec command specified");
  const { ConsoleSize, ...config } = body;
  const sized = exchange.version >= 42 && ConsoleSize !== undefined ? { ...config, ConsoleSize } : config;
  sendJson(exchange, await exchange.engine.execs.create(exchange.name, sized as ExecCreate), 201);
}

/**
 * Like dockerd, says what is wrong with the request by a status, and why the command could not be started on the
 * stream: docker's CLI shows nothing of the answer to a failed upgrade, and asks for the exit code afterwards.
 */
export async function start(exchange: Exchange): Promise<void> {
  const { engine, name, request, version } = exchange;
  const body = parseShape(execStart, await readJson(request) ?? {}, "ExecStartOptions");
  const { OpenStdin } = await engine.execs.inspect(name);
  const [rows, columns] = body.ConsoleSize ?? [0, 0];
  let streams: AttachedStreams | undefined;
  try {
    streams = await engine.execs.start(name, {
      detach: body.Detach ?? false,
      tty: body.Tty ?? false,
      ...(version >= 42 && body.Tty && rows > 0 && columns > 0 && { consoleSize: { rows, columns } }),
    });
  } catch (error) {
    if (body.Detach || errorClass(error) === "conflict") throw error;
    return sendFailure(exchange, error, body.Tty ?? false);
  }
  if (streams === undefined) return sendNothing(exchange, 200);
  const socket = hijack(exchange, streamType(exchange, streams.tty));
  await joinStreams(socket, streams, { stdin: OpenStdin, signal: exchange.signal });
}

function sendFailure(exchange: Exchange, error: unknown, tty: boolean): void {
  const socket = hijack(exchange, streamType(exchange, tty));
  const data = new TextEncoder().encode(`${describeError(error)}\r\n`);
  socket.resume();
  socket.end(tty ? data : encodeFrame({ stream: "stdout", data }));
}

export async function resize(exchange: Exchange): Promise<void> {
  await exchange.engine.execs.resize(exchange.name, terminalSize(exchange.query));
  sendNothing(exchange, 200);
}

export async function inspect(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.execs.inspect(exchange.name));
}

/** Ours: what a start would replay (`exec --explain`). */
export async function tape(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.execs.explain(exchange.name));
}
