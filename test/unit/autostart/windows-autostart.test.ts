import { describe, expect, it } from 'vitest';
import { WindowsAutostart } from '../../../src/autostart/windows-autostart.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const RUN = 'Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const PROGRAM = 'C:\\Users\\Zoë 東京\\foundry-credential-helperw.exe';
const other = { name: 'Other', type: 'REG_SZ', data: '"C:\\other.exe" agent run' };

function system() {
  const registry = new FakeRegistry();
  registry.set('HKEY_CURRENT_USER', RUN, [other]);
  return { registry, autostart: new WindowsAutostart(registry) };
}

describe('a value of the Run key', () => {
  it('is written beside those of others; a second time changes nothing; another path is corrected', async () => {
    const { registry, autostart } = system();
    const place = `HKEY_CURRENT_USER\\${RUN}\\Foundry Credential Helper`;
    expect(await autostart.install(PROGRAM)).toEqual({ changed: true, place });
    expect(registry.readKey('HKEY_CURRENT_USER', RUN)).toEqual([
      other,
      { name: 'Foundry Credential Helper', type: 'REG_SZ', data: `"${PROGRAM}" agent run` },
    ]);
    expect(await autostart.install(PROGRAM)).toEqual({ changed: false, place });
    expect(await autostart.install('D:\\foundry-credential-helper.exe')).toMatchObject({ changed: true });
    expect(await autostart.entries()).toEqual([
      { kind: 'run-key', scope: 'user', enabled: true, place, program: 'D:\\foundry-credential-helper.exe' },
    ]);
  });

  it('of all users is found by its program, whatever its name', async () => {
    const { registry, autostart } = system();
    const data = '"C:\\Program Files\\foundry-credential-helper\\foundry-credential-helperw.exe" agent run';
    registry.set('HKEY_LOCAL_MACHINE', RUN, [{ name: 'Agent', type: 'REG_SZ', data }]);
    expect(await autostart.entries()).toMatchObject([{ scope: 'system', program: data.split('"')[1] }]);
    expect(await autostart.uninstall()).toEqual([]);
  });

  it('is removed, and nothing else', async () => {
    const { registry, autostart } = system();
    await autostart.install(PROGRAM);
    expect(await autostart.uninstall()).toHaveLength(1);
    expect(registry.readKey('HKEY_CURRENT_USER', RUN)).toEqual([other]);
  });

  it('that cannot be written is named', async () => {
    const { registry, autostart } = system();
    registry.writeText = () => {
      throw new Error('Access is denied.');
    };
    await expect(autostart.install(PROGRAM)).rejects.toMatchObject({ code: 'ERR_AUTOSTART' });
  });
});
