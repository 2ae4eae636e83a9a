import assert from "node:assert/strict";
import { Router } from "./router.ts";
import { type Route, ROUTES } from "./routes.ts";

const router = new Router(ROUTES);
const routeOf = (method: string, path: string) => {
  const { handler, name } = router.find(method, path);
  const fits = ([itsMethod, pattern, , itsHandler]: Route) =>
    itsHandler === handler && itsMethod === method && (pattern.includes("{") || pattern === path);
  return [ROUTES.find(fits)?.[1], name];
};

Deno.test("find() gives the route and the name in it", () => {
  const rows: [string, string, string, string][] = [
    ["GET", "/containers/json", "/containers/json", ""],
    ["GET", "/containers/abc/json", "/containers/{name}/json", "abc"],
    ["POST", "/containers/create", "/containers/create", ""],
    ["DELETE", "/containers/abc", "/containers/{name}", "abc"],
    ["GET", "/images/json", "/images/json", ""],
    ["GET", "/images/json/json", "/images/{name...}/json", "json"],
    ["GET", "/images/host:5000/a/b:c/json", "/images/{name...}/json", "host:5000/a/b:c"],
    ["DELETE", "/images/a/b", "/images/{name...}", "a/b"],
    ["GET", "/images/a%2Fb@sha256:00/json", "/images/{name...}/json", "a/b@sha256:00"],
    ["GET", "/networks", "/networks", ""],
    ["GET", "/networks/", "/networks/", ""],
    ["GET", "/networks/prune", "/networks/{name}", "prune"],
    ["POST", "/networks/prune", "/networks/prune", ""],
    ["POST", "/networks/my-net/connect", "/networks/{name}/connect", "my-net"],
    ["DELETE", "/networks/my-net", "/networks/{name}", "my-net"],
    ["POST", "/exec/e1/start", "/exec/{name}/start", "e1"],
  ];
  for (const [method, path, pattern, name] of rows) assert.deepEqual(routeOf(method, path), [pattern, name], path);
});

Deno.test("find() says page not found for an unknown path and for a wrong method", () => {
  for (const [method, path] of [["GET", "/"], ["GET", "/containers"], ["PUT", "/containers/json"], ["HEAD", "/info"]]) {
    assert.throws(() => router.find(method ?? "", path ?? ""), { class: "not_found", message: "page not found" }, path);
  }
});

Deno.test("find() refuses a broken escape", () => {
  assert.throws(() => router.find("GET", "/containers/%zz/json"), { class: "invalid" });
});

Deno.test("no two routes have the same method and path", () => {
  const keys = ROUTES.map(([method, path]) => `${method} ${path}`);
  assert.deepEqual(keys, [...new Set(keys)]);
});
