// What a program finds whose parent hands it empty or relative variables, as Claude Desktop's package has done, and how
// the sign-in page reaches the browser.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { type Computer, createComputer, createWindowsWorld, signIn, type WindowsUser } from './support.ts';

const WORK = 'C:\\work';
const VARIABLES = ['SystemRoot', 'windir', 'ComSpec', 'SystemDrive', 'ProgramFiles', 'ProgramData', 'ALLUSERSPROFILE'];

let computer: Computer;
let user: WindowsUser;
let world: World;
beforeAll(async () => {
  const made = await createWindowsWorld({ config: { allowTokenEndpoint: true } });
  world = made.world;
  computer = await createComputer();
  user = await computer.addUser('Ada', made.config);
  mkdirSync(computer.onLinux(`${WORK}\\System32`), { recursive: true });
  mkdirSync(computer.onLinux('C:\\tools'));
  writeFileSync(computer.onLinux('C:\\tools\\hello.cmd'), '@echo hello\r\n');
  // What a relative path would lead to.
  for (const name of ['cmd.exe', 'rundll32.exe', 'tasklist.exe', 'schtasks.exe']) {
    writeFileSync(computer.onLinux(`${WORK}\\System32\\${name}`), 'no program');
  }
});
afterAll(async () => {
  await computer?.stop();
  await world?.dispose();
});

const launcher = () => computer.program.replace('.exe', 'w.exe');

it('opens the sign-in page through the launcher, which gets the address on standard input', async () => {
  // Only the launcher is left.
  rmSync(computer.onLinux('C:\\windows\\system32\\rundll32.exe'), { force: true });
  expect(await signIn(world, user)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await user.waitForOpenedUrl()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
});

it('opens an unchanged address, and only an address', async () => {
  const other = await computer.addUser('Grace');
  const open = (input: string) => computer.prefix.run(launcher(), ['--open'], { env: other.env, input });
  const address = `http://127.0.0.1:1/s/${'x'.repeat(300)}?a=1&b=%20%25PATH%25&c=^'(!)`;
  const opened = user.openedUrls();
  expect(await open(address)).toMatchObject({ exitCode: 0, stdout: '' });
  await expect.poll(() => user.openedUrls()).toEqual([...opened, address]);

  const INVALID_DATA = 13;
  const refused = ['', 'http://', 'HTTP', 'C:\\tools\\hello.cmd', 'file:///C:/tools/hello.cmd', 'ms-settings:', 'calc'];
  for (const input of [...refused, 'http://x y', 'http://x"y', 'http://x\ny', 'http://ü', ' http://x']) {
    expect(await open(input), input).toMatchObject({ exitCode: INVALID_DATA });
  }
  expect(user.openedUrls()).toEqual([...opened, address]);
});

it.each(
  sample(
    [
      ['empty', ''],
      ['relative', '.'],
    ],
    2,
  ),
)('works with %s variables of Windows', async (_, value) => {
  const env = { ...user.env, ...Object.fromEntries(VARIABLES.map((name) => [name, value])) };
  const run = (...args: string[]) => computer.prefix.run(computer.program, args, { env, cwd: WORK });
  await run('agent', 'stop');
  expect(await run('agent', 'start')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await run('token')).toMatchObject({ exitCode: 0, stderr: '' });
  // In Windows' own cmd.exe, whatever %ComSpec% says.
  expect(await run('exec', '--', 'C:\\tools\\hello')).toMatchObject({ exitCode: 0, stdout: 'hello\r\n', stderr: '' });
  expect(await run('agent', 'stop')).toMatchObject({ exitCode: 0 });
});
