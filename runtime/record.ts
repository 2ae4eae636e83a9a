import { decodeWaitStatus, type WaitStatus } from "../sys/process.ts";
import { RECORD } from "./keeper_layout.ts";

/** What a keeper has written down about its process; nothing is there before the process is. */
export interface KeeperRecord {
  readonly pid?: number;
  readonly end?: {
    readonly status: WaitStatus;
    /** As Docker counts: the code, or 128 + the number of the signal. */
    readonly exitCode: number;
    /** Nanoseconds since 1970. */
    readonly finishedAt: bigint;
  };
}

/**
 * Reads the record file at `path`. A file that is missing, empty or cut short (the keeper, the engine or the machine died
 * in between) is a record that says less; that is for the reader to judge, and no error.
 */
export function readRecord(path: string): KeeperRecord {
  try {
    return parseRecord(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Removes the record file at `path`, if it is there. */
export function removeRecord(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The record in the bytes of its file, see runtime/keeper_layout.ts. */
export function parseRecord(bytes: Uint8Array<ArrayBuffer>): KeeperRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < RECORD.running) return {};
  const pid = view.getBigUint64(RECORD.pid, true);
  if (pid === 0n || pid > MAX_PID) return {};
  if (bytes.length < RECORD.ended) return { pid: Number(pid) };
  const status = view.getBigUint64(RECORD.status, true);
  const seconds = view.getBigInt64(RECORD.seconds, true), nanoseconds = view.getBigInt64(RECORD.nanoseconds, true);
  if (status > 0xffffn || (status & 0x7fn) === 0x7fn || nanoseconds < 0n || nanoseconds >= SECOND || seconds <= 0n) {
    return { pid: Number(pid) }; // no status of a process that has ended: better none than a wrong one
  }
  const decoded = decodeWaitStatus(Number(status));
  return {
    pid: Number(pid),
    end: {
      status: decoded,
      exitCode: "code" in decoded ? decoded.code : 128 + decoded.signal,
      finishedAt: seconds * SECOND + nanoseconds,
    },
  };
}

const SECOND = 1_000_000_000n;
/** PID_MAX_LIMIT of a 64-bit kernel. */
const MAX_PID = 4n << 20n;
