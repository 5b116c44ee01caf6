// `claude-desktop configure|status|remove` on a computer without device management, and what Claude Desktop gets from
// it.
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { createEtcFolder } from '../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import { createSandbox } from '../support/harness/sandbox.ts';
import { binary, run, runWithInput, worldForTest } from './support.ts';

const WORK = '0a1b2c3d-0000-4000-8000-000000000001';
const META = `{\r\n\t"appliedId": "${WORK}",\r\n\t"entries": [{ "id": "${WORK}", "name": "Work" }],\r\n\t"seen": 1.0\r\n}\r\n`;
const CONFIG = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  foundryResource: 'contoso-foundry',
  models: ['claude-sonnet-5'],
};

/** Kind, mode, and content of everything in the folder. */
function snapshot(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const entries = names.map((name) => {
    const stats = lstatSync(join(folder, name));
    const content = stats.isFile() ? readFileSync(join(folder, name), 'base64') : 'folder';
    return [name, `${(stats.mode & 0o777).toString(8)} ${content}`];
  });
  return Object.fromEntries(entries);
}

function desk(config: object = CONFIG) {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  sandbox.writeConfig(config);
  const configHome = sandbox.env['XDG_CONFIG_HOME'] ?? '';
  const folder = join(configHome, 'Claude-3p/configLibrary');
  const meta = join(folder, '_meta.json');
  const desktop = (...args: string[]) => run(sandbox.env, 'claude-desktop', ...args);
  return {
    sandbox,
    folder,
    meta,
    desktop,
    home: () => snapshot(configHome),
    /** A configuration of another kind that is applied. */
    applyWork(): void {
      mkdirSync(folder, { recursive: true });
      writeFileSync(meta, META, { mode: 0o640 });
      writeFileSync(join(folder, `${WORK}.json`), '{"inferenceProvider":"bedrock"}', { mode: 0o644 });
    },
    /** The applied configuration as any reader of its documented form finds it. */
    applied(): { readonly inference: { readonly credential: Record<string, unknown> } & Record<string, unknown> } {
      const { appliedId } = JSON.parse(readFileSync(meta, 'utf8')) as { readonly appliedId: string };
      return JSON.parse(readFileSync(join(folder, `${appliedId}.json`), 'utf8'));
    },
  };
}

describe('claude-desktop', () => {
  it('gets Claude Desktop a token, and leaves nothing behind', async () => {
    const world = await worldForTest({ secretService: 'unlocked' });
    const { env, entra } = world;
    const configHome = env['XDG_CONFIG_HOME'] ?? '';
    const before = snapshot(configHome);
    expect(await run(env, 'claude-desktop', 'status')).toMatchObject({ exitCode: 3, stderr: '' });

    const { exitCode, stdout, stderr } = await run(env, 'claude-desktop', 'configure');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('sends the helper\'s value as "Authorization: Bearer"');
    expect(stdout).toContain('they match');
    expect(stdout).toMatch(/^Quit Claude Desktop completely/m);

    const folder = join(configHome, 'Claude-3p/configLibrary');
    const { appliedId, entries } = JSON.parse(readFileSync(join(folder, '_meta.json'), 'utf8'));
    expect(appliedId).toMatch(/^[a-f0-9-]{36}$/);
    expect(entries).toEqual([{ id: appliedId, name: 'foundry-credential-helper' }]);
    const profile = JSON.parse(readFileSync(join(folder, `${appliedId}.json`), 'utf8'));
    const { command, kind, timeoutSec } = profile.inference.credential;
    expect([profile.$schemaVersion, kind, command, timeoutSec]).toEqual([2, 'helper-script', binary, 600]);

    // As Claude Desktop runs what the profile names.
    const helper = runHelper(command, { context: 'interactive', env, timeoutMs: timeoutSec * 1000 });
    entra.approve(await entra.waitForUserCode());
    const { state, token = '' } = await helper;
    expect(state).toBe('ok');
    expect(entra.checkAccessToken(token)).toBe('valid');

    expect(await run(env, 'claude-desktop', 'status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^State +takes its tokens from here$/m),
    });
    expect(await run(env, 'claude-desktop', 'remove')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Claude Desktop's settings are as they were before."),
    });
    expect(snapshot(configHome)).toEqual(before);
  });

  it('changes nothing the second time, and has nothing to remove the second time', async () => {
    const { desktop, home, folder } = desk();
    const before = home();
    expect(await desktop('remove')).toMatchObject({ exitCode: 0, stdout: `Nothing to remove in ${folder}.\n` });
    expect(home()).toEqual(before);
    await desktop('configure');
    const configured = home();
    const { exitCode, stdout } = await desktop('configure');
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, `Nothing to change in ${folder}.`]);
    expect(home()).toEqual(configured);
    expect(await desktop('remove')).toMatchObject({ exitCode: 0 });
    expect(await desktop('remove')).toMatchObject({ exitCode: 0, stdout: `Nothing to remove in ${folder}.\n` });
    expect(home()).toEqual(before);
  });

  it('names another applied profile, replaces it only with --force, and restores it byte for byte', async () => {
    const { desktop, home, meta, applyWork, applied } = desk();
    applyWork();
    const before = home();
    const refused = await desktop('configure');
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toContain(`error[ERR_CLAUDE_DESKTOP_CONFLICT]`);
    expect(refused.stderr).toContain(`"Work", applied in ${meta}`);
    expect(home()).toEqual(before);

    const forced = await desktop('configure', '--force');
    expect(forced).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`  as it was: ${meta}.backup`) });
    expect(applied().inference).toMatchObject({ provider: 'gateway', credential: { command: binary } });
    expect(await desktop('status')).toMatchObject({ exitCode: 0 });
    const removed = await desktop('remove');
    expect(removed).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('The profile "Work" is applied now.'),
    });
    expect(home()).toEqual(before);
  });

  it('keeps a profile that was applied in the meantime', async () => {
    const { desktop, meta, folder, applyWork } = desk();
    await desktop('configure');
    const { entries } = JSON.parse(readFileSync(meta, 'utf8'));
    applyWork();
    writeFileSync(meta, JSON.stringify({ appliedId: WORK, entries: [...entries, { id: WORK, name: 'Work' }] }));
    const { exitCode, stdout } = await desktop('remove');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('nothing else in them was changed')]);
    expect(JSON.parse(readFileSync(meta, 'utf8'))).toEqual({ appliedId: WORK, entries: [{ id: WORK, name: 'Work' }] });
    expect(readdirSync(folder).sort()).toEqual([`${WORK}.json`, '_meta.json']);
  });

  it.each([
    ['a setting is missing', { ...CONFIG, models: undefined }, 'ERR_CONFIG_MISSING', '"models"'],
    ['a setting is invalid', { ...CONFIG, tenantId: '?' }, 'ERR_CONFIG_INVALID', '"tenantId"'],
    [
      'Claude Desktop would drop a model',
      { ...CONFIG, models: ['mine'] },
      'ERR_CONFIG_INVALID',
      'inferenceModels, entry 1',
    ],
    ['no address is known', { ...CONFIG, cloud: 'china' }, 'ERR_CONFIG_MISSING', '"baseUrl"'],
  ])('writes nothing if %s', async (_, config, code, says) => {
    const { desktop, home } = desk(config);
    const before = home();
    const { exitCode, stderr } = await desktop('configure');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`error[${code}]`)]);
    expect(stderr).toContain(says);
    expect(home()).toEqual(before);
  });

  it("doesn't overwrite a file that it can’t read, and names it", async () => {
    const { desktop, home, meta, applyWork } = desk();
    applyWork();
    writeFileSync(meta, '{"appliedId": oops}');
    const before = home();
    for (const args of [['configure'], ['configure', '--force'], ['remove']]) {
      const { exitCode, stderr } = await desktop(...args);
      expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`${meta} isn't valid JSON, line 1, column 15`)]);
    }
    expect(await desktop('status')).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining(`! Claude Desktop can't use ${meta}: it isn't valid JSON`),
    });
    expect(home()).toEqual(before);
  });

  it('has an API key sent to Foundry', async () => {
    const { desktop, applied } = desk({ ...CONFIG, tenantId: undefined, clientId: undefined, credential: 'api-key' });
    const { exitCode, stdout } = await desktop('configure');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('sends the helper\'s value as "x-api-key"')]);
    expect(applied().inference).toMatchObject({ provider: 'foundry', resource: 'contoso-foundry' });
    expect(await desktop('status')).toMatchObject({ exitCode: 0 });
  });

  it('follows changed settings, which status notices', async () => {
    const { sandbox, desktop, home, folder } = desk();
    const before = home();
    await desktop('configure');
    sandbox.writeConfig({ ...CONFIG, models: ['claude-opus-4-8'] });
    expect(await desktop('status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("! inferenceModels differs from this program's own settings; run"),
    });
    expect(await desktop('configure')).toMatchObject({ exitCode: 0 });
    expect((await desktop('status')).stdout).not.toContain('!');
    expect(readdirSync(folder)).toHaveLength(2);
    sandbox.writeConfig(CONFIG);
    expect(await desktop('remove')).toMatchObject({ exitCode: 0 });
    expect(home()).toEqual(before);
  });

  it('says that Claude Desktop starts with the claude.ai account that it remembers', async () => {
    const { desktop, folder } = desk();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '../claude_desktop_config.json'), '{"deploymentMode":"1p"}');
    expect(await desktop('configure')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('warning: Claude Desktop remembers a claude.ai account'),
    });
    expect(await desktop('status')).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('claude.ai') });
  });

  it('has a status in JSON for scripts', async () => {
    const { desktop } = desk();
    await desktop('configure');
    const { exitCode, stdout } = await desktop('status', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      usesThisProgram: true,
      source: 'local',
      state: 'values',
      profile: 'foundry-credential-helper',
      helper: { isThisProgram: true },
      header: { sends: 'Authorization: Bearer', accepts: 'Authorization: Bearer', verdict: 'match' },
      findings: [],
      differs: [],
    });
  });

  it('does what its guide says, command by command', async () => {
    const { sandbox, home } = desk();
    const before = home();
    const guide = readFileSync(join(projectFolder, 'docs/how-to/claude-desktop-pilot.md'), 'utf8');
    const commands = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const [program, ...args] = command.split(' ');
      expect(program).toBe('foundry-credential-helper');
      expect(await run(sandbox.env, ...args)).toMatchObject({ exitCode: 0, stderr: '' });
    }
    expect(home()).toEqual(before);
  });

  it.runIf(canUnshareMounts)(
    'refuses if an admin has set Claude Desktop’s settings, whatever the options',
    async () => {
      const { sandbox, home, desktop } = desk();
      const etc = createEtcFolder(sandbox.root);
      const folder = join(sandbox.root, 'etc/claude-desktop');
      const managed = (settings: object) =>
        writeFileSync(join(folder, 'managed-settings.json'), JSON.stringify(settings), { mode: 0o644 });
      const there = (...args: string[]) =>
        runWithInput(sandbox.env, '', etc.seenBy([binary, 'claude-desktop', ...args]));
      mkdirSync(folder, { mode: 0o755 });
      managed({ inferenceProvider: 'bedrock' });
      const before = home();
      for (const args of [['configure'], ['configure', '--force']]) {
        const { exitCode, stderr } = await there(...args);
        expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error[ERR_CLAUDE_DESKTOP_MANAGED]')]);
        expect(stderr).toContain('/etc/claude-desktop/managed-settings.json');
      }
      expect(home()).toEqual(before);

      // A local profile from before has no effect any more, and can be removed.
      await desktop('configure');
      const status = await there('status');
      expect(status).toMatchObject({ exitCode: 3 });
      expect(status.stdout).toMatch(
        /^Settings +set by your organization in \/etc\/claude-desktop\/managed-settings\.json$/m,
      );
      expect(status.stdout).toContain('the profile that "configure" wrote has no effect');
      expect(await there('remove')).toMatchObject({ exitCode: 0 });
      expect(home()).toEqual(before);

      // Update settings leave the device to its user; a file that Claude Desktop rejects doesn't.
      managed({ disableAutoUpdates: true });
      expect(await there('configure')).toMatchObject({ exitCode: 0 });
      await there('remove');
      chmodSync(join(folder, 'managed-settings.json'), 0o666);
      expect(await there('configure')).toMatchObject({
        exitCode: 3,
        stderr: expect.stringContaining('is writable by users'),
      });
      expect(home()).toEqual(before);
    },
  );
});
