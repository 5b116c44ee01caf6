import type { EffectiveConfiguration } from '../config/configuration.ts';
import { authorityUrl } from '../entra/cloud.ts';
import type { JsonReply, SendJson } from '../entra/transport/https-client.ts';
import { once } from './once.ts';

export type EntraConfiguration = Extract<EffectiveConfiguration, { credential: 'entra' }>;

/** The sign-in as it's configured, and what its service says of the tenant. */
export interface EntraSignIn {
  readonly configuration: EntraConfiguration;
  /** `https://<sign-in host>/<tenant>` */
  readonly authority: string;
  /** The tenant's openid-configuration, whatever its HTTP status. @throws AppError ERR_NETWORK_* */
  metadata(): Promise<{
    readonly reply: JsonReply;
    /** Epoch milliseconds by this computer's clock. */
    readonly receivedAt: number;
  }>;
}

/** `send` is opened when it's needed. */
export function openSignIn(configuration: EntraConfiguration, send: () => SendJson): EntraSignIn {
  const authority = authorityUrl(configuration.cloud, configuration.tenantId);
  return {
    configuration,
    authority,
    metadata: once(async () => {
      const url = `${authority}/v2.0/.well-known/openid-configuration`;
      const reply = await send()({ method: 'GET', url });
      return { reply, receivedAt: Date.now() };
    }),
  };
}
