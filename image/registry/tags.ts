import * as v from "valibot";
import { invalid, notFound } from "../../base/errors.ts";
import { MAXIMUM_JSON, parseJson } from "../json.ts";
import { familiarName, type Reference } from "../reference.ts";
import { StatusError } from "./registry_error.ts";
import type { RegistrySession } from "./session.ts";

const MOST_PAGES = 1000;
const schema = v.object({ tags: v.nullish(v.array(v.pipe(v.string(), v.regex(/^\w[\w.-]{0,127}$/))), []) });

/** All tags of the session's repository, page by page. @throws `not_found` */
export async function listTags(session: RegistrySession, repository: Reference): Promise<string[]> {
  const tags: string[] = [];
  let url: URL | undefined = session.url("tags/list");
  for (let page = 0; url !== undefined; page++) {
    if (page === MOST_PAGES) {
      throw invalid(`the registry does not come to an end of the tags of ${familiarName(repository)}`);
    }
    const answer = await session.call(url).catch((error: unknown) => {
      if (!(error instanceof StatusError) || ![401, 403, 404].includes(error.status)) throw error;
      throw notFound(`repository ${familiarName(repository)} not found: ${error.message}`);
    });
    tags.push(
      ...parseJson(await session.read(answer, MAXIMUM_JSON, "the list of tags"), schema, "the list of tags").tags,
    );
    url = nextPage(answer.response, url);
  }
  return [...new Set(tags)];
}

/** `Link: </v2/a/tags/list?last=b&n=100>; rel="next"` (RFC 5988). Elsewhere is no next page. */
function nextPage(response: Response, url: URL): URL | undefined {
  const [, link] = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(response.headers.get("link") ?? "") ?? [];
  const next = link === undefined ? undefined : new URL(link, url);
  return next?.origin === url.origin ? next : undefined;
}
