import { runHelper } from '../test/support/harness/claude-desktop.ts';
import { createWorld, type World, type WorldOptions } from '../test/support/harness/world.ts';
import { run } from './peers.ts';

/** Makes worlds and disposes of all of them at the end. */
export class Worlds {
  readonly #worlds: World[] = [];

  async create(options?: WorldOptions): Promise<World> {
    const world = await createWorld(options);
    this.#worlds.push(world);
    return world;
  }

  /** A world in which the user has signed in, with an agent running. @throws Error when the sign-in fails */
  async signedIn(binary: string, options?: WorldOptions): Promise<World> {
    const world = await this.create(options);
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    world.entra.approve(await world.entra.waitForUserCode());
    const { state, stderr } = await helper;
    if (state !== 'ok') throw new Error(`the sign-in failed: ${stderr}`);
    return world;
  }

  async dispose(): Promise<void> {
    for (const world of this.#worlds.splice(0).reverse()) await world.dispose();
  }
}

/** Process id of the world's running agent. */
export async function agentPid(binary: string, { env }: World): Promise<number> {
  const status = JSON.parse(await run(binary, ['agent', 'status', '--json'], env)) as { agent: { pid: number } };
  return status.agent.pid;
}
