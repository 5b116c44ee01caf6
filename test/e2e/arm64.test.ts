// In the long form: the program for Linux on arm64, from its sign-in to its sign-out, in QEMU. The servers, the bus, and
// the keyring are this computer's own.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { arm64Command, arm64Fault } from '../support/harness/arm64.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { isLong } from '../support/harness/long.ts';
import { isAlive, type Run, worldForTest } from './support.ts';

/** A process of this program starts in seconds there, and many more on a busy computer. */
const PATIENCE_MS = 400_000;

const fault = isLong ? arm64Fault() : 'in the long form';
const title = `the program for Linux on arm64${fault === undefined ? '' : ` (${fault})`}`;

describe.skipIf(fault !== undefined)(title, () => {
  let program = '';
  beforeAll(async () => {
    const script = join(projectFolder, 'installers/build/build-target.ts');
    const printed = execFileSync(process.execPath, [script, 'linux-arm64'], { cwd: projectFolder, encoding: 'utf8' });
    program = printed.trimEnd().split('\n').at(-1) ?? '';
  }, PATIENCE_MS);

  it(
    'signs in, keeps the sign-in in the keyring over a restart of the agent, and signs out',
    async () => {
      const world = await worldForTest();
      const folder = mkdtempSync(join(tmpdir(), 'arm64-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const command = arm64Command(program, folder);
      const { entra, env } = world;
      const run = (...args: string[]): Promise<Run> =>
        new Promise((resolve) => {
          execFile(command, args, { env, timeout: PATIENCE_MS }, (error, stdout, stderr) =>
            resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
          );
        });
      const json = async (...args: string[]) =>
        JSON.parse((await run(...args, '--json')).stdout) as Record<string, unknown>;
      const helper = () => runHelper(command, { context: 'background', env, timeoutMs: PATIENCE_MS });

      expect((await run('version')).stdout).toContain('linux-arm64');
      const login = run('login', '--no-browser');
      entra.approve(await entra.waitForUserCode(PATIENCE_MS));
      expect(await login).toMatchObject({ exitCode: 0 });
      const first = await helper();
      expect(entra.checkAccessToken(first.token ?? '')).toBe('valid');
      expect(await json('status')).toMatchObject({ signIn: 'signed-in', account: { username: 'ada@contoso.com' } });

      const { agent } = (await json('agent', 'status')) as { agent: { pid: number } };
      process.kill(agent.pid, 'SIGKILL');
      await expect.poll(() => isAlive(agent.pid)).toBe(false);
      const refreshes = entra.count('refresh');
      await expect.poll(async () => (await helper()).state, { timeout: PATIENCE_MS }).toBe('ok');
      expect(entra.count('refresh')).toBe(refreshes + 1);
      expect(entra.count('devicecode')).toBe(1);

      const { checks } = (await json('doctor')) as { checks: { id: string; state: string }[] };
      const failed = checks.filter(({ state }) => state === 'fail').map(({ id }) => id);
      expect(failed).not.toEqual(expect.arrayContaining(['keystore', 'agent', 'sign-in', 'token']));

      entra.setFault('refresh', { kind: 'aadsts', code: 50_173 });
      await run('agent', 'stop');
      await expect.poll(async () => (await helper()).stderr, { timeout: PATIENCE_MS }).toContain('AADSTS50173');
      expect(await run('logout')).toMatchObject({ exitCode: 0 });
      expect(await json('status')).toMatchObject({ signIn: 'signed-out' });
      expect(await run('agent', 'stop')).toMatchObject({ exitCode: 0 });
    },
    2 * PATIENCE_MS,
  );
});
