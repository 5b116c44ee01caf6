// A fleet on a simulated clock: every endpoint with its own working day, its tokens and its tries.
import type { Policy } from './policies.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The simulated day: from 7:00 to 19:00. */
export const DAY_START_MS = 7 * HOUR_MS;
const DAY_END_MS = 19 * HOUR_MS;
/** Entra gives access tokens a random life of 60 to 90 minutes (learn.microsoft.com, "Configurable token lifetimes"). */
const TOKEN_LIFE_MS = [60 * MINUTE_MS, 90 * MINUTE_MS] as const;
/** What a person does with Claude: on average one turn in so long. */
const TURN_EVERY_MS = 4 * MINUTE_MS;

/** Something that happens to all endpoints at the same moment. */
export interface Incident {
  readonly name: string;
  /** Milliseconds since midnight. */
  readonly from: number;
  readonly to: number;
  /** `unreachable`: no request arrives. `outage`: it arrives and fails. `restart`: every agent starts anew, at a random moment of it. */
  readonly kind: 'unreachable' | 'outage' | 'restart';
}

export interface Outcome {
  /** Requests that reached Entra in each second of the day. */
  readonly requests: Uint32Array;
  readonly grants: Uint32Array;
  /** Milliseconds from the end of the incident until every endpoint that is used has a token; undefined without one. */
  readonly recoveredMs: number | undefined;
  /** Turns of users for which there was no token at hand. */
  readonly waited: number;
}

interface Endpoint {
  readonly arrives: number;
  readonly leaves: number;
  expires: number;
  attempt: number;
  lastTry: number;
  /** Time of the try that counts: an earlier plan that was replaced finds another one here. */
  planned: number;
}

interface Entry {
  readonly endpoint: Endpoint;
  readonly at: number;
  /** `try`: the agent goes to Entra automatically. `turn`: its user asks Claude something. */
  readonly what: 'try' | 'turn' | 'restart' | 'network-back';
}

/** One day of the fleet. The same seed gives the same day. */
export function simulate(policy: Policy, endpoints: number, seed: number, incident?: Incident): Outcome {
  const random = randomNumbers(seed);
  const seconds = (DAY_END_MS - DAY_START_MS) / SECOND_MS;
  const calendar: Entry[][] = Array.from({ length: seconds }, () => []);
  const requests = new Uint32Array(seconds);
  const grants = new Uint32Array(seconds);
  const secondOf = (at: number): number => Math.floor((at - DAY_START_MS) / SECOND_MS);
  const within = (at: number): boolean => incident !== undefined && at >= incident.from && at < incident.to;
  let waited = 0;
  let recoveredAt = 0;

  const put = (endpoint: Endpoint, at: number, what: Entry['what']): void => {
    calendar[secondOf(at)]?.push({ endpoint, at, what });
  };
  const plan = (endpoint: Endpoint, at: number): void => {
    endpoint.planned = at;
    put(endpoint, at, 'try');
  };
  const planTurn = (endpoint: Endpoint, after: number): void => {
    const at = after - Math.log(1 - random()) * TURN_EVERY_MS;
    if (at < endpoint.leaves) put(endpoint, at, 'turn');
  };
  const go = (endpoint: Endpoint, at: number): void => {
    endpoint.lastTry = at;
    const second = secondOf(at);
    const isBroken = incident?.kind !== 'restart' && within(at);
    if (!isBroken || incident?.kind === 'outage') requests[second] = (requests[second] ?? 0) + 1;
    if (isBroken) {
      endpoint.attempt += 1;
      plan(endpoint, at + policy.retry(endpoint.attempt, random(), Math.max(0, endpoint.expires - at)));
      return;
    }
    grants[second] = (grants[second] ?? 0) + 1;
    const life = TOKEN_LIFE_MS[0] + random() * (TOKEN_LIFE_MS[1] - TOKEN_LIFE_MS[0]);
    if (incident !== undefined && at >= incident.from && endpoint.expires < at) recoveredAt = Math.max(recoveredAt, at);
    endpoint.expires = at + life;
    endpoint.attempt = 0;
    // A computer that is shut down refreshes nothing.
    if (at < endpoint.leaves) plan(endpoint, at + policy.refreshAge(life, random()));
  };

  for (let index = 0; index < endpoints; index += 1) {
    const arrives = 8.75 * HOUR_MS + gaussian(random) * 25 * MINUTE_MS;
    const leaves = 17 * HOUR_MS + gaussian(random) * 40 * MINUTE_MS;
    const endpoint = { arrives, leaves, expires: 0, attempt: 0, lastTry: 0, planned: 0 };
    plan(endpoint, arrives + policy.start(random()));
    planTurn(endpoint, arrives);
    if (incident?.kind === 'restart')
      put(endpoint, incident.from + random() * (incident.to - incident.from), 'restart');
    if (incident?.kind === 'unreachable') put(endpoint, incident.to, 'network-back');
  }

  for (let second = 0; second < seconds; second += 1) {
    const entries = calendar[second] ?? [];
    // What is planned for this same second joins at the end.
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry === undefined) continue;
      const { endpoint, at, what } = entry;
      if (what === 'try') {
        if (endpoint.planned === at && at < endpoint.leaves) go(endpoint, at);
      } else if (what === 'network-back') {
        const sooner = policy.networkBack === undefined ? Infinity : at + policy.networkBack(random());
        if (endpoint.attempt > 0 && sooner < endpoint.planned) plan(endpoint, sooner);
      } else if (what === 'restart') {
        endpoint.expires = 0;
        plan(endpoint, at + policy.start(random()));
      } else {
        planTurn(endpoint, at);
        if (endpoint.expires > at) continue;
        waited += 1;
        if (at - endpoint.lastTry >= policy.urgentIntervalMs) go(endpoint, at);
      }
    }
    calendar[second] = [];
  }
  const recoveredMs = incident === undefined ? undefined : Math.max(0, recoveredAt - incident.to);
  return { requests, grants, recoveredMs, waited };
}

/** Mulberry32 by Tommy Ettinger (public domain): good enough to spread a fleet, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller's: mean 0, deviation 1. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
