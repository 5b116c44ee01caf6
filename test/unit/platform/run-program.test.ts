import { expect, it } from 'vitest';
import { decodeOutput, runProgram } from '../../../src/platform/run-program.ts';

const script = (code: string) => runProgram(process.execPath, ['-e', code], 30_000);

it('returns what a program printed, and how it ended', async () => {
  const { exitCode, stdout, stderr } = await script(
    'process.stdout.write(Buffer.from([0x89])); process.stderr.write("no"); process.exitCode = 3',
  );
  expect({ exitCode, stdout: [...stdout], stderr: stderr.toString() }).toEqual({
    exitCode: 3,
    stdout: [0x89],
    stderr: 'no',
  });
});

it("has no exit code for a program that isn't there, isn't named by its full path, or takes too long", async () => {
  for (const file of ['/none/program', 'node', './node']) {
    expect(await runProgram(file, [], 30_000)).toMatchObject({ exitCode: undefined });
  }
  expect(await runProgram(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], 100)).toMatchObject({
    exitCode: undefined,
  });
});

it("says why a program didn't start, however Node reports it", async () => {
  // Node emits the first error and throws the second.
  expect(await runProgram('/none/program', [], 30_000)).toMatchObject({ failure: "couldn't run (ENOENT)" });
  expect(await runProgram(process.execPath, ['x'.repeat(5_000_000)], 30_000)).toMatchObject({
    exitCode: undefined,
    failure: expect.stringMatching(/^couldn't run \((E2BIG|ENAMETOOLONG)\)$/),
  });
});

it.each([
  ['UTF-16 with a byte order mark', Buffer.from('\ufeffZoë 東', 'utf16le'), 'Zoë 東'],
  ['UTF-16 without one', Buffer.from('Zoë 東', 'utf16le'), 'Zoë 東'],
  ['UTF-8', Buffer.from('Zoë 東'), 'Zoë 東'],
  ['any code page, of which ASCII is right', Buffer.from([0x5a, 0x6f, 0x89]), 'Zo\x89'],
])('reads %s', (_, bytes, text) => {
  expect(decodeOutput(bytes)).toBe(text);
});
