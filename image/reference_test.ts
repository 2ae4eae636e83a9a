import assert from "node:assert/strict";
import { canonical, familiar, parseReference, withDefaultTag } from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const good = [
  { text: "busybox", canonical: "docker.io/library/busybox:latest", familiar: "busybox:latest" },
  { text: "busybox:1.36", canonical: "docker.io/library/busybox:1.36", familiar: "busybox:1.36" },
  { text: "docker.io/busybox", canonical: "docker.io/library/busybox:latest", familiar: "busybox:latest" },
  { text: "index.docker.io/library/a", canonical: "docker.io/library/a:latest", familiar: "a:latest" },
  { text: "user/app", canonical: "docker.io/user/app:latest", familiar: "user/app:latest" },
  { text: "localhost/app", canonical: "localhost/app:latest", familiar: "localhost/app:latest" },
  { text: "localhost:5000/app:v1", canonical: "localhost:5000/app:v1", familiar: "localhost:5000/app:v1" },
  {
    text: "[2001:db8::1]:5000/app",
    canonical: "[2001:db8::1]:5000/app:latest",
    familiar: "[2001:db8::1]:5000/app:latest",
  },
  { text: "Upper/app", canonical: "Upper/app:latest", familiar: "Upper/app:latest" },
  { text: `gcr.io/a/b/c@${digest}`, canonical: `gcr.io/a/b/c@${digest}`, familiar: `gcr.io/a/b/c@${digest}` },
  { text: `a:t@${digest}`, canonical: `docker.io/library/a:t@${digest}`, familiar: `a:t@${digest}` },
  { text: "a__b-c--d.e", canonical: "docker.io/library/a__b-c--d.e:latest", familiar: "a__b-c--d.e:latest" },
];
for (const row of good) {
  Deno.test(`parseReference() reads ${row.text}`, () => {
    const reference = withDefaultTag(parseReference(row.text));
    assert.equal(canonical(reference), row.canonical);
    assert.equal(familiar(reference), row.familiar);
    assert.deepEqual(parseReference(canonical(reference)), reference);
    assert.deepEqual(parseReference(familiar(reference)), reference);
  });
}

const bad = [
  { text: "", message: "invalid reference format" },
  { text: "busybox:", message: "invalid reference format" },
  { text: ":tag", message: "invalid reference format" },
  { text: "a//b", message: "invalid reference format" },
  { text: "a/../b", message: "invalid reference format" },
  { text: "../etc/passwd", message: "invalid reference format" },
  { text: "a_-b", message: "invalid reference format" },
  { text: "a___b", message: "invalid reference format" },
  { text: "a b", message: "invalid reference format" },
  { text: "a\n", message: "invalid reference format" },
  { text: "a:-x", message: "invalid reference format" },
  { text: `a:${"x".repeat(129)}`, message: "invalid reference format" },
  { text: "a@sha256", message: "invalid reference format" },
  { text: `a@sha256:${"0".repeat(63)}`, message: "invalid checksum digest length" },
  { text: "Busybox", message: "invalid reference format: repository name (library/Busybox) must be lowercase" },
  { text: "a".repeat(250), message: "repository name must not be more than 255 characters" },
  {
    text: "a".repeat(64),
    message: `invalid repository name (${"a".repeat(64)}), cannot specify 64-byte hexadecimal strings`,
  },
];
for (const { text, message } of bad) {
  Deno.test(`parseReference() refuses ${JSON.stringify(text.slice(0, 40))}: ${message.slice(0, 50)}`, () => {
    assert.throws(() => parseReference(text), { class: "invalid", message });
  });
}
