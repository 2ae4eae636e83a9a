/** Starting a program (posix_spawn(3)). */
import { closeOthersOnExec } from "./close_on_exec.ts";
import { ERRNO } from "./errno.ts";
import { duplicate, Fd } from "./fd.ts";
import { cstring, libc } from "./libc.ts";
import { SyscallError } from "./syscall_error.ts";

/** An open descriptor of this process, and the number under which the program will have it. */
export interface PassedDescriptor {
  readonly fd: number;
  readonly target: number;
}

/** POSIX_SPAWN_ flags (spawn.h). */
export const POSIX_SPAWN = { SETSIGDEF: 0x04, SETSIGMASK: 0x08 } as const;

/**
 * Bytes of posix_spawn_file_actions_t and posix_spawnattr_t: glibc's have 80 and 336 on x86_64 and aarch64. Both are
 * opaque, and a larger one than this would be a new ABI.
 */
export const SPAWN_STRUCT_SIZE = 512;
export const SIGSET_SIZE = 128;

const EVERY_SIGNAL = new Uint8Array(SIGSET_SIZE).fill(0xff);

/**
 * Starts the program at `path` with exactly the `descriptors` given, and returns its pid; the caller has to reap it.
 * Nothing else is inherited but 0, 1 and 2 where they are no target: a descriptor that leaks into a container is a way
 * out of it (CVE-2024-21626). The program begins with all signals blocked, so that none reaches it before it is ready,
 * and with the default disposition for each, whatever this process ignores.
 *
 * Returns as soon as the program is certain to be exec'd. The kernel closes the descriptors that do not go with it only
 * then, so for some microseconds the child may still hold an end of a pipe.
 *
 * A memfd is run by `/proc/self/fd/N`, which the child looks up after the descriptors are in place: N must lie above
 * every target, or a target hides it.
 * @throws {SyscallError} `posix_spawn /no/such: ENOENT, no such file or directory`
 */
export function spawn(
  path: string,
  args: readonly string[],
  env: readonly string[],
  descriptors: readonly PassedDescriptor[],
): number {
  using undo = new DisposableStack();
  // A source below the highest target could be overwritten before it is copied, so it is lifted above all of them;
  // then no source equals a target either, a case in which dup2 would leave the close-on-exec flag on.
  const above = Math.max(2, ...descriptors.map(({ target }) => target)) + 1;
  const placed = descriptors.map(({ fd, target }) => ({
    fd: fd >= above ? fd : undo.use(duplicate(borrow(fd), above)).number,
    target,
  }));
  closeOthersOnExec(3);
  const actions = new Uint8Array(SPAWN_STRUCT_SIZE), attributes = new Uint8Array(SPAWN_STRUCT_SIZE);
  const c = libc();
  check("posix_spawn_file_actions_init", c.posix_spawn_file_actions_init(actions));
  undo.defer(() => c.posix_spawn_file_actions_destroy(actions));
  for (const { fd, target } of placed) {
    check("posix_spawn_file_actions_adddup2", c.posix_spawn_file_actions_adddup2(actions, fd, target));
  }
  check("posix_spawnattr_init", c.posix_spawnattr_init(attributes));
  undo.defer(() => c.posix_spawnattr_destroy(attributes));
  check(
    "posix_spawnattr_setflags",
    c.posix_spawnattr_setflags(attributes, POSIX_SPAWN.SETSIGDEF | POSIX_SPAWN.SETSIGMASK),
  );
  check("posix_spawnattr_setsigmask", c.posix_spawnattr_setsigmask(attributes, EVERY_SIGNAL));
  check("posix_spawnattr_setsigdefault", c.posix_spawnattr_setsigdefault(attributes, EVERY_SIGNAL));

  const program = cstring(path), argv = new StringArray(args), envp = new StringArray(env);
  const pid = new Int32Array(1);
  const pidBytes = new Uint8Array(pid.buffer);
  check(
    "posix_spawn",
    c.posix_spawn(pidBytes, program, actions, attributes, argv.pointers, envp.pointers),
    path,
  );
  argv.keep();
  envp.keep();
  return pid[0] ?? -1;
}

/** The functions of posix_spawn's family return the error number; errno means nothing after them. */
function check(call: string, errno: number, object?: string): void {
  if (errno !== 0) throw new SyscallError(call, errno, object === undefined ? {} : { object });
}

/** An Fd for one call, over a number that somebody else owns. */
function borrow(number: number): Fd {
  if (number < 0) throw new SyscallError("posix_spawn", ERRNO.EBADF, { object: `descriptor ${number}` });
  return new Fd(number);
}

/** A `char *[]` with the NULL at its end, and the strings that its pointers point into. */
class StringArray {
  readonly #strings: readonly Uint8Array<ArrayBuffer>[];
  readonly pointers: Uint8Array<ArrayBuffer>;

  constructor(strings: readonly string[]) {
    this.#strings = strings.map(cstring);
    const addresses = this.#strings.map((bytes) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
    this.pointers = new Uint8Array(new BigUint64Array([...addresses, 0n]).buffer);
  }

  /** Called after the call: until then the strings are reachable, and so not collected. */
  keep(): number {
    return this.#strings.length;
  }
}
