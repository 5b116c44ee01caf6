// Which HTTP header carries the helper's value, and whether the endpoint accepts it there. What this rests on: the
// vendor's configuration schema and client (npm @anthropic-ai/claude-code 2.1.332), measured with that client, and one
// public report (anthropics/claude-code issue 91842). It hasn't been seen on a real Claude Desktop yet.
import { isFoundryHost } from '../config/base-url.ts';

/** What the helper prints. */
export type Credential = 'entra' | 'api-key';

export type Header = 'Authorization: Bearer' | 'x-api-key';

export interface HeaderFacts {
  readonly provider: string | undefined;
  /** `inferenceGatewayAuthScheme`; Claude Desktop's default is `bearer`. */
  readonly scheme: string | undefined;
  readonly credential: Credential;
  /** The address that calls go to, if it's known. */
  readonly address: string | undefined;
}

export interface HeaderVerdict {
  /** The header that Claude Desktop sends; `undefined` if the value never gets to Foundry. */
  readonly sends: Header | undefined;
  /** The header that the endpoint accepts; `undefined` if only the endpoint's owner knows. */
  readonly accepts: Header | undefined;
  readonly verdict: 'match' | 'mismatch' | 'unknown';
  /** One sentence for people. */
  readonly text: string;
}

const CREDENTIALS = { entra: 'an Entra token', 'api-key': 'an API key' } as const;

/** What Claude Desktop does with the value of its credential helper, and whether that can work. */
export function headerVerdict(facts: HeaderFacts): HeaderVerdict {
  const sends = sentHeader(facts);
  const accepts = acceptedHeader(facts);
  if (sends === undefined) {
    const text = `Claude Desktop doesn't call Foundry with provider "${shown(facts.provider)}", so the helper's value never gets there.`;
    return { sends, accepts, verdict: 'mismatch', text };
  }
  const sentence = `Claude Desktop sends the helper's value as "${sends}"`;
  if (accepts === undefined) {
    return {
      sends,
      accepts,
      verdict: 'unknown',
      text: `${sentence}; the gateway must accept ${CREDENTIALS[facts.credential]} there.`,
    };
  }
  const text = `${sentence}; the endpoint accepts ${CREDENTIALS[facts.credential]} as "${accepts}" only: ${sends === accepts ? 'they match' : "they don't match"}.`;
  return { sends, accepts, verdict: sends === accepts ? 'match' : 'mismatch', text };
}

/**
 * The header that carries a helper's value; `undefined` with a provider that doesn't call Foundry. With `foundry` the
 * value is an API key whatever it is, and a helper's own Authorization header is dropped.
 */
export function sentHeader({
  provider,
  scheme = 'bearer',
}: Pick<HeaderFacts, 'provider' | 'scheme'>): Header | undefined {
  switch (provider) {
    case 'foundry':
      return 'x-api-key';
    case 'gateway':
      return scheme === 'x-api-key' ? 'x-api-key' : 'Authorization: Bearer';
    default:
      return undefined;
  }
}

/**
 * Foundry takes Entra tokens as bearer tokens only, and API keys in their own header
 * (https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry). A gateway in front of it that
 * checks Entra tokens reads them where RFC 6750 puts them; where it wants a key, only its policy says.
 */
function acceptedHeader({ provider, credential, address }: HeaderFacts): Header | undefined {
  if (credential === 'entra') return 'Authorization: Bearer';
  const host = URL.parse(address ?? '')?.hostname;
  const isFoundry = provider === 'foundry' ? host === undefined || isFoundryHost(host) : isFoundryHost(host ?? '');
  return isFoundry ? 'x-api-key' : undefined;
}

const shown = (provider: string | undefined): string =>
  provider !== undefined && /^[a-z]{1,20}$/.test(provider) ? provider : '(not set)';
