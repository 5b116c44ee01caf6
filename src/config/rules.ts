// The rules of single settings, as valibot schemas for native values; keys.ts assigns them to keys.
// A message completes `"key" in <origin> …` and never repeats the value, which may contain a password.
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { isObject } from '../core/json.ts';
import { looksLikeSecret } from '../core/looks-like-secret.ts';
import { baseUrlFault, normalBaseUrl } from './base-url.ts';
import { RESOURCE_OR_SCOPE, toScope } from './resource-scope.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;

/** Entra's names for "any tenant"; the GUID is the tenant of personal accounts, the same as `consumers`. */
const MULTI_TENANT = ['common', 'organizations', 'consumers', '9188040d-6c67-4c5b-b112-36a304b66dad'];

export const tenantId = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.check(
    (id) => !MULTI_TENANT.includes(id),
    'must name one tenant: "common", "organizations", and "consumers" would let an account of any tenant sign in',
  ),
  v.check((id) => GUID.test(id) || DOMAIN_NAME.test(id)),
);

export const guid = v.pipe(v.string(), v.toLowerCase(), v.regex(GUID));

/** Names of Azure AI accounts: 2 to 64 letters, digits, and hyphens, no hyphen at either end. */
export const foundryResource = v.pipe(
  v.string(),
  v.check((name) => !/[./:]/.test(name), 'must be only the resource name, not its URL or host name'),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])$/i),
  // It would be asked of DNS and proxies as a host name.
  v.check((name) => !looksLikeSecret(name), 'must be the name of the resource; this looks like an API key'),
  // Azure ignores case here; Claude Desktop accepts only lowercase.
  v.toLowerCase(),
);

/** The address for Messages calls, without a slash at the end. */
export const baseUrl = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? baseUrlFault(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
  // Implied by the check above, and in terms that the JSON Schema can express.
  v.regex(/^https:\/\/[^\s?#@]+$/i),
  v.transform(normalBaseUrl),
);

/** One line of text for people to read. Without `message`, the key's own rule is what an invalid one breaks. */
export const line = (maxLength: number, message?: string) =>
  v.pipe(
    v.string(message),
    v.minLength(1, message),
    v.maxLength(maxLength, message),
    v.regex(/^[^\p{Cc}\u2028\u2029]*$/u, message),
  );

/** One resource scope; the characters are those of RFC 6749 section 3.3. */
export const scope = v.pipe(
  v.string(),
  v.check((text) => !/\s/.test(text), 'must be one scope, without spaces'),
  v.regex(/^(?:https|api):\/\/[a-z0-9._:-]+\/[\x21\x23-\x3e\x40-\x5b\x5d-\x7e]+$/i),
);

/** Each is kept until the agent stops, with a timer and a place in the state file. */
const MAX_RESOURCES = 20;

/** Scopes of resources; a resource alone means all permissions of it that were granted. */
export const allowedResources = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.trim(),
      v.check(
        (text) => !text.endsWith('/'),
        'must not have an entry that ends with a slash: use https://contoso.com/.default, or https://contoso.com//.default if the application ID URI itself ends with a slash',
      ),
      v.regex(RESOURCE_OR_SCOPE),
      v.transform(toScope),
    ),
  ),
  v.maxLength(MAX_RESOURCES),
  v.readonly(),
);

export const minimumTokenLifetimeSeconds = v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(3300));

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * How to get out: a proxy's absolute URL without a trailing slash (`host:port` means http, as in curl and most
 * programs), `pac+` and the URL of a PAC file, or a word.
 */
export const proxy = v.pipe(
  v.string(),
  v.check((text) => !/^(?:pac\+)?socks/i.test(text), "must be an http:// or https:// proxy: SOCKS isn't supported"),
  v.check((text) => isProxyWord(text) || isPac(text) || proxyUrl(text) !== undefined),
  v.check(
    (text) => isProxyWord(text) || isPac(text) || isBare(proxyUrl(text)),
    'must end after host and port, without a path; for a proxy auto-configuration (PAC) file, put pac+ in front of its URL',
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed && isPac(dataset.value) ? pacFault(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
  v.transform(normalProxy),
);

/** `system`: the system's own settings, and not Claude Desktop's. `none`: no proxy. */
const PROXY_WORDS = ['system', 'none'];

const isProxyWord = (text: string): boolean => PROXY_WORDS.includes(text.toLowerCase());

const isPac = (text: string): boolean => /^pac\+/i.test(text);

function normalProxy(text: string): string {
  if (isProxyWord(text)) return text.toLowerCase();
  if (isPac(text)) return `pac+${new URL(text.slice('pac+'.length)).href}`;
  return (proxyUrl(text)?.href ?? text).replace(/\/$/, '');
}

function pacFault(text: string): string | undefined {
  const url = /[\s\p{Cc}]/u.test(text) ? null : URL.parse(text.slice('pac+'.length));
  if (url === null || !/^(?:https?|file):$/.test(url.protocol)) {
    return 'must have an http://, https://, or file:/// URL after pac+';
  }
  if (url.username !== '' || url.password !== '')
    return 'must not have a user name or password in the URL of a PAC file';
  // Windows would send the user's credentials to that computer.
  const isElsewhere = url.protocol === 'file:' && (url.host !== '' || url.pathname.startsWith('//'));
  return isElsewhere ? 'must name a PAC file of this computer, or one on a web server' : undefined;
}

function proxyUrl(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

const isBare = (url: URL | undefined): boolean =>
  url === undefined || (url.pathname === '/' && url.search === '' && url.hash === '');

/**
 * Hosts, domain suffixes (`.example.com`), addresses, address ranges (`10.0.0.0/8`), each with or without a port, or
 * `*`. No `@`: a pasted proxy address may contain a password, and these values are shown.
 */
export const noProxy = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^\s*[^\s,/@]+(?:\/\d{1,3})?\s*$/), v.trim())),
  v.readonly(),
);

export const absolutePath = v.pipe(
  v.string(),
  v.check((path) => isAbsolute(path) && !path.includes('\0')),
);

/** A file on this computer. `\\\\server\\share` would send the user's credentials over the network. */
export const localPath = v.pipe(
  absolutePath,
  v.check((path) => !/^[\\/]{2}/.test(path), 'must be a file on this computer, not on a network'),
);

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Headers that clients compute; a constant value breaks the request. */
const FRAMING_HEADERS = ['connection', 'content-length', 'host', 'transfer-encoding'];

export const headers = v.pipe(
  // Not v.record: it silently drops names such as "constructor".
  v.custom<Readonly<Record<string, string>>>(isTextMap),
  v.check(
    (map) => Object.keys(map).every((name) => TOKEN.test(name)),
    "must use RFC 9110 tokens as names: letters, digits, and !#$%&'*+-.^_`|~",
  ),
  v.check(
    (map) => Object.values(map).every((value) => /^[^\p{Cc}]*$/u.test(value.replaceAll('\t', ' '))),
    'must use values without line breaks or other control characters',
  ),
  v.check(
    (map) => !hasName(map, ['authorization']),
    'must not contain Authorization: Claude Desktop sets that header itself',
  ),
  v.check((map) => !hasName(map, FRAMING_HEADERS), `must not contain any of ${FRAMING_HEADERS.join(', ')}`),
  v.check(
    (map) => new Set(Object.keys(map).map((name) => name.toLowerCase())).size === Object.keys(map).length,
    'must not contain a name twice; names that differ only in case are the same header',
  ),
);

function isTextMap(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

const hasName = (map: Readonly<Record<string, string>>, names: readonly string[]): boolean =>
  Object.keys(map).some((name) => names.includes(name.toLowerCase()));
