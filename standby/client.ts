/**
 * The small program that a command starts as where somebody may stand by for it (stand_by.ts draws the talk): a tape as a
 * file. It hands itself over to the process that stands by, passes on the signals that it gets, and ends as that one
 * tells it. Where nobody stands by, or that one will not have it, it becomes Deno with the words that follow its name.
 */
import { SIGNALS } from "../base/signals.ts";
import { O } from "../sys/open.ts";
import { packUnixAddress } from "../sys/unix_socket.ts";
import { packSignalSet, SIG_SETMASK } from "../sys/process_flags.ts";
import {
  addressOf,
  type Argument,
  bytes,
  LATER,
  named,
  OWN_ARGUMENTS,
  OWN_ENVIRONMENT,
  result,
  Room,
  Slot,
} from "../runtime/tape/argument.ts";
import * as call from "../runtime/tape/call.ts";
import { NEXT, Place, Tape } from "../runtime/tape/tape.ts";
import type { MachineArch } from "../runtime/seccomp/abi.ts";

/** A number that is hardly anybody's: what the caller has open stays open for Deno. */
const CONNECTION = 1000;
const ASYNC = 0o20000;

/** What a command may catch: the client passes it on. The others do to the client what they do. */
export const PASSED_ON: readonly number[] = numbers(
  "HUP",
  "INT",
  "QUIT",
  "USR1",
  "USR2",
  "ALRM",
  "TERM",
  "CONT",
  "WINCH",
);
const WAITED_FOR = signalSet([...PASSED_ON, ...numbers("IO")]);
/** SIGIO says that something has arrived, SIGPIPE that the other end is closed: neither may end us. */
const NEVER = signalSet(numbers("IO", "PIPE"));
const BLOCKED = signalSet([...PASSED_ON, ...numbers("IO", "PIPE")]);

/** Exit code where the process that took the command over has died: it must have been killed. */
const KILLED = 128 + 9;

function numbers(...names: readonly string[]): number[] {
  return names.map((name) => SIGNALS[name] ?? 0);
}

function signalSet(signals: readonly number[]): Argument {
  return bytes(packSignalSet(signals), `[${signals.join(" ")}]`);
}

/** @param socket where somebody may stand by: an absolute path of at most 107 bytes */
export function clientTape(arch: MachineArch, socket: string, deno: string): Tape {
  const tape = new Tape(arch);
  const alone = new Place("nobody stands by");
  handOver(tape, socket, alone);
  waitForTheEnd(tape);
  tape.place(alone);
  tape.add("become Deno", call.execve(deno, OWN_ARGUMENTS, OWN_ENVIRONMENT), "the command starts for itself", {
    onError: NEXT,
  });
  tape.add("leave", call.exitGroup(126), "there is no Deno there, or it cannot be executed");
  return tape;
}

/** Milliseconds after which a standby that does not answer is done without: it runs another command, or hangs. */
const PATIENCE = 150;

function handOver(tape: Tape, socket: string, alone: Place): void {
  for (const stream of [0, 1, 2]) {
    tape.add(`see that descriptor ${stream} is open`, call.isOpen(stream), "else the socket would take its number", {
      onError: alone,
    });
  }
  const made = tape.add(
    "make a socket",
    call.socket(named(1, "AF_UNIX"), named(1 | O.CLOEXEC, "SOCK_STREAM|SOCK_CLOEXEC"), 0),
    "closed when we become Deno: whoever stands by then sees that we are gone",
    { onError: alone },
  );
  tape.add(
    "give it its number",
    call.dup3(result(made), CONNECTION, { closeOnExec: true }),
    "a result can be used once on a tape, and the number that the kernel gives depends on what is open already",
    { onError: alone },
  );
  tape.add("limit the wait", call.receiveTimeout(CONNECTION, PATIENCE), "then the command starts for itself", {
    onError: alone,
  });
  const address = packUnixAddress(socket);
  tape.add(
    "connect to whoever stands by",
    call.connect(CONNECTION, bytes(address, `{AF_UNIX, ${JSON.stringify(socket)}}`), address.length),
    "",
    { onError: alone },
  );
  tape.add(
    "wait for its offer",
    call.read(CONNECTION, new Room("offer", 8).at(0), 1),
    "it looks at who we are, takes our descriptors, and says so with one byte, or closes the connection",
    { onError: alone, onZero: alone },
  );
  tape.add(
    "take the offer",
    call.write(CONNECTION, bytes(new Uint8Array(8), '"\\0"'), 1),
    "only now the command runs there: whoever has given up waiting runs it alone, and nobody twice",
    { onError: alone },
  );
}

function waitForTheEnd(tape: Tape): void {
  const look = new Place("look"), again = new Place("again"), exit = new Place("exit");
  const wait = new Place("wait"), end = new Place("end");
  const signal = new Slot(1), code = new Slot(0);
  const received = new Room("signal", 8);
  tape.add("block signals", call.rtSigprocmask(named(0, "SIG_BLOCK"), BLOCKED), "from here on we pass them on", {
    onError: NEXT,
  });
  const pid = tape.add("get our pid", call.getpid(), "for the next step");
  tape.add(
    "ask for SIGIO",
    call.setOwner(CONNECTION, result(pid)),
    "so that one call waits for signals and for the connection",
    { onError: NEXT },
  );
  tape.add("switch it on", call.setFileFlags(CONNECTION, O.RDWR | ASYNC), "", { onError: NEXT });
  tape.place(look);
  tape.add("take the signal to end by", call.receiveNow(CONNECTION, addressOf(signal), 8), "0 stands for none", {
    onError: again,
    onZero: end,
  });
  tape.place(exit);
  tape.add("take the exit code", call.receiveNow(CONNECTION, addressOf(code), 8), "both came in one write", {
    onError: NEXT,
  });
  tape.add("look again", call.schedYield(), "gives 0 and so goes back: there may be more, or the end", {
    onZero: look,
  });
  tape.place(end);
  tape.add(
    "unblock signals",
    call.rtSigprocmask(named(SIG_SETMASK, "SIG_SETMASK"), NEVER),
    "for the next step; SIGIO waits already",
    { onError: NEXT },
  );
  const self = tape.add("get our pid", call.getpid(), "for the next step");
  tape.add(
    "end by the signal",
    { name: "kill", args: [result(self), LATER] },
    "a shell must see that Ctrl-C has ended the command; signal 0 does nothing",
    { slots: [signal], onError: NEXT },
  );
  tape.add(
    "end with the exit code",
    { name: "exit_group", args: [named(KILLED, "128+SIGKILL")] },
    "what stands here holds where nothing else was said before the connection ended",
    { slots: [code] },
  );
  tape.place(again);
  tape.add(
    "take it again",
    call.receiveNow(CONNECTION, addressOf(signal), 8),
    "an error may have been that the other one died with a signal of ours unread (ECONNRESET), which is told once",
    { onError: wait, onZero: end },
  );
  tape.add("take the exit code", call.schedYield(), "there it stands", { onZero: exit });
  tape.place(wait);
  tape.add("wait for a signal", call.rtSigtimedwait(WAITED_FOR), "SIGIO: something has arrived", {
    save: { room: received, offset: 0 },
    onError: NEXT,
  });
  tape.add("pass it on", call.write(CONNECTION, received.at(0), 8), "", { onError: NEXT });
  tape.add("look again", call.schedYield(), "", { onZero: look });
}
