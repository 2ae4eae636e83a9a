/**
 * Every error that may leave the engine has a class from birth. The HTTP status (api/status.ts) and the exit code
 * (cli/exit_code.ts) are each derived from it in one table.
 */
export type ErrorClass =
  | "not_found"
  | "conflict"
  | "invalid"
  | "not_modified"
  | "forbidden"
  | "unavailable"
  | "unimplemented"
  | "internal";

/** An error with a class, a sentence for the user, and the cause it came from. */
export class EngineError extends Error {
  /** For whoever prints it, and for checks across realms. */
  override readonly name = "EngineError";
  /** What kind of failure it is, for programs; the message is for people. */
  readonly class: ErrorClass;

  /** The message is one sentence, Docker's where Docker has one; `options.cause` is what it came from. */
  constructor(errorClass: ErrorClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.class = errorClass;
  }
}

/** The object that the request names does not exist. */
export function notFound(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("not_found", message, options);
}

/** The request collides with the state of an object: a name in use, a container that runs. */
export function conflict(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("conflict", message, options);
}

/** The request itself is wrong; sent again unchanged it will fail again. */
export function invalid(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("invalid", message, options);
}

/** The object is already in the state that was asked for (HTTP 304). */
export function notModified(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("not_modified", message, options);
}

/** The request is understood and refused. */
export function forbidden(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("forbidden", message, options);
}

/** Something that the engine needs (disk, cgroup controller, registry) is not there now. */
export function unavailable(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("unavailable", message, options);
}

/** Docker has it, this engine does not (yet). */
export function unimplemented(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("unimplemented", message, options);
}

/** The engine or the kernel failed in a way that the caller cannot mend. */
export function internal(message: string, options?: ErrorOptions): EngineError {
  return new EngineError("internal", message, options);
}

/**
 * What failed, told as one sentence: the messages of an error and its causes, outermost first, joined by ": ".
 * A cause whose text the outer message already quotes is not repeated.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const cause = describeError(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

/** The class of any thrown value: its own, that of the nearest cause that has one, else `internal`. */
export function errorClass(error: unknown): ErrorClass {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof EngineError) return e.class;
  }
  return "internal";
}
