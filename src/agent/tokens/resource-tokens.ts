import { errorFromRecord } from '../../core/errors.ts';
import type { ResourceStatus } from '../../ipc/protocol.ts';
import type { AgentState } from './agent-state.ts';
import type { BackOffInForce } from './back-off.ts';
import { ResourceStates } from './resource-state.ts';
import { ResourceToken, type ResourceTokenOptions } from './resource-token.ts';
import { MINUTE_MS } from './schedule.ts';

export interface ResourceTokensOptions extends Omit<ResourceTokenOptions, 'states' | 'minimumLifetimeMs' | 'held'> {
  /** Names the tenant and client in the state file. */
  readonly key: string;
  readonly state: AgentState;
  /** The other scopes that the configuration allows. */
  readonly allowed: readonly string[];
  /** Of the sign-in itself. */
  readonly backOff: () => BackOffInForce | undefined;
}

/**
 * What runs these commands keeps the headers for a while. Claude Code runs its `otelHeadersHelper` every 29 minutes, and
 * a `headersHelper` once for each connection.
 */
export const HEADERS_LIFETIME_MS = 35 * MINUTE_MS;

/** Owns the token of every resource that someone has asked for. Loaded with the first of them. */
export class ResourceTokens {
  readonly #options: ResourceTokensOptions;
  readonly #states: ResourceStates;
  readonly #tokens = new Map<string, ResourceToken>();
  #stopped = false;

  constructor(options: ResourceTokensOptions) {
    this.#options = options;
    this.#states = new ResourceStates(options.state, options.key);
    this.#states.prune(options.allowed);
  }

  /** The token of one of the allowed scopes, spelled as configured. */
  of(scope: string): ResourceToken {
    const known = this.#tokens.get(scope);
    if (known !== undefined) return known;
    const { backOff } = this.#options;
    const token = new ResourceToken(scope, {
      ...this.#options,
      states: this.#states,
      minimumLifetimeMs: () => HEADERS_LIFETIME_MS,
      held: () => {
        const inForce = backOff();
        return inForce?.serverAsked === true ? errorFromRecord(inForce.error) : undefined;
      },
    });
    this.#tokens.set(scope, token);
    // A request may arrive while the settings change.
    if (this.#stopped) void token.stop();
    return token;
  }

  /** Someone has signed in or out. */
  drop(): void {
    for (const token of this.#tokens.values()) token.drop();
  }

  /** As `ResourceToken.stop`, of all. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#tokens.values()].map((token) => token.stop()));
  }

  /** The resources that were asked for since the sign-in. */
  status(): readonly ResourceStatus[] {
    return this.#options.allowed
      .filter((scope) => this.#states.get(scope).lastAskedAt !== undefined)
      .map((scope) => statusOf(scope, this.of(scope)));
  }
}

function statusOf(scope: string, token: ResourceToken): ResourceStatus {
  const current = token.current();
  const failure = token.lastFailure;
  return {
    scope,
    ...(current && {
      token: {
        expiresOn: token.expiresOn(current),
        remainingSeconds: Math.floor(token.remainingMs(current) / 1000),
      },
    }),
    ...(failure && { problem: { ...failure.error, at: new Date(failure.at).toISOString() } }),
  };
}
