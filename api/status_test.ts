import assert from "node:assert/strict";
import { conflict, internal, notFound } from "../base/errors.ts";
import { SyscallError } from "../sys/syscall_error.ts";
import { failure } from "./status.ts";

Deno.test("failure() gives the status of the class and the whole sentence", () => {
  assert.deepEqual(failure(notFound("No such container: x")), { status: 404, message: "No such container: x" });
  const cause = new SyscallError("mount", 16, { object: "proc on /proc" });
  assert.deepEqual(failure(conflict("cannot start", { cause })), {
    status: 409,
    message: "cannot start: mount proc on /proc: EBUSY, device or resource busy",
  });
});

Deno.test("failure() takes the class from the cause when the error itself has none", () => {
  assert.equal(failure(new Error("wrapped", { cause: notFound("No such image: x") })).status, 404);
});

Deno.test("failure() logs what the client cannot mend, and nothing else", () => {
  assert.equal(failure(internal("the disk is gone")).log, "the disk is gone");
  assert.equal(failure(new SyscallError("write", 28)).status, 500);
  assert.doesNotMatch(failure(new SyscallError("write", 28)).log ?? "", /bug/);
  assert.equal(failure(conflict("x")).log, undefined);
});

Deno.test("failure() calls an error without a class a bug and logs its stack", () => {
  const { status, log } = failure(new TypeError("x is undefined"));
  assert.equal(status, 500);
  assert.match(log ?? "", /^bug: an error without a class: TypeError: x is undefined\n +at /);
});
