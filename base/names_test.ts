import assert from "node:assert/strict";
import { checkName, isName, randomId, randomName, shortId } from "./names.ts";

Deno.test("a random name is an adjective and a surname, and from the second try on a digit", () => {
  for (let i = 0; i < 100; i++) {
    assert.match(randomName(), /^[a-z]+_[a-z]+$/);
    assert.match(randomName(1), /^[a-z]+_[a-z]+\d$/);
    assert.ok(isName(randomName()));
  }
});

Deno.test("names are many: two hundred of them have few doubles", () => {
  const names = new Set(Array.from({ length: 200 }, () => randomName()));
  assert.ok(names.size > 180, `${names.size} different names`);
});

for (const name of ["ab", "a_b.c-d", "0x", "A1"]) {
  Deno.test(`${name} is a name`, () => assert.equal(checkName(`/${name}`), name));
}

for (const name of ["", "a", "_ab", "-ab", "a b", "a/b", "ä1", "ab\n"]) {
  Deno.test(`${JSON.stringify(name)} is refused as a name with docker's sentence`, () =>
    assert.throws(() => checkName(name), {
      message: `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      class: "invalid",
    }));
}

Deno.test("a random id has 64 hexadecimal digits, and its short form is never a number", () => {
  for (let i = 0; i < 2000; i++) {
    const id = randomId();
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.match(shortId(id), /[a-f]/);
  }
});

Deno.test("the short form of an id leaves out the name of the digest", () => {
  assert.equal(shortId("sha256:0123456789abcdef"), "0123456789ab");
  assert.equal(shortId("<missing>"), "<missing>");
});
