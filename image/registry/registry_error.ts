/** What goes wrong between us and a registry. */
import { EngineError, forbidden, invalid, notFound, unavailable } from "../../base/errors.ts";

/** A failure that may not happen again: the connection broke, the registry is busy. */
export class PassingError extends EngineError {
  /** Milliseconds that the registry asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfter?: number | undefined } = {}) {
    super("unavailable", message, options);
    this.retryAfter = options.retryAfter;
  }
}

/** An answer of a registry that is no success. */
export class StatusError extends EngineError {
  readonly status: number;

  constructor(error: EngineError, status: number) {
    super(error.class, error.message);
    this.status = status;
  }
}

const LONGEST_BODY = 16 << 10;
const LONGEST_WAIT = 60_000;

/** The error that an answer stands for; its body is read. Docker shows the code's words, then the registry's. */
export async function errorOfAnswer(response: Response, what: string): Promise<EngineError> {
  const { status } = response;
  const said = sentences(await shortText(response));
  if (status === 429 || status === 408 || status >= 500) {
    const message = said || `received unexpected HTTP status: ${status} ${response.statusText}`.trimEnd();
    return new PassingError(`${what}: ${message}`, { retryAfter: retryAfter(response) });
  }
  return new StatusError(classed(status, said || `received unexpected HTTP status: ${status}`), status);
}

function classed(status: number, message: string): EngineError {
  if (status === 401) return forbidden(message.startsWith("unauthorized") ? message : `unauthorized: ${message}`);
  if (status === 403) return forbidden(message);
  if (status === 404) return notFound(message);
  return status >= 400 && status < 500 ? invalid(message) : unavailable(message);
}

/** `errors` of the distribution specification, or `details`/`message` of token servers. */
function sentences(text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return "";
  }
  if (typeof body !== "object" || body === null) return "";
  const { errors, details, message } = body as Record<string, unknown>;
  if (!Array.isArray(errors)) return clean(typeof details === "string" ? details : message);
  const told = errors.slice(0, 4).map((one: unknown) => {
    const { code, message } = (one ?? {}) as Record<string, unknown>;
    const words = clean(code).toLowerCase().replaceAll("_", " ");
    const sentence = clean(message);
    return [words, sentence].filter((part) => part !== "").join(": ");
  });
  return told.filter((one) => one !== "").join("; ");
}

/** A registry's words go to a terminal: no control characters, no novel. */
function clean(text: unknown): string {
  // deno-lint-ignore no-control-regex
  return typeof text === "string" ? text.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, 500) : "";
}

async function shortText(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true });
      if (text.length > LONGEST_BODY) break;
    }
  } catch {
    // What came is said; the status is what counts.
  }
  return text;
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const text = response.headers.get("retry-after");
  if (text === null) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT) : undefined;
}
