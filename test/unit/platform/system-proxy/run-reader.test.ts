import { describe, expect, it } from 'vitest';
import { readerWithin } from '../../../../src/platform/system-proxy/run-reader.ts';

const NODE = process.execPath;
/** Longer than Node takes to start on a busy computer. */
const runReader = readerWithin(60_000);
const run = (code: string, env?: NodeJS.ProcessEnv) => runReader(NODE, ['-e', code], env);

describe('a program that prints settings', () => {
  it('is read, with the environment of the session', async () => {
    const code = "process.stdout.write(process.env.PROXY + ' ' + process.argv.slice(1))";
    const result = await runReader(NODE, ['-e', code, '--', 'a b', '$HOME;'], { PROXY: 'its own' });
    expect(result).toEqual({ stdout: 'its own a b,$HOME;' });
  });

  it.each([
    ['exits with 3', 'process.exit(3)', 'exited with 3'],
    ['is ended', "process.kill(process.pid, 'SIGTERM')", "couldn't run (it was ended)"],
    [
      'prints without end',
      "for (;;) require('fs').writeSync(1, 'x'.repeat(65536))",
      'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
    ],
  ])('fails if it %s', async (_, code, reason) => {
    expect(await run(code)).toEqual({ failure: expect.stringContaining(reason) });
  });

  it("fails if it reads from its input, because it doesn't have one", async () => {
    expect(await run("process.stdin.on('end', () => process.exit(4)).resume()")).toEqual({
      failure: `${NODE} exited with 4`,
    });
  });

  it('is ended if it takes too long', async () => {
    const result = await readerWithin(100)(NODE, ['-e', 'setInterval(() => {}, 1000)']);
    expect(result).toEqual({ failure: `${NODE} didn't answer within 0.1 s` });
  });

  it('is never looked for in the working folder', async () => {
    expect(await runReader('gsettings', [])).toEqual({ failure: "gsettings isn't an absolute path" });
    expect(await runReader('/nowhere/gsettings', [])).toEqual({
      failure: "/nowhere/gsettings couldn't run (ENOENT)",
    });
  });
});
