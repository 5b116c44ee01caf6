import { userInfo } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { managedSources } from '../../../src/config/sources/managed-sources.ts';

afterEach(() => vi.restoreAllMocks());

const on = (platform: NodeJS.Platform) => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
  return managedSources();
};
const locations = async (platform: NodeJS.Platform) => (await on(platform)).map(({ location }) => location);

describe('the places of managed policy', () => {
  it.skipIf(process.platform === 'win32')(
    'on macOS are those of the account, whatever USER says, then of the computer',
    async () => {
      vi.stubEnv('USER', 'mallory');
      expect(await locations('darwin')).toEqual([
        `/Library/Managed Preferences/${userInfo().username}/dev.foundry-credential-helper.plist`,
        '/Library/Managed Preferences/dev.foundry-credential-helper.plist',
      ]);
    },
  );

  it('on Windows are two registry keys', async () => {
    expect(await locations('win32')).toEqual([
      'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\FoundryCredentialHelper',
      'HKEY_CURRENT_USER\\SOFTWARE\\Policies\\FoundryCredentialHelper',
    ]);
  });

  it('on Linux is one file; elsewhere there is none', async () => {
    expect(await locations('linux')).toEqual(['/etc/foundry-credential-helper/policy.json']);
    expect(await locations('freebsd')).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('without a registry are unreadable, not absent', async () => {
    // The package loads everywhere, and its functions refuse everywhere but on Windows.
    const [computer] = await on('win32');
    expect(computer?.read()).toMatchObject({ state: 'unreadable', reason: expect.stringMatching(/^can't be read/) });
  });
});
