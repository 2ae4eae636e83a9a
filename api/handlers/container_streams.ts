import type { LogOptions } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { joinStreams } from "../attached.ts";
import { skipBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { hijack, streamType } from "../hijack.ts";
import { writeLog } from "../log_lines.ts";
import { settledSoon } from "../respond.ts";

/** Attached first, answered then: a client that sees the answer and starts the container misses nothing. */
export async function attach(exchange: Exchange): Promise<void> {
  const { engine, name, query, request, signal } = exchange;
  await skipBody(request);
  const stdin = query.bool("stdin"), detachKeys = query.text("detachKeys");
  const streams = await engine.containers.attach(name, {
    stdin,
    stdout: query.bool("stdout"),
    stderr: query.bool("stderr"),
    logs: query.bool("logs"),
    stream: query.bool("stream"),
    ...(detachKeys !== undefined && { detachKeys }),
  });
  const socket = hijack(exchange, streamType(exchange, streams.tty));
  await joinStreams(socket, streams, { stdin: stdin && query.bool("stream"), signal });
}

export async function logs(exchange: Exchange): Promise<void> {
  const { engine, name, response } = exchange;
  const options = logOptions(exchange);
  const { tty, frames } = await engine.containers.logs(name, options);
  response.setHeader("Content-Type", streamType(exchange, tty));
  const iterator = frames[Symbol.asyncIterator]();
  const first = iterator.next();
  if (options.follow) {
    await settledSoon(first);
    response.flushHeaders();
  }
  await writeLog(exchange, iterator, first, !tty);
}

function logOptions({ query, signal }: Exchange): LogOptions {
  const stdout = query.bool("stdout"), stderr = query.bool("stderr");
  if (!stdout && !stderr) throw invalid("Bad parameters: you must choose at least one stream");
  // As dockerd: 0 means here, and not of events, that it is not asked for.
  const since = query.time("since") || undefined, until = query.time("until") || undefined;
  // As dockerd: `all`, nothing and what is no number all mean everything.
  const tail = /^\d{1,15}$/.test(query.text("tail") ?? "") ? query.int("tail") : undefined;
  return {
    stdout,
    stderr,
    follow: query.bool("follow"),
    timestamps: query.bool("timestamps"),
    details: query.bool("details"),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(tail !== undefined && { tail }),
    signal,
  };
}
