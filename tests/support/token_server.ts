/** A token server as the distribution specification has it, whose tokens Debian's registry believes (ES256, x5c). */
import { run } from "./command.ts";

export interface SignedBy {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that signs itself, for `names` (`IP:127.0.0.1`), with its key, as PEM files in `folder`. */
export async function selfSigned(folder: string, name: string, names: readonly string[]): Promise<SignedBy> {
  const [certificate, key] = [`${folder}/${name}.crt`, `${folder}/${name}.key`];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${names.join(",")}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await run(["openssl", "req", "-x509", ...curve, ...subject, "-keyout", key, "-out", certificate]);
  return { certificate, key };
}

/** The same with an authority of its own: `authority` is what has signed `certificate`. */
export async function signed(
  folder: string,
  name: string,
  names: readonly string[],
): Promise<SignedBy & { authority: string }> {
  const { certificate: authority, key: authorityKey } = await selfSigned(folder, `${name}-authority`, [
    "DNS:authority",
  ]);
  const [certificate, key, extensions] = [`${folder}/${name}.crt`, `${folder}/${name}.key`, `${folder}/${name}.ext`];
  await Deno.writeTextFile(extensions, `subjectAltName=${names.join(",")}\nbasicConstraints=CA:FALSE\n`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/CN=${name}`];
  await run(["openssl", "req", ...curve, "-keyout", key, "-out", `${folder}/${name}.csr`]);
  const by = ["-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-days", "2", "-extfile", extensions];
  await run(["openssl", "x509", "-req", "-in", `${folder}/${name}.csr`, ...by, "-out", certificate]);
  return { certificate, key, authority };
}

export class TokenServer implements AsyncDisposable {
  readonly realm: string;
  readonly issuer = "test-issuer";
  readonly rootCertificate: string;
  /** Query or form of each request. */
  readonly asked: URLSearchParams[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #signedBy: SignedBy;

  private constructor(signedBy: SignedBy, login: readonly [user: string, password: string], refresh: string) {
    this.#signedBy = signedBy;
    this.rootCertificate = signedBy.certificate;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const form = request.method === "POST"
        ? new URLSearchParams(await request.text())
        : new URL(request.url).searchParams;
      this.asked.push(form);
      const basic = request.headers.get("authorization") === `Basic ${btoa(login.join(":"))}`;
      const known = basic || form.get("refresh_token") === refresh;
      if (request.headers.has("authorization") && !basic) return Response.json({ details: "wrong" }, { status: 401 });
      const token = await this.#token(known ? form.getAll("scope").flatMap((scope) => scope.split(" ")) : []);
      const offline = form.get("offline_token") === "true" && known;
      return Response.json({ token, expires_in: 300, ...offline && { refresh_token: refresh } });
    });
    this.realm = `http://127.0.0.1:${this.#server.addr.port}/token`;
  }

  static async start(folder: string, login: readonly [string, string], refresh = "refresh-me"): Promise<TokenServer> {
    return new TokenServer(await selfSigned(folder, "token", ["DNS:token"]), login, refresh);
  }

  async #token(scopes: readonly string[]): Promise<string> {
    const pem = (text: string) => text.replace(/-----[^-]+-----|\s/g, "");
    const der = Uint8Array.fromBase64(pem(await Deno.readTextFile(this.#signedBy.key)));
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
    const now = Math.floor(Date.now() / 1000);
    const access = scopes.map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const header = { typ: "JWT", alg: "ES256", x5c: [pem(await Deno.readTextFile(this.#signedBy.certificate))] };
    const claims = {
      iss: this.issuer,
      sub: "test",
      aud: "test",
      exp: now + 300,
      nbf: now - 60,
      iat: now,
      jti: "1",
      access,
    };
    const part = (value: unknown) => encode(new TextEncoder().encode(JSON.stringify(value)));
    const signed = `${part(header)}.${part(claims)}`;
    const signature = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      key,
      new TextEncoder().encode(signed),
    );
    return `${signed}.${encode(new Uint8Array(signature))}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
