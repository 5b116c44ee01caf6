import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseValue } from '../../src/config/decode.ts';
import { AppError } from '../../src/core/errors.ts';
import { UnparsableFile } from '../../src/formats/unparsable-file.ts';
import { exportFiles } from '../../src/rollout/export/export-files.ts';
import { asText, DEFAULT_HELPER_PATHS, PROVIDERS } from '../../src/rollout/export/rollout-settings.ts';
import { lintContent } from '../../src/rollout/validate/lint.ts';
import { parseSettingsFile } from '../../src/rollout/validate/read-file.ts';
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
} from '../unit/rollout/support.ts';
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

describe('a settings file that somebody else made', { timeout: TIMEOUT_MS }, () => {
  it('is judged or refused, whatever it holds, and no value of it is repeated', () => {
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

  it('may hold any JSON value under any key', () =>
    check(
      fc.property(fc.constantFrom(...Object.keys(goodDesktop), ...Object.keys(own)), json, (key, value) => {
        for (const base of [goodDesktop, goodOwn]) {
          lintContent(parseSettingsFile('file', jsonFile({ ...base, [key]: value })));
        }
      }),
    ));
});

describe('an export', { timeout: TIMEOUT_MS }, () => {
  it('says in every form what the answers say, or is refused', () => {
    let written = 0;
    return check(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...PROVIDERS),
        (name, models, provider) => {
          const given = { organizationName: name, models: [...models, 'claude-sonnet-5'] };
          const values: Record<string, unknown> = { ...goodOwn, foundryResource: 'contoso-foundry', models: ['a'] };
          for (const [key, raw] of Object.entries(given)) {
            const parsed = parseValue(key as keyof typeof given, raw);
            if (parsed.valid) values[key] = parsed.value;
          }
          let files: ReturnType<typeof exportFiles>;
          try {
            files = exportFiles(values, { provider, helperPaths: DEFAULT_HELPER_PATHS });
          } catch (thrown) {
            if (thrown instanceof AppError) return;
            throw thrown;
          }
          written += 1;
          const expected = asText(values as never);
          for (const { path, content } of files.filter(({ path: file }) =>
            /\.(?:plist|mobileconfig|reg)$/.test(file),
          )) {
            for (const { subject, entries } of parseSettingsFile(path, content).documents) {
              if (subject !== 'own') continue;
              expect(Object.fromEntries(entries.map(({ key, value }) => [key, value]))).toEqual(expected);
            }
          }
        },
      ),
      { costly: 2 },
    ).then(() => expect(written).toBeGreaterThan(20));
  });
});
