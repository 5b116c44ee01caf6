// The tests' own support: what Wine breaks is told apart from what a program does, and no test leaves programs behind.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WindowsParentEnded } from '../../support/harness/windows-parent.ts';
import { windowsNode } from '../../support/harness/wine.ts';
import { type Computer, createComputer, endPrograms, ownProcesses, processesOf, type WindowsUser } from './support.ts';

let computer: Computer;
let user: WindowsUser;

beforeAll(async () => {
  computer = await createComputer();
  user = await computer.addUser('Zoë', {});
});
afterAll(() => computer?.stop());

it('says how the Windows parent ended, and starts another one for the next program', async () => {
  const { prefix } = computer;
  const run = prefix.run(await windowsNode(), ['-e', 'setInterval(() => undefined, 1000)']);
  const fails = expect(run).rejects.toThrow(/^the Windows parent ended: SIGKILL, output ""$/);
  const running = (text: string) => processesOf(prefix, /node\.exe/).filter(({ command }) => command.includes(text));
  await expect.poll(() => running('setInterval')).toHaveLength(1);
  for (const { pid } of running('wine-parent.cjs')) process.kill(pid, 'SIGKILL');
  await fails;
  expect(await prefix.run('cmd.exe', ['/c', 'echo', 'again'])).toMatchObject({ exitCode: 0, stdout: 'again\r\n' });
});

it('names and ends what a test leaves', async () => {
  expect(await user.command('agent', 'start')).toMatchObject({ exitCode: 0 });
  await expect(endPrograms(computer, async () => undefined, 0)).rejects.toThrow();
  expect(ownProcesses(computer)).toEqual([]);
});

it('ends programs once more after Wine has failed, and reports a second failure as one of the test', async () => {
  let rounds = 0;
  const end = async (failures: number): Promise<void> => {
    rounds += 1;
    if (rounds <= failures) throw new WindowsParentEnded('exit code 1, output ""');
  };
  await endPrograms(computer, () => end(1));
  expect(rounds).toBe(2);
  rounds = 0;
  await expect(endPrograms(computer, () => end(2))).rejects.toThrow('Wine failed twice');
});

it('reports a program that Windows refuses to start, next to one that it starts', async () => {
  const { prefix } = computer;
  const [refused, started] = await prefix.runAll([
    { program: 'C:\\windows\\win.ini' },
    { program: 'cmd.exe', args: ['/c', 'echo', 'started'] },
  ]);
  expect(refused).toMatchObject({ exitCode: -1, stderr: expect.stringContaining('spawn') });
  expect(started).toMatchObject({ exitCode: 0, stdout: 'started\r\n' });
});
