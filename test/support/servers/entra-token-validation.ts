// Whether an access token is one of the tenant's, by the keys that its sign-in service publishes: what a resource does
// that knows only Entra's public endpoints.
import { createPublicKey, verify } from 'node:crypto';
import { request } from 'node:https';

export interface TokenIssuer {
  readonly tenantId: string;
  /** Of the local Entra server on 127.0.0.1. */
  readonly port: number;
  /** The root that its certificate comes from, PEM. */
  readonly ca: string;
}

export interface AcceptedTokens {
  readonly audiences: readonly string[];
  readonly clientIds: readonly string[];
}

export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a token that is good, otherwise `undefined`. As in Azure, v1.0 and v2.0 tokens both count. */
export async function validateToken(
  token: string,
  { audiences, clientIds }: AcceptedTokens,
  issuer: TokenIssuer,
): Promise<Claims | undefined> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { kid } = decode(header) ?? {};
  const claims = decode(payload);
  if (claims === undefined) return undefined;
  const key = (await publishedKeys(issuer)).find((published) => published.kid === kid);
  if (key === undefined || !isSigned(`${header}.${payload}`, signature, key)) return undefined;
  const now = Date.now() / 1000;
  const isTimely = Number(claims['nbf']) <= now && Number(claims['exp']) > now;
  const client = claims['appid'] ?? claims['azp'];
  const isAccepted =
    issuersOf(issuer.tenantId).includes(String(claims['iss'])) &&
    audiences.includes(String(claims['aud'])) &&
    clientIds.includes(String(client));
  return isTimely && isAccepted ? claims : undefined;
}

const issuersOf = (tenantId: string): readonly string[] => [
  `https://sts.windows.net/${tenantId}/`,
  `https://login.microsoftonline.com/${tenantId}/v2.0`,
];

type PublishedKey = JsonWebKey & { readonly kid?: string };

function isSigned(text: string, signature: string, key: PublishedKey): boolean {
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
}

function publishedKeys({ tenantId, port, ca }: TokenIssuer): Promise<readonly PublishedKey[]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, path: `/${tenantId}/discovery/v2.0/keys` };
    request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { keys } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly keys: readonly PublishedKey[] };
        resolve(keys);
      });
    })
      .on('error', reject)
      .end();
  });
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
