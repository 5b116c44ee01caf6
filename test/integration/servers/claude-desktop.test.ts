// Claude Desktop's side of the contract, against small helpers of every kind.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { parseHelperOutput } from '../../support/harness/helper-output.ts';

describe('reading the output', () => {
  it.each([
    ['a bare token', ' abc.def \n', { state: 'ok', token: 'abc.def' }],
    ['an object', '{"token":" t ","headers":{"A":"b"}}', { state: 'ok', token: 't', headers: { A: 'b' } }],
    ['an object on several lines', '{\n "token": "t"\n}\n', { state: 'ok', token: 't' }],
    ['a header that is no text', '{"token":"t","headers":{"A":"b","C":1}}', { state: 'warning', headers: { A: 'b' } }],
    ['words before the object', 'hello\n{"token":"t"}', { state: 'warning', reason: 'leading-output', token: 't' }],
    ['nothing', ' \n ', { state: 'failed', reason: 'empty' }],
    ['two lines', 'hello\nabc', { state: 'failed', reason: 'multiple-lines' }],
    ['a carriage return', 'abc\rdef', { state: 'failed', reason: 'multiple-lines' }],
    ['NUL', 'abc\0def', { state: 'failed', reason: 'control-character' }],
    ['a line break in the token', '{"token":"a\\nb"}', { state: 'failed', reason: 'control-character' }],
    ['another shape', '{"AccessKeyId":"x"}', { state: 'failed', reason: 'not-a-credential' }],
    ['an empty token', '{"token":" "}', { state: 'failed', reason: 'not-a-credential' }],
    ['half JSON', '{"token":"t"', { state: 'failed', reason: 'not-a-credential' }],
    ['headers that are a list', '{"token":"t","headers":["A"]}', { state: 'failed', reason: 'bad-headers' }],
  ])('%s', (_, stdout, expected) => {
    expect(parseHelperOutput(stdout)).toMatchObject(expected);
  });
});

describe('running the helper', () => {
  let folder: string;
  const env = { PATH: process.env['PATH'] ?? '' };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cd-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function script(text: string): string {
    const file = join(folder, `helper ${Math.random()}`);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it('takes what it prints, and gives it the context, no arguments and no stdin', async () => {
    const helper = script('cat; echo "$#-$CLAUDE_HELPER_CONTEXT-$CLAUDE_HELPER_MANUAL_RUN"');
    const result = await runHelper(helper, { context: 'interactive', env });
    expect(result).toMatchObject({
      state: 'ok',
      token: '0-interactive-',
      exitCode: 0,
      stderr: '',
      outputHeldOpen: false,
    });
    expect(result.durationMs).toBeGreaterThan(0);
    expect((await runHelper(helper, { context: 'setup-test', env })).token).toBe('0-setup-test-1');
    expect((await runHelper(helper, { env: { ...env, CLAUDE_HELPER_CONTEXT: 'x' } })).token).toBe('0--');
  });

  it("warns of a success that isn't silent", async () => {
    expect(await runHelper(script('echo note >&2; echo tok'), { env })).toMatchObject({
      state: 'warning',
      token: 'tok',
      stderr: 'note\n',
    });
  });

  it('takes no output of a failure', async () => {
    const result = await runHelper(script('echo tok; echo why >&2; exit 4'), { env });
    expect(result).toMatchObject({ state: 'failed', reason: 'non-zero-exit', exitCode: 4, stderr: 'why\n' });
    expect(result.token).toBeUndefined();
  });

  it('kills it at the limit', async () => {
    const result = await runHelper(script('exec sleep 600'), { env, timeoutMs: 100 });
    expect(result).toMatchObject({ state: 'failed', reason: 'timed-out', exitCode: null });
  });

  it('notices a program left behind that holds the output', async () => {
    const pidFile = join(folder, 'pid');
    expect(await runHelper(script(`sleep 600 & echo $! > '${pidFile}'; echo tok`), { env })).toMatchObject({
      state: 'ok',
      outputHeldOpen: true,
    });
    process.kill(Number(readFileSync(pidFile, 'utf8')));
  });

  it('starts only what is there, by an absolute local path', async () => {
    expect(await runHelper('helper', { env })).toMatchObject({ reason: 'bad-path' });
    expect(await runHelper('//server/helper', { env })).toMatchObject({ reason: 'bad-path' });
    expect(await runHelper(`${script('echo')} --flag`, { env })).toMatchObject({ reason: 'spawn-failed' });
  });
});
