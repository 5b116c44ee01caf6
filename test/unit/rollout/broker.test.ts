import { describe, expect, it } from 'vitest';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';

const answers = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  foundryResource: 'contoso-foundry',
  models: [{ name: 'claude-sonnet-5' }],
};

const exported = (signInMethod: 'browser' | 'broker'): ReadonlyMap<string, string> =>
  new Map(
    exportFiles({ ...answers, signInMethod }, DEFAULT_HELPER_PATHS).map(({ path, content }) => [
      path,
      content.toString('utf8').replaceAll('\0', ''),
    ]),
  );

const METHOD = /signInMethod["'<>/a-z\s:=]*?(browser|broker)\b/;

/** The sign-in method in each file that has one, by the system it's for. */
function methods(files: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string | undefined>> {
  const found = new Map<string, Set<string | undefined>>();
  for (const [path, text] of files) {
    const system = path.split('/')[0] ?? '';
    const method = METHOD.exec(text)?.[1];
    if (method === undefined || path === 'README.md') continue;
    found.set(system, (found.get(system) ?? new Set()).add(method));
  }
  return found;
}

describe('a rollout with the broker', () => {
  it('has the broker for Windows and Linux, and the browser for Macs, and says so', () => {
    const files = exported('broker');
    expect(methods(files)).toEqual(
      new Map([
        ['linux', new Set(['broker'])],
        ['macos', new Set(['browser'])],
        ['windows', new Set(['broker'])],
      ]),
    );
    expect(files.get('README.md')).toContain("this program doesn't use the broker of macOS");
  });

  it('without it says nothing about it', () => {
    const files = exported('browser');
    expect(new Set([...methods(files).values()].flatMap((set) => [...set]))).toEqual(new Set(['browser']));
    expect(files.get('README.md')).not.toContain('broker');
  });
});
