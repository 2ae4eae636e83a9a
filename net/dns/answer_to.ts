import type { Bytes } from "../../base/container_engine.ts";
import { HEADER_SIZE, isResponse, messageId, type Query, responseCode, u16 } from "./message.ts";
import { reply } from "./reply.ts";

/**
 * What a server has said to a query that was sent with `id`; undefined if it is not about that. A server that could not
 * even read the question (FORMERR, NOTIMP) need not repeat it; then only the code is believed.
 */
export function answerTo(query: Query, id: number, response: Bytes): Bytes | undefined {
  if (response.length < HEADER_SIZE || !isResponse(response) || messageId(response) !== id) return undefined;
  const [questions, answers] = [u16(response, 4), u16(response, 6)];
  if (questions === 0 && answers === 0 && responseCode(response) !== 0) return reply(query, responseCode(response));
  return questions === 1 && sameQuestion(query, response) ? response : undefined;
}

/** Servers may write the name in other letters. The sizes of labels are below 64, where no letters are. */
function sameQuestion({ bytes, end }: Query, response: Bytes): boolean {
  if (response.length < end) return false;
  for (let i = HEADER_SIZE; i < end; i++) {
    if (lowerCase(bytes[i] ?? 0) !== lowerCase(response[i] ?? 0)) return false;
  }
  return true;
}

function lowerCase(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}
