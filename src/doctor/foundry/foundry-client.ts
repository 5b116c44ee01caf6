// The two requests of the Messages API that `doctor` makes, to Foundry itself or to a gateway in front of it.
// https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
import type { Credential } from '../../claude-desktop/header.ts';
import type { Secret } from '../../core/secret.ts';
import type { JsonReply, SendJson } from '../../entra/transport/https-client.ts';
import type { CalledAddress } from '../called-address.ts';
import { once } from '../once.ts';

/** In place of a deployment's name: the server checks access before it looks for the deployment. */
export const ANY_MODEL = 'doctor-probe';

/** Each call may throw AppError ERR_NETWORK_*. */
export interface MessagesClient {
  /** An https one. */
  readonly address: CalledAddress;
  /** Sends a token as a bearer, a key as `x-api-key`. */
  readonly credential: Credential;
  /** What the server says to `countTokens` without a credential: it shows who answers there. Asked once. */
  probe(): Promise<JsonReply>;
  /** The same for `sendMessage`. */
  probeMessages(): Promise<JsonReply>;
  /** Costs no output tokens. */
  countTokens(model: string, secret: Secret, signal?: AbortSignal): Promise<JsonReply>;
  /** One output token, which is billed if there's a deployment of this name. */
  sendMessage(model: string, secret: Secret, signal?: AbortSignal): Promise<JsonReply>;
}

export interface MessagesClientOptions extends Pick<MessagesClient, 'address' | 'credential'> {
  /** Sent together with the credential, never without it. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export function openMessagesClient(
  { address, credential, headers }: MessagesClientOptions,
  send: SendJson,
): MessagesClient {
  const post = (path: string, body: object, authorization: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    send({
      method: 'POST',
      url: `${address.url}/v1/${path}`,
      headers: { ...authorization, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...body, messages: [{ role: 'user', content: 'ping' }] }),
      // A gateway's policy may answer with any content.
      plainRefusals: true,
      signal,
    });
  const withSecret = (secret: Secret) => ({ ...headers, ...credentialHeader(credential, secret) });
  const [counting, messaging] = ['messages/count_tokens', 'messages'] as const;
  return {
    address,
    credential,
    probe: once(() => post(counting, { model: ANY_MODEL }, {})),
    probeMessages: once(() => post(messaging, { model: ANY_MODEL, max_tokens: 1 }, {})),
    countTokens: (model, secret, signal) => post(counting, { model }, withSecret(secret), signal),
    sendMessage: (model, secret, signal) => post(messaging, { model, max_tokens: 1 }, withSecret(secret), signal),
  };
}

function credentialHeader(kind: Credential, secret: Secret): Readonly<Record<string, string>> {
  return kind === 'entra' ? { authorization: `Bearer ${secret.reveal()}` } : { 'x-api-key': secret.reveal() };
}
