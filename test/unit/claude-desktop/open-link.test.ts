// Whether the sign-in page may offer to open Claude Desktop.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findClaudeUrl } from '../../../src/claude-desktop/open-link.ts';
import type { Registry, RegistryKeys } from '../../../src/platform/registry.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'link-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

describe('on Linux', () => {
  const APP = 'usr/share/applications/com.anthropic.Claude.desktop';
  const CACHE = 'usr/share/applications/mimeinfo.cache';
  const cached = '[MIME Cache]\ntext/html=firefox.desktop;\nx-scheme-handler/claude=com.anthropic.Claude.desktop;\n';
  const userList = 'home/ada/.config/mimeapps.list';

  const find = (files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) => {
    const root = folderWith(files);
    return findClaudeUrl({ platform: 'linux', root, env: { HOME: join(root, 'home/ada'), ...env } });
  };

  it.each<[string, Readonly<Record<string, string>>]>([
    ['that its package has installed', { [APP]: '', [CACHE]: cached }],
    [
      'that the user has installed',
      {
        'home/ada/.local/share/applications/claude.desktop': '',
        'home/ada/.local/share/applications/mimeinfo.cache': '[MIME Cache]\nx-scheme-handler/claude=claude.desktop;\n',
      },
    ],
    [
      'that the user has associated',
      { [APP]: '', [userList]: '[Added Associations]\nx-scheme-handler/claude=com.anthropic.Claude.desktop\n' },
    ],
    [
      'that one list adds and removes',
      {
        [APP]: '',
        [userList]:
          '[Removed Associations]\nx-scheme-handler/claude=com.anthropic.Claude.desktop;\n[Added Associations]\nx-scheme-handler/claude=com.anthropic.Claude.desktop;\n',
      },
    ],
  ])('it is a program %s', async (_, files) => {
    expect(await find(files)).toBe('claude://');
  });

  it('it may be in a folder that the session names', async () => {
    const root = folderWith({
      'opt/share/applications/claude.desktop': '',
      'opt/share/applications/mimeinfo.cache': '[MIME Cache]\nx-scheme-handler/claude=claude.desktop;\n',
    });
    const env = { HOME: root, XDG_DATA_DIRS: 'relative:/opt/share' };
    expect(await findClaudeUrl({ platform: 'linux', root, env })).toBe('claude://');
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['no program is registered', { [APP]: '', [CACHE]: '[MIME Cache]\nx-scheme-handler/claude-cli=claude.desktop;\n' }],
    ['the program was removed', { [CACHE]: cached }],
    [
      'it is only the default: GNOME then has no program to choose',
      { [APP]: '', [userList]: cached.replace('MIME Cache', 'Default Applications') },
    ],
    [
      'the user has removed the association',
      { [APP]: '', [CACHE]: cached, [userList]: cached.replace('MIME Cache', 'Removed Associations') },
    ],
    [
      'the file is outside of the folders for programs',
      { [CACHE]: cached.replace('com.anthropic', '../../../../tmp/x'), 'tmp/x.Claude.desktop': '' },
    ],
    ['the lists are unreadable', { [APP]: '', [`${CACHE}/folder`]: '' }],
  ])('there is none if %s', async (_, files) => {
    expect(await find(files)).toBeUndefined();
  });
});

describe('on macOS', () => {
  const INFO = 'Applications/Claude.app/Contents/Info.plist';
  const info = (scheme: string) =>
    `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleURLTypes</key><array><dict><key>CFBundleURLSchemes</key><array><string>${scheme}</string></array></dict></array></dict></plist>`;
  const find = (root: string, home: string) => findClaudeUrl({ platform: 'darwin', root, env: { HOME: home } });

  it('it is the app of the computer or of the user, if it declares the scheme', async () => {
    const [app, other, empty] = [
      folderWith({ [INFO]: info('claude') }),
      folderWith({ [INFO]: info('other') }),
      folderWith({}),
    ];
    expect(await find(app, empty)).toBe('claude://');
    expect(await find(empty, app)).toBe('claude://');
    expect(await find(other, empty)).toBeUndefined();
    expect(await find(empty, folderWith({ [INFO]: 'no property list' }))).toBeUndefined();
  });
});

describe('on Windows', () => {
  const PACKAGE = 'Claude_2.2553.1.0_x64__pzs8sxrjxfjjc';
  const value = (name: string) => [{ name, type: 'REG_SZ', data: '' }];

  /** A registry with these keys, each with one value. */
  const registryWith = (keys: Readonly<Record<string, string>>): Registry & RegistryKeys => ({
    readKey: (hive, path) => {
      const name = keys[`${hive}\\${path}`];
      return name === undefined ? undefined : value(name);
    },
    subkeys: (_, path) => (path.endsWith('\\Packages') ? ['Microsoft.Paint_1.0.0.0_x64__x', PACKAGE] : ['Claude']),
  });
  const find = (keys: Readonly<Record<string, string>>) =>
    findClaudeUrl({ platform: 'win32', registry: registryWith(keys), env: {} });
  const CAPABILITIES = `HKEY_CURRENT_USER\\Software\\Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel\\Repository\\Packages\\${PACKAGE}\\Claude\\Capabilities\\URLAssociations`;

  it.each([
    ['the user', { 'HKEY_CURRENT_USER\\Software\\Classes\\claude': 'URL Protocol' }],
    ['the computer', { 'HKEY_LOCAL_MACHINE\\Software\\Classes\\claude': 'URL Protocol' }],
    ['a package', { [CAPABILITIES]: 'claude' }],
  ])('it is a program that is registered for %s', async (_, keys) => {
    expect(await find(keys)).toBe('claude://');
  });

  it("a class without the mark of a scheme doesn't count", async () => {
    expect(await find({ 'HKEY_CURRENT_USER\\Software\\Classes\\claude': '' })).toBeUndefined();
    expect(await find({})).toBeUndefined();
  });

  it("isn't found in a registry that can't be read", async () => {
    const broken = () => {
      throw new Error('access denied');
    };
    const registry = { readKey: broken, subkeys: broken };
    expect(await findClaudeUrl({ platform: 'win32', registry, env: {} })).toBeUndefined();
  });
});
