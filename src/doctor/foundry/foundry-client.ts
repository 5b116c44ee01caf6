// The two requests of the Messages API that `doctor` makes.
// https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
import type { Configuration } from '../../config/configuration.ts';
import type { Secret } from '../../core/secret.ts';
import type { JsonReply, SendJson } from '../../entra/https-client.ts';

export interface FoundryClient {
  /** `<resource>.services.ai.azure.com` */
  readonly host: string;
  /** Without a token it only shows who answers. Costs no output tokens. @throws AppError ERR_NETWORK_* */
  countTokens(model: string, token: Secret | undefined, signal?: AbortSignal): Promise<JsonReply>;
  /** One output token, which is paid for. @throws AppError ERR_NETWORK_* */
  sendMessage(model: string, token: Secret, signal?: AbortSignal): Promise<JsonReply>;
}

/** `undefined` where no resource is configured, or no host is known: Microsoft offers Claude in the public cloud only. */
export function openFoundry(
  { foundryResource, cloud }: Pick<Configuration, 'cloud' | 'foundryResource'>,
  send: SendJson,
): FoundryClient | undefined {
  if (foundryResource === undefined || cloud !== 'public') return undefined;
  const host = `${foundryResource.toLowerCase()}.services.ai.azure.com`;
  const post = (path: string, body: object, token: Secret | undefined, signal: AbortSignal | undefined) =>
    send({
      method: 'POST',
      url: `https://${host}/anthropic/v1/${path}`,
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
      },
      body: JSON.stringify(body),
      signal,
    });
  const messages = [{ role: 'user', content: 'ping' }];
  return {
    host,
    countTokens: (model, token, signal) => post('messages/count_tokens', { model, messages }, token, signal),
    sendMessage: (model, token, signal) => post('messages', { model, messages, max_tokens: 1 }, token, signal),
  };
}
