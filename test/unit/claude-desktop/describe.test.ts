import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeDesktop } from '../../../src/claude-desktop/describe.ts';
import { shownHelperPath } from '../../../src/claude-desktop/helper-program.ts';
import { desktopKey, desktopKeyNames } from '../../../src/claude-desktop/keys.ts';

const lines = (values: Readonly<Record<string, unknown>>): string => {
  const entries = Object.entries(values).map(([key, value]) => ({ key, value }));
  const document = { form: 'json' as const, file: '/some/file.json', entries };
  return describeDesktop({ state: 'values', origin: '/some/file.json', managed: true, document, values }).join('\n');
};

const CANARY = 'A1b2C3d4'.repeat(10);

describe('describeDesktop', () => {
  it('shows what matters, whether it is native or text', () => {
    const text = lines({
      inferenceProvider: 'gateway',
      inferenceFoundryResource: 'contoso-foundry',
      inferenceCredentialHelperTtlSec: '900',
      inferenceCredentialHelperTimeoutSec: 600,
      inferenceModels: '["claude-sonnet-5",{"name":"claude-opus-4-8"}]',
      inferenceGatewayBaseUrl: 'https://gate.example/anthropic',
    });
    for (const part of ['gateway', 'contoso-foundry', '900', '600', 'https://gate.example'])
      expect(text).toContain(part);
    expect(text).toContain('claude-sonnet-5, claude-opus-4-8');
  });

  it.each([
    ['a key', CANARY],
    ['an older key', '0123456789abcdef0123456789abcdef'],
    ['a key of another vendor', 'sk-ant-api03-Zz9_canary-canary-canary'],
    ['a command with a key', `/bin/echo ${CANARY}`],
    ['a command with a password', '/opt/gone/x hunter2hunter2'],
    ['an address with a password', `https://user:${CANARY}@gate.example/?key=${CANARY}`],
  ])('shows %s in no value of any key', (_, canary) => {
    for (const key of desktopKeyNames) {
      const { type } = desktopKey(key);
      const values =
        type === 'array' ? [[canary], JSON.stringify([canary]), [{ name: canary }]] : [canary, { [canary]: canary }];
      for (const value of values) {
        const text = lines({ [key]: value });
        expect(text, key).not.toMatch(/A1b2C3d4|0123456789abcdef|canary-canary|hunter2/);
      }
    }
  });

  it('shows no unknown name', () => {
    expect(lines({ [CANARY]: 1 })).toContain('and 1 other key, not shown');
    expect(lines({ [CANARY]: 1 })).not.toContain(CANARY);
  });

  it("says if there is none, and if Desktop can't use it", () => {
    expect(describeDesktop({ state: 'absent' })).toEqual(['no configuration was found']);
    const unreadable = { state: 'unreadable', origin: '/etc/x', reason: 'is a link', managed: true } as const;
    expect(describeDesktop(unreadable)[0]).toBe("/etc/x is there, but can't be used: it is a link");
  });
});

describe('a helper path', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'my folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is shown up to the program, and never what follows it', () => {
    const program = join(folder, 'the helper');
    writeFileSync(program, '');
    expect(shownHelperPath(program)).toBe(program);
    for (const rest of [' secret', ' --key secret', '\tsecret', ' "secret"', ' /secret']) {
      expect(shownHelperPath(`${program}${rest}`)).toBe(program);
    }
    expect(shownHelperPath(`/usr/bin/env API_KEY=secret printenv`)).not.toContain('secret');
  });

  it("is shown as a folder if there's no such program", () => {
    expect(shownHelperPath('/opt/gone/x secret')).toBe('/opt/gone/…');
    expect(shownHelperPath('/opt/gone/secret')).toBe('/opt/gone/…');
    expect(shownHelperPath('C:\\gone\\x.exe secret')).toBe('C:\\gone\\…');
    mkdirSync(join(folder, 'dir'));
    expect(shownHelperPath(join(folder, 'dir'))).not.toContain('/dir');
  });
});
