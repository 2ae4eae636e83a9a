import assert from "node:assert/strict";
import { decodeWaitStatus } from "./process.ts";

const statuses = [
  { name: "a code", status: 0x2a00, means: { code: 42 } },
  { name: "success", status: 0, means: { code: 0 } },
  { name: "SIGKILL", status: 9, means: { signal: 9 } },
  { name: "SIGSEGV with a core dump", status: 0x80 | 11, means: { signal: 11 } },
];
for (const { name, status, means } of statuses) {
  Deno.test(`decodeWaitStatus() reads ${name}`, () => assert.deepEqual(decodeWaitStatus(status), means));
}
