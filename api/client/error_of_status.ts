import { EngineError, type ErrorClass } from "../../base/errors.ts";

/** The class behind a status that the engine derived from it (api/status.ts has the other direction). */
const classes: Readonly<Record<number, ErrorClass>> = {
  304: "not_modified",
  400: "invalid",
  401: "forbidden",
  403: "forbidden",
  404: "not_found",
  405: "invalid",
  406: "invalid",
  409: "conflict",
  501: "unimplemented",
  503: "unavailable",
};

/** An error that the engine has answered with, as opposed to one on the way to it. */
export class ResponseError extends EngineError {}

/** The engine's error as it was there: class by status, message from the body `{"message": "…"}`. */
export function errorOfStatus(status: number, reason: string, body: string): ResponseError {
  const errorClass = classes[status] ?? (status < 500 ? "invalid" : "internal");
  return new ResponseError(errorClass, messageOf(body) || reason || `HTTP status ${status}`);
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) return String(parsed.message);
  } catch (_) {
    // not the engine's JSON: the text itself is all that there is to say
  }
  return body.trim();
}
