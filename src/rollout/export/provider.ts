// Claude Desktop's provider decides which header carries the credential; see claude-desktop/header.ts for what it rests on.
import { sentHeader } from '../../claude-desktop/header.ts';
import type { Values } from '../../config/configuration.ts';
import { AppError } from '../../core/errors.ts';

export type ExportProvider = 'gateway' | 'foundry';

/** The header in which Claude Desktop sends a helper's value with each provider, as the exports configure it. */
export const headerOf = (provider: ExportProvider): string => sentHeader({ provider, scheme: 'bearer' }) ?? '';

/** Foundry accepts an Entra token only as a bearer, and a key only as a key. */
export function providerOf({ credential }: Values): ExportProvider {
  return credential === 'api-key' ? 'foundry' : 'gateway';
}

/** @throws AppError ERR_USAGE if Claude Desktop can't send the credential with the provider that was asked for */
export function assertProvider(asked: ExportProvider | undefined, values: Values): void {
  const provider = providerOf(values);
  if (asked === undefined || asked === provider) return;
  const [what, accepted] =
    provider === 'gateway' ? ['an Entra token', 'a token only as a bearer'] : ['an API key', 'a key only in x-api-key'];
  throw new AppError('ERR_USAGE', {
    detail: `--provider ${asked} doesn't work with ${what}: Claude Desktop would send it as "${headerOf(asked)}", and Foundry accepts ${accepted}; use ${provider}, or leave the option out`,
  });
}
