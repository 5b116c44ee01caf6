import type { AgentState } from './agent-state.ts';
import type { ResourceState } from './state-file.ts';

type Change = { readonly [K in keyof ResourceState]?: ResourceState[K] | undefined };

/** What the state file remembers about the resources of one tenant and client, by scope. */
export class ResourceStates {
  readonly #state: AgentState;
  readonly #key: string;

  /** @param key names the tenant and client in the state file */
  constructor(state: AgentState, key: string) {
    this.#state = state;
    this.#key = key;
  }

  get(scope: string): ResourceState {
    return this.#all()[scope] ?? {};
  }

  /** Merges and saves; `undefined` removes a value. */
  update(scope: string, change: Change): void {
    const merged = { ...this.get(scope), ...change };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
    this.#state.update(this.#key, { resources: { ...this.#all(), [scope]: kept } });
  }

  /** Forgets the resources that no one may ask for anymore. */
  prune(allowed: readonly string[]): void {
    const kept = Object.entries(this.#all()).filter(([scope]) => allowed.includes(scope));
    this.#state.update(this.#key, { resources: kept.length === 0 ? undefined : Object.fromEntries(kept) });
  }

  #all(): Readonly<Record<string, ResourceState>> {
    return this.#state.get(this.#key).resources ?? {};
  }
}
