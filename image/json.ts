import * as v from "valibot";
import { invalid } from "../base/errors.ts";

/** No manifest or configuration is larger (CVE-2023-25153). */
export const MAXIMUM_JSON = 4 << 20;
const MAXIMUM_DEPTH = 64;

/**
 * Reads JSON that came with an image and holds it against its shape. `what` names it in the error.
 * @throws invalid when it is too large, nested too deeply, no JSON, or of another shape
 */
export function parseJson<S extends v.GenericSchema>(bytes: Uint8Array, schema: S, what: string): v.InferOutput<S> {
  if (bytes.length > MAXIMUM_JSON) throw invalid(`${what} has ${bytes.length} bytes, ${MAXIMUM_JSON} are allowed`);
  checkDepth(bytes, what);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(`${what} is no JSON`, { cause });
  }
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  throw invalid(`${what} is malformed: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
}

const QUOTE = 0x22, BACKSLASH = 0x5c, OPEN_ARRAY = 0x5b, CLOSE_ARRAY = 0x5d, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d;

/** Before the parser recurses into it. */
function checkDepth(bytes: Uint8Array, what: string): void {
  let [depth, inText] = [0, false];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (++depth > MAXIMUM_DEPTH) throw invalid(`${what} is nested more than ${MAXIMUM_DEPTH} deep`);
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
}
