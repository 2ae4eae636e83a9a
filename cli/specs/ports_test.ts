import assert from "node:assert/strict";
import { parsePorts } from "./ports.ts";

/** What one `-p` asks for: `ip hostPort container`, one for each port. */
function published(spec: string): string[] {
  return Object.entries(parsePorts([spec], []).bindings).flatMap(([port, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => `${HostIp || "*"} ${HostPort || "?"} ${port}`)
  );
}

const forms: readonly [spec: string, ...expected: string[]][] = [
  ["5200:5200", "* 5200 5200/tcp"],
  ["80", "* ? 80/tcp"],
  ["127.0.0.1:8090:80", "127.0.0.1 8090 80/tcp"],
  ["127.0.0.1::80", "127.0.0.1 ? 80/tcp"],
  ["127.0.0.1:8090:", "127.0.0.1 8090 8090/tcp"],
  ["127.0.0.1:8090:/udp", "127.0.0.1 8090 8090/udp"],
  ["127.0.0.1:80-81:", "127.0.0.1 80 80/tcp", "127.0.0.1 81 81/tcp"],
  ["[::1]:8090:80", "::1 8090 80/tcp"],
  ["[::1]::80", "::1 ? 80/tcp"],
  ["[::1]:8090:", "::1 8090 8090/tcp"],
  ["::1:8090:80", "::1 8090 80/tcp"],
  ["8000-8002:80", "* 8000-8002 80/tcp"],
  ["8000-8001:80-81/udp", "* 8000 80/udp", "* 8001 81/udp"],
  ["80-81", "* ? 80/tcp", "* ? 81/tcp"],
  ["53:53/UDP", "* 53 53/udp"],
  ["80/", "* ? 80/tcp"],
  ["080:080", "* 80 80/tcp"],
  ["target=80,published=8080,protocol=udp,mode=host", "* 8080 80/udp"],
  ["target=80", "* ? 80/tcp"],
];

for (const [spec, ...expected] of forms) {
  Deno.test(`-p ${spec} is understood`, () => assert.deepEqual(published(spec), expected));
}

const refused: readonly [spec: string, message: string][] = [
  ["", "no port specified: <empty>"],
  ["80:", "no port specified: 80:<empty>"],
  ["127.0.0.1::", "no port specified: 127.0.0.1::<empty>"],
  ["80/foo", "invalid proto: foo"],
  ["8000-8001:80-82", "invalid ranges specified for container and host Ports: 80-82 and 8000-8001"],
  ["localhost:80:80", "invalid IP address: localhost"],
  ["80:99999", "invalid containerPort: 99999"],
  ["x:80", "invalid hostPort: x"],
  ["8010-8000:80", "invalid hostPort: 8010-8000"],
  ["published=80", "no port specified: 80:/tcp<empty>"],
  ["target=80,target", "invalid publish opts format (should be name=value but got 'target')"],
];

for (const [spec, message] of refused) {
  Deno.test(`-p ${spec} is refused in docker's words`, () => {
    assert.throws(() => parsePorts([spec], []), { class: "invalid", message });
  });
}

Deno.test("several -p of one port are bound all", () => {
  const { bindings, exposed } = parsePorts(["80:80", "81:80", "80:80/udp"], ["80", "9000-9001/udp"]);
  assert.deepEqual(bindings["80/tcp"]?.map(({ HostPort }) => HostPort), ["80", "81"]);
  assert.deepEqual(Object.keys(exposed), ["80/tcp", "80/udp", "9000/udp", "9001/udp"]);
});

Deno.test("--expose without a number is refused in docker's words", () => {
  assert.throws(() => parsePorts([], [""]), {
    message: "invalid range format for --expose: , error: empty string specified for ports",
  });
});
