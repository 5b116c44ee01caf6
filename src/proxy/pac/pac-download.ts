// Gets a PAC file from where its address says: a web server, without any proxy, or a file of this computer.
import { readFile, stat } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { errnoOf } from '../../core/errno.ts';
import { createHttpsAgent } from '../../entra/transport/https-agent.ts';

export interface PacDownloadOptions {
  /** The roots to trust. Default: Node's. */
  readonly trust?: SecureContext | undefined;
  /** Milliseconds for everything. */
  readonly timeoutMs: number;
}

/** As in Chromium (net/proxy_resolution/pac_file_fetcher_impl.cc). */
const MAX_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;
/** `timeoutMs` ends a request long before. */
const IDLE_MS = 60_000;

/** @throws Error that says what's wrong, as a short clause, with the failure's `code` if there's one */
export async function downloadPac(address: string, { trust, timeoutMs }: PacDownloadOptions): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const url = new URL(address);
    const bytes = url.protocol === 'file:' ? await readLocal(url, signal) : await request(url, trust, signal);
    return decode(bytes);
  } catch (thrown) {
    if (signal.aborted) throw new Error('no answer in time', { cause: thrown });
    throw thrown;
  }
}

async function readLocal(url: URL, signal: AbortSignal): Promise<Buffer> {
  if (url.host !== '' || url.pathname.startsWith('//')) throw new Error("it's on another computer");
  const path = fileURLToPath(url);
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error('more than 1 MiB');
  return readFile(path, { signal });
}

async function request(first: URL, trust: SecureContext | undefined, signal: AbortSignal): Promise<Buffer> {
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await respond(url, trust, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return readAll(response);
    response.destroy();
    const { location } = headers;
    const isRedirect = statusCode >= 300 && statusCode < 400 && location !== undefined;
    const next = isRedirect ? URL.parse(location, url) : null;
    if (next === null) throw new Error(`HTTP ${statusCode}`);
    // A redirect can't lead to a file, and not from TLS to plain HTTP.
    if (next.protocol !== 'https:' && next.protocol !== url.protocol) throw new Error('redirected to another protocol');
    url = next;
  }
  throw new Error('redirected too often');
}

function respond(url: URL, trust: SecureContext | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/x-ns-proxy-autoconfig, */*', 'accept-encoding': 'identity' };
    // An agent for this request only: nothing is kept, and there's no proxy.
    const request =
      url.protocol === 'https:'
        ? httpsGet(url, { agent: createHttpsAgent({ trust, timeoutMs: IDLE_MS }), headers, signal })
        : httpGet(url, { agent: false, headers, signal });
    request.on('response', resolve).on('error', reject);
  });
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('more than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** UTF-8 or UTF-16 with a byte order mark; old files are in Latin-1, where only comments differ from ASCII. */
function decode(bytes: Buffer): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** For people: `HTTP 404`, `ECONNREFUSED`. */
export function describeDownloadFailure(thrown: unknown): string {
  return errnoOf(thrown) ?? (thrown instanceof Error ? thrown.message : 'unknown');
}
