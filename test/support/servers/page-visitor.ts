// A user without a browser: follows redirects, keeps cookies and submits the forms of a sign-in page.
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:tls';

const MAX_STEPS = 20;

export interface PageVisitorOptions {
  /** Local port of the server that answers for all hosts. */
  readonly port: number;
  /** Name in the certificate and in the Host header. */
  readonly host: string;
  readonly ca: string;
}

export interface Page {
  readonly status: number;
  readonly body: string;
}

/**
 * Opens `path` and submits each form it meets with these values, which may also name the button to press, until a page
 * has no form or is the last one by the caller's measure. @throws Error after 20 pages.
 */
export async function submitForms(
  options: PageVisitorOptions,
  path: string,
  values: Readonly<Record<string, string>>,
  isLast: (body: string) => boolean = () => false,
): Promise<Page> {
  const cookies = new Map<string, string>();
  let next: { path: string; form?: URLSearchParams } = { path };
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { headers, ...page } = await fetchPage(options, next.path, cookies, next.form);
    for (const cookie of headers['set-cookie'] ?? []) keepCookie(cookies, cookie);
    if (headers.location !== undefined) {
      next = { path: pathOf(headers.location, options.host) };
      continue;
    }
    const form = readForm(page.body, values);
    if (form === undefined || isLast(page.body)) return page;
    next = { path: pathOf(form.action || next.path, options.host), form: form.fields };
  }
  throw new Error(`the sign-in pages did not end: ${next.path}`);
}

interface FetchedPage extends Page {
  readonly headers: IncomingHttpHeaders;
}

function fetchPage(
  { port, host, ca }: PageVisitorOptions,
  path: string,
  cookies: ReadonlyMap<string, string>,
  form: URLSearchParams | undefined,
): Promise<FetchedPage> {
  const headers: Record<string, string> = { host, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method: form === undefined ? 'GET' : 'POST',
        path,
        headers,
        createConnection: () => connect({ port, host: '127.0.0.1', servername: host, ca }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      },
    );
    sent.on('error', reject);
    sent.end(form?.toString());
  });
}

function keepCookie(cookies: Map<string, string>, header: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}

function pathOf(location: string, host: string): string {
  const url = new URL(location, `https://${host}`);
  return url.pathname + url.search;
}

/** The page's first form, with its values overridden by the given ones. */
function readForm(
  html: string,
  values: Readonly<Record<string, string>>,
): { action: string; fields: URLSearchParams } | undefined {
  const [form] = /<form\b.*?<\/form>/s.exec(html) ?? [];
  if (form === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name');
    if (name !== undefined) fields.set(name, values[name] ?? attribute(input, 'value') ?? '');
  }
  // A button may be outside and name its form.
  for (const [button] of html.matchAll(/<button\b[^>]*>/g)) {
    const name = attribute(button, 'name');
    if (name !== undefined && values[name] === attribute(button, 'value')) fields.set(name, values[name] ?? '');
  }
  return { action: attribute(/<form\b[^>]*>/.exec(form)?.[0] ?? '', 'action') ?? '', fields };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}
