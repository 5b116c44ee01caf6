/**
 * The agent checks its configuration every 20 ms at most (src/agent/agent.ts), and a helper can be faster than that.
 */
const LONGER_THAN_A_LOOK_MS = 30;

/** Blocks until what was just written as configuration counts for the next request to a running agent. */
export function waitForAgentsLook(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONGER_THAN_A_LOOK_MS);
}
