// The exported pairs of scripts for Intune's remediations, and those that remove a rollout, in PowerShell 7 for Windows.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { desktopProfile } from '../../../src/claude-desktop/desktop-profile.ts';
import type { Values } from '../../../src/config/configuration.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { asText, ownSettings } from '../../../src/rollout/export/rollout-settings.ts';
import { isLong } from '../../support/harness/long.ts';
import {
  hasWindowsPowerShell,
  runCommand,
  runScript,
  runScripts,
  type ScriptRun,
} from '../../support/harness/windows-powershell.ts';
import { createWinePrefix, type WinePrefix } from '../../support/harness/wine.ts';
import {
  apiKey,
  EARLIER_VALUES,
  entraToken,
  helperPaths,
  importFile,
  POLICIES,
  readPolicies,
} from './policy-support.ts';

let prefix: WinePrefix;
beforeAll(async () => {
  if (hasWindowsPowerShell) prefix = await createWinePrefix({ forDotNet: true });
});
afterAll(() => prefix?.stop());

type Kind = 'detect' | 'remediate';

interface Scripts {
  /** Windows paths, by kind and program: `detect-claude-desktop`. */
  readonly paths: Readonly<Record<string, string>>;
  /** Runs all scripts of the first kind, then all of the next. Returns for each kind what they did, by program. */
  run(...kinds: readonly Kind[]): Promise<readonly Readonly<Record<string, ScriptRun>>[]>;
}

/** Writes the scripts of a rollout to drive C. */
function writeScripts(name: string, values: Values): Scripts {
  const folder = join(prefix.driveC, name);
  mkdirSync(folder, { recursive: true });
  const paths: Record<string, string> = {};
  for (const { path, content } of exportFiles(values, helperPaths)) {
    if (!path.endsWith('.ps1')) continue;
    const file = basename(path);
    writeFileSync(join(folder, file), content);
    paths[file.replace('-policy.ps1', '')] = `C:\\${name}\\${file}`;
  }
  return {
    paths,
    async run(...kinds) {
      const programs = Object.keys(paths).flatMap((one) => /^detect-(.*)$/.exec(one)?.[1] ?? []);
      const calls = kinds.flatMap((kind) => programs.map((program) => ({ script: paths[`${kind}-${program}`] ?? '' })));
      const runs = [...(await runScripts(prefix, calls))];
      return kinds.map(() => Object.fromEntries(programs.map((program) => [program, runs.shift() as ScriptRun])));
    },
  };
}

const asExported: ScriptRun = { exitCode: 0, stdout: 'as exported\n', stderr: '' };
const done: ScriptRun = { exitCode: 0, stdout: '', stderr: '' };
const differs = (text: string): ScriptRun => ({ exitCode: 1, stdout: `${text}\n`, stderr: '' });

/** What a computer has after these answers: as the registry files leave it. */
function expectedPolicies(values: Values): Readonly<Record<string, Record<string, string>>> {
  return {
    FoundryCredentialHelper: asText(ownSettings(values, 'windows')),
    Claude: {
      ...asText(desktopProfile(values, { helperPath: helperPaths.windows })),
      egressProxyUrl: 'http://proxy:1',
    },
  };
}

describe.skipIf(!hasWindowsPowerShell)('the exported scripts', () => {
  it('find an earlier rollout, replace it, and leave the settings of the admin alone', async () => {
    await importFile(prefix, EARLIER_VALUES);
    const scripts = writeScripts('entra', entraToken);
    const missing = (...names: string[]): string => names.map((name) => `${name} is missing`).join(', ');
    const [found, repaired, after] = await scripts.run('detect', 'remediate', 'detect');
    expect(found).toEqual({
      'claude-code': differs(missing('Settings')),
      'claude-desktop': differs(
        [
          missing(
            'inferenceProvider',
            'inferenceGatewayBaseUrl',
            'inferenceGatewayAuthScheme',
            'modelDiscoveryEnabled',
          ),
          'inferenceModels differs',
          missing('inferenceCredentialKind', 'inferenceCredentialHelper', 'inferenceCredentialHelperTtlSec'),
          missing('inferenceCredentialHelperTimeoutSec'),
          "inferenceFoundryApiKey shouldn't be there, inferenceGatewayOidc shouldn't be there",
        ].join(', '),
      ),
      'foundry-credential-helper': differs(
        [
          'tenantId differs',
          missing('clientId', 'foundryResource', 'baseUrl', 'models', 'organizationName'),
          // The default value, logLevel, and a key.
          "3 other values or keys shouldn't be there",
        ].join(', '),
      ),
    });
    const all = (run: ScriptRun) => ({
      'claude-code': run,
      'claude-desktop': run,
      'foundry-credential-helper': run,
    });
    expect(repaired).toEqual(all(done));
    expect(after).toEqual(all(asExported));
    const { ClaudeCode, ...policies } = await readPolicies(prefix);
    // The registry keeps a name unchanged first written.
    const { tenantId = '', ...own } = expectedPolicies(entraToken)['FoundryCredentialHelper'] ?? {};
    expect(policies).toEqual({
      ...expectedPolicies(entraToken),
      FoundryCredentialHelper: { ...own, TENANTID: tenantId },
    });
    expect(JSON.parse(ClaudeCode?.['Settings'] ?? '')).toMatchObject({
      apiKeyHelper: `"${helperPaths.windows}" claude-code token`,
    });
  });

  it.runIf(isLong)('find drift that is hard to see, without values, and repair it', async () => {
    const scripts = writeScripts('drift', entraToken);
    await scripts.run('remediate');
    const own = asText(ownSettings(entraToken, 'windows'));
    await importFile(
      prefix,
      Buffer.from(
        [
          '\ufeffWindows Registry Editor Version 5.00',
          '',
          `[${POLICIES}\\FoundryCredentialHelper]`,
          // A joiner without width, another case, another type, another value.
          `"tenantId"="contoso\u200d.onmicrosoft.com"`,
          `"foundryResource"="Contoso-Foundry"`,
          `"clientId"=dword:00000001`,
          `"models"=hex(2):5b,00,5d,00,00,00`,
          '"baseUrl"=-',
          '',
          `[${POLICIES}\\Claude]`,
          '"inferenceCredentialHelperArgs"="s3cret"',
          '',
        ].join('\r\n'),
        'utf16le',
      ),
    );
    const [found, , after] = await scripts.run('detect', 'remediate', 'detect');
    expect(found).toEqual({
      'claude-code': asExported,
      'claude-desktop': differs("inferenceCredentialHelperArgs shouldn't be there"),
      'foundry-credential-helper': differs(
        'tenantId differs, clientId differs, foundryResource differs, baseUrl is missing, models differs',
      ),
    });
    expect(after?.['foundry-credential-helper']).toEqual(asExported);
    expect(Object.values((await readPolicies(prefix))['FoundryCredentialHelper'] ?? {}).toSorted()).toEqual(
      Object.values(own).toSorted(),
    );
  });

  it.runIf(isLong)('replace a rollout for an Entra token with one for an API key', async () => {
    await writeScripts('before', entraToken).run('remediate');
    const scripts = writeScripts('after', apiKey);
    const [found, , after] = await scripts.run('detect', 'remediate', 'detect');
    expect(found?.['claude-desktop']?.stdout).toContain("inferenceGatewayBaseUrl shouldn't be there");
    expect(found?.['foundry-credential-helper']?.stdout).toContain("3 other values or keys shouldn't be there");
    expect(after).toEqual({
      'claude-desktop': asExported,
      'foundry-credential-helper': asExported,
    });
    expect(await readPolicies(prefix)).toMatchObject(expectedPolicies(apiKey));
  });

  it('end with their exit code when Intune runs them as files', async () => {
    await importFile(prefix, Buffer.from(`Windows Registry Editor Version 5.00\r\n[-${POLICIES}\\Claude]\r\n`));
    const { paths } = writeScripts('files', apiKey);
    const [detect = '', remediate = ''] = [paths['detect-claude-desktop'], paths['remediate-claude-desktop']];
    expect(await runScript(prefix, detect)).toMatchObject({ exitCode: 1, stderr: '' });
    expect(await runScript(prefix, remediate)).toEqual(done);
    expect(await runScript(prefix, detect)).toEqual(asExported);
  });
});

describe.skipIf(!hasWindowsPowerShell)('in Constrained Language mode, as App Control has them run', () => {
  const run = (path: string): Promise<ScriptRun> =>
    runCommand(prefix, `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & '${path}'`);

  it('the detection scripts say so, and the others fail', async () => {
    const { paths } = writeScripts('constrained', apiKey);
    for (const name of ['detect', 'remove'])
      copyFileSync(join(projectFolder, `deploy/intune/${name}-policy.ps1`), join(prefix.driveC, `${name}-left.ps1`));
    const detections = [paths['detect-claude-desktop'] ?? '', 'C:\\detect-left.ps1'];
    for (const path of detections)
      expect(await run(path)).toEqual(differs("can't be read (RuntimeException, ConstrainedLanguage)"));
    for (const path of [paths['remediate-claude-desktop'] ?? '', 'C:\\remove-left.ps1'])
      expect(await run(path)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('language mode') });
  });
});

describe.skipIf(!hasWindowsPowerShell)('deploy/intune/detect-policy.ps1 and remove-policy.ps1', () => {
  const file = (name: string): string => join(projectFolder, 'deploy', name);
  const removal = (...names: readonly string[]) => {
    const paths = names.map((name) => {
      copyFileSync(file(`intune/${name}-policy.ps1`), join(prefix.driveC, `${name}-policy.ps1`));
      return { script: `C:\\${name}-policy.ps1` };
    });
    return runScripts(prefix, paths);
  };
  const nothingLeft: ScriptRun = { exitCode: 0, stdout: 'none left\n', stderr: '' };
  /** What an admin has set without a rollout. */
  const ADMINS = [
    'Windows Registry Editor Version 5.00',
    '',
    `[${POLICIES}\\Claude]`,
    '"egressProxyUrl"="http://proxy:1"',
  ];

  const clean = async (): Promise<void> => {
    const keys = ['Claude', 'ClaudeCode', 'FoundryCredentialHelper'].map((key) => `[-${POLICIES}\\${key}]`);
    await importFile(prefix, Buffer.from(['Windows Registry Editor Version 5.00', '', ...keys, ''].join('\r\n')));
    await importFile(prefix, Buffer.from([...ADMINS, ''].join('\r\n')));
  };

  it.each([
    ['an Entra token', entraToken, `${POLICIES.slice('HKEY_LOCAL_MACHINE\\'.length)}\\ClaudeCode\\Settings`],
    ['an API key', apiKey, 'inferenceFoundryResource'],
  ])('find a rollout for %s, remove all of it, and leave what an admin has set', async (_, values, last) => {
    await clean();
    await writeScripts('to-remove', values).run('remediate');
    const [found, removed, after, again] = await removal('detect', 'remove', 'detect', 'remove');
    expect(found).toMatchObject({ exitCode: 1, stderr: '' });
    expect(found?.stdout).toMatch(/^SOFTWARE\\Policies\\FoundryCredentialHelper, inferenceCredentialHelper, /);
    expect(found?.stdout).toContain(last);
    expect([removed, after, again]).toEqual([done, nothingLeft, done]);
    expect(await readPolicies(prefix)).toMatchObject({ Claude: { egressProxyUrl: 'http://proxy:1' } });
    expect((await readPolicies(prefix))['FoundryCredentialHelper']).toBeUndefined();
    expect(Object.keys((await readPolicies(prefix))['Claude'] ?? {})).toEqual(['egressProxyUrl']);
  });

  it('leave settings of Claude Code that run another program', async () => {
    await clean();
    const settings = '"Settings"="{\\"apiKeyHelper\\":\\"other.exe\\"}"';
    const lines = ['Windows Registry Editor Version 5.00', '', `[${POLICIES}\\ClaudeCode]`, settings, ''];
    await importFile(prefix, Buffer.from(lines.join('\r\n')));
    expect(await removal('detect', 'remove')).toEqual([nothingLeft, done]);
    expect((await readPolicies(prefix))['ClaudeCode']).toEqual({ Settings: '{"apiKeyHelper":"other.exe"}' });
  });

  it('do the same as deploy/policy/remove-policy.reg, but for Claude Code', async () => {
    await clean();
    await writeScripts('to-import', entraToken).run('remediate');
    await importFile(prefix, readFileSync(file('policy/remove-policy.reg')));
    const [found] = await removal('detect');
    expect(found).toEqual(differs('SOFTWARE\\Policies\\ClaudeCode\\Settings'));
    expect(Object.keys((await readPolicies(prefix))['Claude'] ?? {})).toEqual(['egressProxyUrl']);
  });
});
