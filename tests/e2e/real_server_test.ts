/** Real programs over our networks: Debian's apache2 for a real browser, and iperf3 between containers and from the host. */
import assert from "node:assert/strict";
import { fileExists } from "../../base/file_exists.ts";
import { output, run } from "../support/command.ts";
import { debianServers } from "../support/debian_image.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const made = fileExists(debianServers);
const sandbox = new SharedSandbox({
  unless: made ? undefined : `needs ${debianServers}, which \`deno task test\` makes`,
});
const test = sandbox.test.bind(sandbox);

const image = "debian-servers";
let imported: Promise<string> | undefined;

/** Imports the image when the first test asks for it. */
function servers(box: Sandbox): Promise<string> {
  const config = ["EXPOSE 80", 'CMD ["apache2ctl", "-D", "FOREGROUND"]'].flatMap((line) => ["-c", line]);
  return imported ??= box.ok("import", ...config, debianServers, image);
}

/** Built by script of what the server delivers, so that only a browser shows it. */
const page = `<!doctype html>
<title>Sauropod</title>
<h1>waiting</h1>
<script>
  fetch("names.json").then((answer) => answer.json()).then((names) => {
    document.querySelector("h1").textContent = names.join(" and ");
  });
</script>
`;

/** What a browser shows of a page once its scripts have run, as HTML. */
async function browse(url: string): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "sauropod-browser-" });
  try {
    const options = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      `--user-data-dir=${home}`,
    ];
    const command = ["chromium-headless-shell", ...options, "--virtual-time-budget=5000", "--dump-dom", url];
    return await run(command, { env: { HOME: home }, timeout: 60_000 });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Puts text into a file of a container. */
async function bring(box: Sandbox, container: string, path: string, text: string): Promise<void> {
  const { code, stderr } = await box.sauropod(["exec", "-i", container, "sh", "-c", `cat > ${path}`], { stdin: text });
  assert.equal(code, 0, stderr);
}

/** Whether a server of HTTP answers there. */
async function answers(host: string): Promise<boolean> {
  try {
    await (await fetch(`http://${host}/`, { signal: AbortSignal.timeout(3000) })).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

test(
  "a browser shows the page that Debian's apache2 serves from a container, published on 127.0.0.1 only",
  async (box) => {
    await servers(box);
    await box.ok("run", "-d", "-p", "127.0.0.1:8090:80", "--name", "http-test", image);
    await bring(box, "http-test", "/var/www/html/index.html", page);
    await bring(box, "http-test", "/var/www/html/names.json", '["Brachiosaurus","Diplodocus"]');
    await until("apache2 answers", () => answers("127.0.0.1:8090"), 30_000);
    assert.match(await browse("http://127.0.0.1:8090/"), /<h1>Brachiosaurus and Diplodocus<\/h1>/);
    const log = await box.ok("exec", "http-test", "cat", "/var/log/apache2/access.log");
    assert.match(log, /"GET \/ HTTP\/1\.1" 200 .*Chrome/);
    assert.match(log, /"GET \/names\.json HTTP\/1\.1" 200 .*Chrome/);
    const gateway = await box.inspect("http-test", "{{.NetworkSettings.Gateway}}");
    assert.equal(await answers(`${gateway}:8090`), false, "the port is bound to 127.0.0.1");
    await box.ok("rm", "-f", "http-test");
    assert.equal(await answers("127.0.0.1:8090"), false);
  },
  { command: ["busybox", "chromium-headless-shell"] },
);

interface Report {
  readonly error?: string;
  readonly end: {
    readonly sum?: { readonly packets: number; readonly lost_packets: number };
    readonly sum_received?: { readonly bytes: number };
  };
}

/** What a client says when the server does not listen yet (a proxy hangs up then), or has not done with the last one. */
const NOT_READY = /Connection refused|Connection reset|control (message|socket)|server is busy/;

/** The report of a client of iperf3 once there is a server for it. */
async function measured(client: () => Promise<{ stdout: string }>): Promise<Report> {
  let report: Report | undefined;
  await until("iperf3 finds its server", async () => {
    report = JSON.parse((await client()).stdout);
    return !NOT_READY.test(report?.error ?? "");
  });
  assert.equal(report?.error, undefined);
  assert.ok(report);
  return report;
}

const second = ["--time", "1", "--json"];

test("iperf3 carries data between two containers that know each other by name, both ways", async (box) => {
  await servers(box);
  await box.ok("network", "create", "track");
  await box.ok("run", "-d", "--name", "goal", "--network", "track", image, "iperf3", "--server");
  const client = (...options: string[]) => () =>
    box.sauropod(["run", "--rm", "--network", "track", image, "iperf3", "--client", "goal", ...second, ...options]);
  for (const direction of [[], ["--reverse"]]) {
    const { end } = await measured(client(...direction));
    assert.ok((end.sum_received?.bytes ?? 0) > 1_000_000, direction.join());
  }
  await box.ok("rm", "-f", "goal");
  await box.ok("network", "rm", "track");
});

const modes = [
  { name: "DNAT", options: [], needs: ["iptables-restore"] },
  { name: "proxy", options: ["--publish-mode", "proxy"], needs: [] },
];
// One after the other on the same host port: what led to the container before must be gone.
for (const { name, options, needs } of modes) {
  test(`iperf3 carries TCP and UDP from the host to a port published by ${name}, both ways`, async (box) => {
    await servers(box);
    const ports = ["-p", "15201:5201", "-p", "15201:5201/udp"];
    await box.ok("run", "-d", "--name", "goal", ...ports, ...options, image, "iperf3", "--server");
    const gateway = await box.inspect("goal", "{{.NetworkSettings.Gateway}}");
    for (const address of ["127.0.0.1", gateway]) {
      const client = (...options: string[]) => () =>
        output(["iperf3", "--client", address, "--port", "15201", ...second, ...options]);
      for (const direction of [[], ["--reverse"]]) {
        const { end } = await measured(client(...direction));
        assert.ok((end.sum_received?.bytes ?? 0) > 1_000_000, `TCP ${address} ${direction.join()}`);
        // So few that the buffers hold them all on a machine that has much else to do.
        const datagrams =
          (await measured(client("--udp", "--length", "1000", "--bitrate", "2M", ...direction))).end.sum;
        assert.ok(datagrams !== undefined && datagrams.packets > 10, `UDP ${address} ${direction.join()}`);
        assert.ok(datagrams.lost_packets < datagrams.packets / 2, `UDP ${address} ${direction.join()}`);
      }
    }
    await box.ok("rm", "-f", "goal");
  }, { command: ["busybox", "iperf3", ...needs] });
}
