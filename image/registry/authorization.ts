/** What opens a registry to us: nothing, a password, or tokens that it has us fetch elsewhere. */
import type { RegistryAuth } from "../../base/container_engine.ts";
import { forbidden, unavailable } from "../../base/errors.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { errorOfAnswer, StatusError } from "./registry_error.ts";
import type { Transport } from "./transport.ts";

const CLIENT = "sauropod";
/** Seconds for which a token is good when nobody says. */
const USUAL_LIFE = 60;
/** Milliseconds before its end at which a token is not used any more. */
const MARGIN = 5_000;
const LONGEST_ANSWER = 1 << 20;

interface Token {
  readonly value: string;
  /** Of `performance.now()`. */
  readonly end: number;
  /** Gets others later, without the password. */
  readonly refresh?: string;
}

/** The credentials for one registry, in the form in which it wants them. */
export class Authorization {
  readonly #transport: Transport;
  readonly #auth: RegistryAuth;
  readonly #plain: boolean;
  #challenge: Challenge | undefined;
  readonly #tokens = new Map<string, Promise<Token>>();

  /** `plain`: the registry itself is reached without encryption. */
  constructor(transport: Transport, auth: RegistryAuth, plain: boolean) {
    this.#transport = transport;
    this.#auth = auth;
    this.#plain = plain;
  }

  /** The value of the header for what `scopes` allow; undefined when nothing is wanted, or nothing can be given. */
  async header(scopes: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    if (this.#auth.registrytoken) return `Bearer ${this.#auth.registrytoken}`;
    if (this.#challenge?.scheme === "basic") return this.#basic();
    if (this.#challenge?.scheme !== "bearer") return undefined;
    return `Bearer ${(await this.#token(scopes, signal)).value}`;
  }

  /** Learns from an answer 401; false when there is nothing to come again with. */
  learn(response: Response, scopes: readonly string[]): boolean {
    const challenges = parseChallenges(response.headers.get("www-authenticate") ?? "");
    const found = challenges.find(({ scheme }) => scheme === "bearer") ??
      challenges.find(({ scheme }) => scheme === "basic");
    if (found === undefined || (found.scheme === "basic" && this.#basic() === undefined)) return false;
    this.#challenge = found;
    this.#tokens.delete(scopes.join(" ")); // it may have ended before its time
    return true;
  }

  /** A token with which later ones can be had, if the server gives such. */
  async refreshToken(signal: AbortSignal): Promise<string | undefined> {
    if (this.#challenge?.scheme !== "bearer") return undefined;
    return (await this.#fetch([], signal, true)).refresh;
  }

  #basic(): string | undefined {
    const { username, password } = this.#auth;
    if (!username || password === undefined) return undefined;
    const bytes = new TextEncoder().encode(`${username}:${password}`);
    return `Basic ${bytes.toBase64()}`;
  }

  async #token(scopes: readonly string[], signal: AbortSignal): Promise<Token> {
    const key = scopes.join(" ");
    const known = await this.#tokens.get(key)?.catch(() => undefined);
    if (known !== undefined && known.end > performance.now()) return known;
    const token = this.#fetch(scopes, signal, false);
    token.catch(() => this.#tokens.delete(key));
    this.#tokens.set(key, token);
    return await token;
  }

  async #fetch(scopes: readonly string[], signal: AbortSignal, offline: boolean): Promise<Token> {
    const { realm = "", service } = this.#challenge?.parameters ?? {};
    const url = this.#checkedRealm(realm);
    const fields = new URLSearchParams();
    if (service !== undefined) fields.set("service", service);
    const { response } = this.#auth.identitytoken
      ? await this.#byRefreshToken(url, fields, scopes, signal)
      : await this.#byPassword(url, fields, scopes, signal, offline);
    if (!response.ok) {
      const error = await errorOfAnswer(response, `the token server ${url.host}`);
      if (!(error instanceof StatusError) || error.status !== 401) throw error;
      throw forbidden("unauthorized: incorrect username or password");
    }
    return readToken(await limitedText(response, url.host), url.host);
  }

  /** The password goes there: not unencrypted, unless the registry is so too. */
  #checkedRealm(realm: string): URL {
    const url = URL.parse(realm);
    const fits = url?.protocol === "https:" || (url?.protocol === "http:" && this.#plain);
    if (url === null || !fits) throw unavailable(`the registry names a token server that cannot be used`);
    url.hash = "";
    return url;
  }

  #byRefreshToken(url: URL, fields: URLSearchParams, scopes: readonly string[], signal: AbortSignal) {
    fields.set("grant_type", "refresh_token");
    fields.set("client_id", CLIENT);
    fields.set("refresh_token", this.#auth.identitytoken ?? "");
    if (scopes.length > 0) fields.set("scope", scopes.join(" "));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.#transport.send(url, { method: "POST", headers, body: fields.toString(), signal });
  }

  #byPassword(url: URL, fields: URLSearchParams, scopes: readonly string[], signal: AbortSignal, offline: boolean) {
    for (const scope of scopes) fields.append("scope", scope);
    const basic = this.#basic();
    if (this.#auth.username && basic !== undefined) fields.set("account", this.#auth.username);
    if (offline) {
      fields.set("offline_token", "true");
      fields.set("client_id", CLIENT);
    }
    const whole = new URL(url);
    for (const [name, value] of fields) whole.searchParams.append(name, value);
    return this.#transport.send(whole, {
      method: "GET",
      headers: basic === undefined ? {} : { authorization: basic },
      signal,
    });
  }
}

function readToken(text: string, host: string): Token {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const { token, access_token: access, expires_in: life, refresh_token: refresh } = (body ?? {}) as Record<
    string,
    unknown
  >;
  const value = [token, access].find((one) => typeof one === "string" && /^[\x21-\x7e]+$/.test(one));
  if (typeof value !== "string") throw unavailable(`the token server ${host} gave no token`);
  const seconds = typeof life === "number" && life > USUAL_LIFE ? life : USUAL_LIFE;
  return {
    value,
    end: performance.now() + seconds * 1000 - MARGIN,
    ...typeof refresh === "string" && { refresh },
  };
}

async function limitedText(response: Response, host: string): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LONGEST_ANSWER) throw unavailable(`the answer of ${host} is too long`);
  }
  return text;
}
