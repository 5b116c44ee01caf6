// The rules of single settings, as valibot schemas over native values; keys.ts says which key has which.
// A message completes `"key" in <origin> …` and never repeats the value, which may hold a password.
import { isAbsolute } from 'node:path';
import * as v from 'valibot';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;

/** Entra's names for "any tenant"; the GUID is the tenant of personal accounts, the same as `consumers`. */
const MULTI_TENANT = ['common', 'organizations', 'consumers', '9188040d-6c67-4c5b-b112-36a304b66dad'];

export const tenantId = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.check(
    (id) => !MULTI_TENANT.includes(id),
    'must name one tenant: "common", "organizations" and "consumers" would let an account of any tenant sign in',
  ),
  v.check((id) => GUID.test(id) || DOMAIN_NAME.test(id)),
);

export const guid = v.pipe(v.string(), v.toLowerCase(), v.regex(GUID));

/** Names of Azure AI accounts: 2 to 64 letters, digits and hyphens, no hyphen at either end. */
export const foundryResource = v.pipe(
  v.string(),
  v.check((name) => !/[./:]/.test(name), 'must be the name of the resource alone, not its URL or host name'),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])$/i),
);

/** Text of one line that is shown to people. */
export const line = (maxLength: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength), v.regex(/^[^\p{Cc}\u2028\u2029]*$/u));

export const models = v.pipe(
  // Quotes, brackets and commas are those of a list that was not read as one.
  v.array(v.pipe(v.string(), v.trim(), v.regex(/^[^\p{Cc}\s,"'[\]{}]+$/u))),
  v.minLength(1),
  v.check((names) => new Set(names).size === names.length, 'must not name the same deployment twice'),
  v.readonly(),
);

/** One resource scope; the characters are those of RFC 6749 section 3.3. */
export const scope = v.pipe(
  v.string(),
  v.check((text) => !/\s/.test(text), 'must be one scope, without spaces'),
  v.regex(/^(?:https|api):\/\/[a-z0-9._:-]+\/[\x21\x23-\x3e\x40-\x5b\x5d-\x7e]+$/i),
);

export const minimumTokenLifetimeSeconds = v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(3300));

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Absolute URL of a proxy, without a trailing slash. curl and most programs read `host:port` as http, and so is it here. */
export const proxy = v.pipe(
  v.string(),
  v.check((text) => !/^socks/i.test(text), 'must be an http:// or https:// proxy: SOCKS is not supported'),
  v.check((text) => proxyUrl(text) !== undefined),
  v.check(
    (text) => isBare(proxyUrl(text)),
    'must end after host and port: a path is not supported, nor is a proxy auto-configuration (PAC) file',
  ),
  v.transform((text) => (proxyUrl(text)?.href ?? text).replace(/\/$/, '')),
);

function proxyUrl(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

const isBare = (url: URL | undefined): boolean =>
  url === undefined || (url.pathname === '/' && url.search === '' && url.hash === '');

/** Hosts, domain suffixes (`.example.com`), addresses, address ranges (`10.0.0.0/8`), each with or without a port, or `*`. */
export const noProxy = v.pipe(v.array(v.pipe(v.string(), v.trim(), v.regex(/^[^\s,/]+(?:\/\d{1,3})?$/))), v.readonly());

export const absolutePath = v.pipe(
  v.string(),
  v.check((path) => isAbsolute(path) && !path.includes('\0')),
);

/** A file of this computer: `\\\\server\\share` would be fetched over the network, and shown the user's credentials. */
export const localPath = v.pipe(
  absolutePath,
  v.check((path) => !/^[\\/]{2}/.test(path), 'must be a file of this computer, not of a network'),
);

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** What a client computes itself; a constant in their place breaks the request. */
const FRAMING_HEADERS = ['connection', 'content-length', 'host', 'transfer-encoding'];

export const headers = v.pipe(
  // Not v.record: it drops names such as "constructor" without a word.
  v.custom<Readonly<Record<string, string>>>(isTextMap),
  v.check(
    (map) => Object.keys(map).every((name) => TOKEN.test(name)),
    "must have RFC 9110 tokens as names: letters, digits and !#$%&'*+-.^_`|~",
  ),
  v.check(
    (map) => Object.values(map).every((value) => /^[^\p{Cc}]*$/u.test(value.replaceAll('\t', ' '))),
    'must have values without line breaks and other control characters',
  ),
  v.check((map) => !hasName(map, ['authorization']), 'must not contain Authorization: set "sendAuthorizationHeader"'),
  v.check((map) => !hasName(map, FRAMING_HEADERS), `must not contain any of ${FRAMING_HEADERS.join(', ')}`),
  v.check(
    (map) => new Set(Object.keys(map).map((name) => name.toLowerCase())).size === Object.keys(map).length,
    'must not contain a name twice: upper and lower case are the same',
  ),
);

function isTextMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === 'string');
}

const hasName = (map: Readonly<Record<string, string>>, names: readonly string[]): boolean =>
  Object.keys(map).some((name) => names.includes(name.toLowerCase()));
