import { isDeepStrictEqual } from 'node:util';
import type { SignInProgress } from '../../ipc/protocol.ts';

type Follower = (progress: SignInProgress) => void;

/** Tells the terminals that follow a sign-in what is new to them. */
export class ProgressFeed {
  readonly #followers = new Set<Follower>();
  readonly #current: () => SignInProgress | undefined;
  #last: SignInProgress | undefined;

  /** @param current the progress now; undefined if there's nothing to show */
  constructor(current: () => SignInProgress | undefined) {
    this.#current = current;
  }

  /** Calls back with the current progress and every later one. Returns the function that ends this. */
  follow(follower: Follower): () => void {
    const progress = this.#current();
    if (progress !== undefined) follower(progress);
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Call this after each change. */
  tell(): void {
    const progress = this.#current();
    if (isDeepStrictEqual(progress, this.#last)) return;
    // A user code isn't kept after its sign-in.
    this.#last = progress;
    if (progress === undefined) return;
    for (const follower of this.#followers) follower(progress);
  }
}
