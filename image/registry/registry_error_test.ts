import assert from "node:assert/strict";
import { errorOfAnswer, PassingError, StatusError } from "./registry_error.ts";

const body = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });

for (
  const [name, answer, errorClass, message] of [
    [
      "404 with a code",
      new Response(body("MANIFEST_UNKNOWN", "manifest unknown"), { status: 404 }),
      "not_found",
      "manifest unknown: manifest unknown",
    ],
    [
      "401",
      new Response(body("UNAUTHORIZED", "authentication required"), { status: 401 }),
      "forbidden",
      "unauthorized: authentication required",
    ],
    [
      "401 without words",
      new Response("", { status: 401 }),
      "forbidden",
      "unauthorized: received unexpected HTTP status: 401",
    ],
    ["403", new Response(body("DENIED", "no"), { status: 403 }), "forbidden", "denied: no"],
    [
      "a body that is no JSON",
      new Response("<html>", { status: 400 }),
      "invalid",
      "received unexpected HTTP status: 400",
    ],
    ["words with control characters", new Response(body("X", "a\x1b[2Jb"), { status: 400 }), "invalid", "x: a [2Jb"],
  ] satisfies [string, Response, string, string][]
) {
  Deno.test(`errorOfAnswer() tells ${name}`, async () => {
    const error = await errorOfAnswer(answer, "Get x");
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.class, error.message], [errorClass, message]);
  });
}

for (
  const [status, headers, wait] of [
    [429, { "retry-after": "3" }, 3000],
    [429, { "retry-after": "99999" }, 60_000],
    [503, { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
    [500, {}, undefined],
    [408, { "retry-after": "soon" }, undefined],
  ] satisfies [number, Record<string, string>, number | undefined][]
) {
  Deno.test(`errorOfAnswer() says that ${status} passes ${JSON.stringify(headers)}`, async () => {
    const error = await errorOfAnswer(new Response("", { status, headers }), "Get x");
    assert.ok(error instanceof PassingError);
    assert.equal(error.retryAfter, wait);
  });
}
