import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { desktopProfile } from '../../../src/claude-desktop/desktop-profile.ts';
import type { Values } from '../../../src/config/configuration.ts';
import { parseValue } from '../../../src/config/decode.ts';
import type { ConfigurationKey } from '../../../src/config/keys.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { System } from '../../../src/core/system.ts';
import { UnparsableFile } from '../../../src/formats/unparsable-file.ts';
import type { ExportFile } from '../../../src/rollout/export/export-file.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { asText, type HelperPaths, ownSettings } from '../../../src/rollout/export/rollout-settings.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { parseSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import {
  binaryPlist,
  goodDesktop,
  goodOwn,
  json as jsonFile,
  payload,
  plist,
  profile,
  reg,
  regLines,
} from '../../unit/rollout/support.ts';
import {
  importRegistryFiles,
  payloadSettings,
  powerShellParser,
  readByPython,
  readScript,
  run,
} from '../rollout/readers.ts';
import { check, json, TIMEOUT_MS, text } from './support.ts';

const CANARY = 'c4narys3cret';
const secretive = { ...goodDesktop, inferenceFoundryApiKey: CANARY };
const own = { ...goodOwn, proxy: `http://u:${CANARY}@proxy:1` };

const bases = [
  plist(secretive),
  binaryPlist(secretive),
  profile([payload(secretive), payload(own, 'dev.foundry-credential-helper')]),
  reg(regLines(secretive)),
  Buffer.from(`\ufeff${reg(regLines(secretive)).toString()}`, 'utf16le'),
  jsonFile(secretive),
  jsonFile(own),
];

const damaged = fc
  .tuple(
    fc.constantFrom(...bases),
    fc.array(fc.tuple(fc.nat(4000), fc.nat(20), fc.oneof(fc.uint8Array({ maxLength: 6 }), text)), { maxLength: 4 }),
  )
  .map(([base, cuts]) =>
    cuts.reduce((bytes, [at, removed, put]) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(put as string), bytes.subarray(place + removed)]);
    }, Buffer.from(base)),
  );

describe('a settings file that someone else made', { timeout: TIMEOUT_MS }, () => {
  it('is judged or refused, whatever it contains, and none of its values is repeated', () => {
    let judged = 0;
    return check(
      fc.property(fc.oneof({ weight: 8, arbitrary: damaged }, fc.uint8Array().map(Buffer.from)), (bytes) => {
        let said: string;
        try {
          said = lintContent(parseSettingsFile('file', bytes))
            .map(({ rule, remedy }) => rule + remedy)
            .join('');
          judged += 1;
        } catch (thrown) {
          if (!(thrown instanceof UnparsableFile)) throw thrown;
          said = thrown.message;
        }
        expect(said).not.toContain(CANARY);
      }),
    ).then(() => expect(judged).toBeGreaterThan(20));
  });

  it.each([{ toString: null, valueOf: null }, [{ toString: null }], [[]], 1e300, ''].map((value) => [value]))(
    'may hold %j under every key',
    (value) => {
      for (const base of [goodDesktop, goodOwn]) {
        for (const key of [...Object.keys(goodDesktop), ...Object.keys(own)]) {
          const content = parseSettingsFile('file', jsonFile({ ...base, [key]: value }));
          expect(() => lintContent(content), key).not.toThrow();
        }
      }
    },
  );

  it('may hold any JSON value under any key', () =>
    check(
      fc.property(fc.constantFrom(...Object.keys(goodDesktop), ...Object.keys(own)), json, (key, value) => {
        for (const base of [goodDesktop, goodOwn]) {
          lintContent(parseSettingsFile('file', jsonFile({ ...base, [key]: value })));
        }
      }),
    ));
});

/** Text that some form has to escape, or that a reader may trim, expand, or take for something else. */
const awkward = fc.oneof(
  text,
  fc
    .array(
      fc.constantFrom(
        ...['#', '"', "'", '’', '‘', '‚', '‛', '“', '„', '`', '$', '$(x)', '%', '%PATH%', '\\', '\\n', ' ', '🚀'],
        ...[
          '&',
          '<',
          '>',
          ']]>',
          '<![CDATA[',
          '&amp;',
          '--',
          '@',
          ';',
          '=',
          '=-',
          '[',
          ']',
          '{',
          '}',
          '[~]',
          'ü',
          '東',
          '\u200d',
        ],
        ...['a', '1', '0x', 'hex:', 'dword:', '\t'],
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);

/** Paths that Claude Desktop takes: absolute, with spaces and other signs in any segment, no quotes and no "%". */
const segment = fc
  .array(fc.constantFrom(...'aZ9 -_.&<#@;=(){}[]+,~^`$üÄ東🚀'), { minLength: 1, maxLength: 12 })
  .map((parts) => `x${parts.join('')}x`);
const segments = fc.array(segment, { minLength: 1, maxLength: 4 });
const helperPaths = fc.tuple(segments, segments, segments).map(([macos, windows, linux]) => ({
  macos: `/${macos.join('/')}`,
  windows: `C:\\${windows.join('\\')}`,
  linux: `/${linux.join('/')}`,
}));

const rollouts = fc.record({
  organizationName: awkward,
  headers: fc.dictionary(fc.constantFrom('X-A', 'X-B'), awkward),
  labels: fc.array(awkward, { maxLength: 2 }),
  credential: fc.constantFrom('entra', 'api-key'),
  baseUrl: fc.constantFrom(undefined, 'https://contoso.azure-api.net/a%20b/anthropic'),
  helperPaths,
});

interface Rollout {
  readonly values: Values;
  readonly paths: HelperPaths;
  readonly files: readonly ExportFile[];
}

/** `undefined` if the export is refused. Values that break their rules are left out. */
function rollOut({
  labels,
  helperPaths: paths,
  ...given
}: typeof rollouts extends fc.Arbitrary<infer T> ? T : never): Rollout | undefined {
  const models = [
    'claude-sonnet-5',
    ...labels.map((labelOverride, index) => ({ name: `claude-opus-${index}`, labelOverride, supports1m: true })),
  ];
  const values: Record<string, unknown> = { ...goodOwn, foundryResource: 'contoso-foundry' };
  for (const [key, raw] of Object.entries({ ...given, models: ['claude-sonnet-5'] })) {
    if (raw !== undefined) assign(values, key as ConfigurationKey, raw);
  }
  assign(values, 'models', models);
  try {
    return { values, paths, files: exportFiles(values, paths) };
  } catch (thrown) {
    if (thrown instanceof AppError) return undefined;
    throw thrown;
  }
}

function assign(values: Record<string, unknown>, key: ConfigurationKey, raw: unknown): void {
  const parsed = parseValue(key, raw);
  if (parsed.valid) values[key] = parsed.value;
}

describe('an export', { timeout: TIMEOUT_MS }, () => {
  it('says in every form what the answers say, or is refused', () => {
    let written = 0;
    return check(
      fc.property(rollouts, (given) => {
        const rollout = rollOut(given);
        if (rollout === undefined) return;
        written += 1;
        const { values, paths, files } = rollout;
        for (const { path, content } of files.filter(({ path: file }) => isSettings(file))) {
          const system = path.split('/', 1)[0] as System;
          const settings = {
            own: ownSettings(values, system),
            'claude-desktop': desktopProfile(values, { helperPath: paths[system] }),
          };
          for (const { subject, form, entries } of parseSettingsFile(path, content).documents) {
            const read = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
            expect(read).toEqual(form === 'json' ? settings[subject] : asText(settings[subject]));
          }
        }
      }),
      { costly: 2 },
    ).then(() => expect(written).toBeGreaterThan(60));
  });

  it('says the same to independent programs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-rollout-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const all: (Rollout & { readonly folder: string })[] = [];
    await check(
      fc.property(rollouts, (given) => {
        const rollout = rollOut(given);
        // Perl, in which the reader of registry files is written, replaces code points that aren't characters.
        if (rollout === undefined || /\p{Noncharacter_Code_Point}/u.test(JSON.stringify(rollout.values))) return;
        const place = join(folder, String(all.length));
        all.push({ ...rollout, folder: place });
        for (const { path, content } of rollout.files) {
          mkdirSync(dirname(join(place, path)), { recursive: true });
          writeFileSync(join(place, path), content);
        }
      }),
      { costly: 10 },
    );
    expect(all.length).toBeGreaterThan(10);
    const parser = await powerShellParser();
    const lists = all.flatMap(({ folder: place, files }) =>
      files.map(({ path }) => join(place, path)).filter(isPlistOrJson),
    );
    const contents = new Map(readByPython(lists).map((content, index) => [lists[index], content]));
    for (const { values, paths, files, folder: place } of all) {
      const at = (path: string): string => join(place, path);
      const python = (path: string) => contents.get(at(path)) ?? {};
      const [own, desktop] = [
        (system: System) => ownSettings(values, system),
        (system: System) => desktopProfile(values, { helperPath: paths[system] }),
      ];
      expect(python('macos/jamf/dev.foundry-credential-helper.plist')).toEqual(asText(own('macos')));
      expect(python('macos/jamf/com.anthropic.claudefordesktop.plist')).toEqual(asText(desktop('macos')));
      expect(payloadSettings(python('macos/claude-desktop.mobileconfig'))).toEqual(asText(desktop('macos')));
      expect(payloadSettings(python('macos/foundry-credential-helper.mobileconfig'))).toEqual(asText(own('macos')));
      expect(python('linux/foundry-credential-helper/policy.json')).toEqual(own('linux'));
      expect(python('linux/claude-desktop/managed-settings.json')).toEqual(desktop('linux'));

      const registry = importRegistryFiles(
        place,
        files.map(({ path }) => at(path)).filter((path) => path.endsWith('.reg')),
      );
      expect(registry.get('FoundryCredentialHelper')?.values).toEqual(asText(own('windows')));
      expect(registry.get('Claude')?.values).toEqual(asText(desktop('windows')));

      const wanted = (name: string) =>
        readScript(parser, readFileSync(at(`windows/intune/${name}.ps1`), 'utf8')).wanted;
      for (const verb of ['detect', 'remediate']) {
        expect(wanted(`${verb}-foundry-credential-helper-policy`)).toEqual(asText(own('windows')));
        expect(wanted(`${verb}-claude-desktop-policy`)).toEqual(asText(desktop('windows')));
      }

      if (values.credential === 'api-key') continue;
      const dropIn = 'claude-code/managed-settings.d/50-foundry-credential-helper.json';
      expect(payloadSettings(python('macos/claude-code.mobileconfig'))).toEqual(python(`macos/${dropIn}`));
      const { Settings = '' } = registry.get('ClaudeCode')?.values ?? {};
      expect(JSON.parse(Settings)).toEqual(python(`windows/${dropIn}`));
      expect(wanted('remediate-claude-code-policy')).toEqual({ Settings });
      for (const system of ['macos', 'linux'] as const) {
        expect(wordsOf(String(python(`${system}/${dropIn}`)['apiKeyHelper']))).toEqual([
          paths[system],
          'claude-code',
          'token',
        ]);
      }
    }
  });
});

const isSettings = (path: string): boolean =>
  /\.(?:plist|mobileconfig|reg|json)$/.test(path) && !/claude-?code/.test(path);
const isPlistOrJson = (path: string): boolean => /\.(?:plist|mobileconfig|json)$/.test(path);

/** As the shell that Claude Code runs splits the command. */
const wordsOf = (command: string): readonly string[] =>
  run('sh', ['-c', `printf '%s\\0' ${command}`])
    .toString()
    .split('\0')
    .slice(0, -1);
