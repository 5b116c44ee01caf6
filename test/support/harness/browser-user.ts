// A user who signs in without a code, over HTTP in place of a browser: the sign-in page and its link, Microsoft's
// decision, and the redirect to the loopback. What a real browser makes of the same pages is tested in
// test/e2e/browser-flow.test.ts.
import { get as httpGet } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './world.ts';

const TIMEOUT_MS = 15_000;

/** The sign-in page as one browser has it. */
interface OpenPage {
  readonly url: string;
  readonly cookie: string;
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookie: string;
  readonly body: string;
}

export class BrowserUser {
  readonly #world: World;
  #page: OpenPage | undefined;
  #seen = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * "Continue to Microsoft" on the page that has just opened, or on the one that is still there; resolves to where that
   * leads. @throws Error when no page offers it in time
   */
  async continueToMicrosoft(): Promise<string> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (Date.now() < deadline) {
      const opened = this.#world.sandbox.openedUrls();
      if (opened.length > this.#seen) {
        this.#seen = opened.length;
        // A late one may be of the sign-in before, whose page closes when the next one starts.
        await this.#open(opened.at(-1) ?? '').catch(() => undefined);
      }
      const location = await this.#continueLink();
      if (location !== undefined) return location;
      await sleep(20);
    }
    throw new Error('no page offered to continue to Microsoft');
  }

  /**
   * The redirect from Microsoft's page. Resolves to the status that it met; a welcome one shows the sign-in page again.
   */
  async comeBack(redirect: string): Promise<number> {
    const { status, body } = await get(redirect);
    const [, ticket] = /<a href="(\/p\/[\w-]+)">/.exec(body) ?? [];
    if (status === 200) await this.#open(new URL(ticket ?? '', redirect).href);
    return status;
  }

  /** The whole way, with the tenant's first account. */
  async signIn(): Promise<void> {
    await this.comeBack(this.#world.entra.authorize(await this.continueToMicrosoft()));
  }

  async #open(oneTimeUrl: string): Promise<void> {
    const { status, location, cookie } = await get(oneTimeUrl);
    if (status !== 303 || location === undefined) throw new Error(`the page's address was answered with ${status}`);
    this.#page = { url: new URL(location, oneTimeUrl).href, cookie };
    // A browser shows it, so that the agent knows that someone looks.
    await get(this.#page.url, cookie);
  }

  async #continueLink(): Promise<string | undefined> {
    if (this.#page === undefined) return undefined;
    try {
      return continueLinkIn((await get(this.#page.url, this.#page.cookie)).body);
    } catch {
      // Its server went with the agent, or with the sign-in before.
      this.#page = undefined;
      return undefined;
    }
  }
}

/** Where the page's "Continue to Microsoft" leads; undefined if it has no such link. */
export function continueLinkIn(page: string): string | undefined {
  return /id="continue" href="(https:[^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
}

function get(url: string, cookie = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, { agent: false, headers: cookie === '' ? {} : { cookie } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        // Both of its paths have the same value.
        const [set = ''] = headers['set-cookie'] ?? [];
        resolve({ status: statusCode, location: headers.location, cookie: set.split(';')[0] ?? '', body });
      });
    });
    request.on('error', reject);
  });
}
