import { onTestFinished } from 'vitest';
import { ResourceTokens } from '../../../../src/agent/tokens/resource-tokens.ts';
import { AppError } from '../../../../src/core/errors.ts';
import type { RefreshOptions, SignInRecord } from '../../../../src/entra/token-source.ts';
import { type Bench, createBench, KEY, signedIn } from '../support.ts';

export const MCP = 'api://contoso-mcp/.default';
export const GIT = '499b84ac-1321-427f-aa17-267ca6975798/.default';

export interface ResourceBench extends Bench {
  resources: ResourceTokens;
  /** The scope of each request that Entra got; `undefined` is the configured one. */
  readonly scopes: (string | undefined)[];
  /** What Entra says about a scope from now on. */
  readonly refusals: Map<string, AppError>;
  /** The most requests that Entra ever had at the same time. */
  atOnce: number;
  /** The refresh of the sign-in that a dead refresh token has caused. */
  readonly triggered: Promise<unknown>[];
}

/** A bench with a sign-in and two other resources, whose tokens come from the same sign-in. */
export async function createResourceBench(allowed: readonly string[] = [MCP, GIT]): Promise<ResourceBench> {
  const base = await signedIn(createBench());
  const refresh = base.source.refresh.bind(base.source);
  let running = 0;
  base.source.refresh = async (record: SignInRecord, { scope }: RefreshOptions = {}) => {
    bench.scopes.push(scope);
    running += 1;
    bench.atOnce = Math.max(bench.atOnce, running);
    try {
      // As if Entra took a while.
      await new Promise((resolve) => setImmediate(resolve));
      const refusal = bench.refusals.get(scope ?? '');
      if (refusal === undefined) return await refresh(record);
      base.source.sent.push('refused');
      throw refusal;
    } finally {
      running -= 1;
    }
  };
  const bench = Object.assign(base, {
    scopes: [] as (string | undefined)[],
    refusals: new Map<string, AppError>(),
    atOnce: 0,
    triggered: [] as Promise<unknown>[],
    resources: undefined as unknown as ResourceTokens,
  }) as ResourceBench;
  const restart = base.restart;
  const open = (): void => {
    const { source, records, state, clock, log, refresher } = bench;
    bench.resources = new ResourceTokens({
      ...{ key: KEY, source, records, state, clock, log, allowed },
      random: () => 0.5,
      assertAccepted: () => undefined,
      backOff: () => refresher.backOff,
      onDead: () => {
        const refreshed = refresher.refresh({ urgent: false }).catch((thrown: unknown) => thrown);
        bench.triggered.push(refreshed);
      },
    });
    const { resources } = bench;
    onTestFinished(() => void resources.stop());
  };
  bench.restart = () => {
    restart();
    open();
  };
  open();
  return bench;
}

export function refusal(code: ConstructorParameters<typeof AppError>[0], detail: string): AppError {
  return new AppError(code, { detail, correlationId: '11111111-2222-3333-4444-555555555555' });
}
