// What a single user can show; test/e2e/attack/parents.test.ts has two.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parentsFault, privacyFault } from '../../../src/platform/privacy-fault.ts';

let root = '';
const at = (...names: string[]): string => join(root, ...names);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'privacy-fault-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(at('open', 'inside'), { recursive: true });
  mkdirSync(at('closed', 'inside'), { recursive: true });
  chmodSync(at('open'), 0o770);
});

const open = () => ({ path: at('open'), is: 'writable' });

describe.runIf(process.platform !== 'win32')('the folders above a path', () => {
  it.each([
    'closed/x',
    'closed/absent/further/x',
    'closed/inside/../x',
    'closed//inside/',
    'absent/x/',
    'file/x',
    'open',
  ])('are safe: %s', (path) => {
    writeFileSync(at('file'), '');
    expect(parentsFault(`${root}/${path}`)).toBeUndefined();
  });

  it.each(['open/', 'open/x', 'open/inside/x', 'open/absent/x', 'closed/../open/inside/x'])(
    'may be written to by others: %s',
    (path) => {
      expect(parentsFault(`${root}/${path}`)).toMatchObject({ is: 'writable' });
    },
  );

  it.each([
    ['absolute', () => at('open', 'inside')],
    ['relative', () => 'open/inside'],
    ['relative, upward', () => '../open/inside'],
    ['to another link', () => 'second'],
  ])('are followed through a link that is %s', (name, target) => {
    const isUpward = name.includes('upward');
    symlinkSync('open/inside', at('second'));
    symlinkSync(target(), isUpward ? at('closed', 'link') : at('link'));
    const link = isUpward ? at('closed', 'link') : at('link');
    expect(parentsFault(join(link, 'x'))).toMatchObject(isUpward ? { is: 'writable' } : open());
    expect(parentsFault(link)).toBeUndefined();
    chmodSync(at('open'), 0o1770);
    expect(parentsFault(join(link, 'x'))).toBeUndefined();
  });

  it('are unusable if links lead in a circle', () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    expect(parentsFault(at('a', 'x'))).toMatchObject({ is: 'inaccessible', cause: { code: 'ELOOP' } });
  });

  it('count for a folder, before the folder itself', () => {
    expect(privacyFault(at('open', 'inside'), 'folder')).toMatchObject(open());
    expect(privacyFault(at('open', 'absent'), 'folder')).toMatchObject(open());
    expect(privacyFault(at('closed', 'absent'), 'folder')).toMatchObject({ is: 'absent' });
    expect(privacyFault(at('closed', 'inside'), 'folder')).toBeUndefined();
  });
});
