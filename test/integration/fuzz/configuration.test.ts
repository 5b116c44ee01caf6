import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { build, buildBinary, type PlistValue } from 'plist';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desktopTimes } from '../../../src/claude-desktop/cache-time.ts';
import { readDesktopConfiguration } from '../../../src/claude-desktop/read.ts';
import { isFoundryHost } from '../../../src/config/base-url.ts';
import { parseValue } from '../../../src/config/decode.ts';
import { describeConfiguration } from '../../../src/config/describe.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../../src/config/keys.ts';
import { places } from '../../../src/config/places.ts';
import { type Resolution, requireConfiguration, resolveConfiguration } from '../../../src/config/resolve.ts';
import { environmentSource } from '../../../src/config/sources/environment.ts';
import { linuxPolicy } from '../../../src/config/sources/linux-policy.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { userFileSource } from '../../../src/config/sources/user-file.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { unknownKeyText } from '../../../src/config/unknown-key.ts';
import { AppError, describeFailure } from '../../../src/core/errors.ts';
import { createHttpsAgent, proxyHost } from '../../../src/entra/transport/https-agent.ts';
import { findJsonFault } from '../../../src/formats/json-fault.ts';
import type { RegistryValue } from '../../../src/platform/registry.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';
import { check, json, jsonObject, TIMEOUT_MS, text } from './support.ts';

const CANARY = 'c4nary-s3cret';

const secret = text.map((value) => `${value}${CANARY}`);
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
  text,
);
const port = fc.oneof(
  fc.nat(70_000).map((number) => `:${number}`),
  fc.constant(''),
  text,
);

/** Proxies as people write them, and as they shouldn't. */
const proxy = fc
  .tuple(fc.constantFrom('', 'http://', 'https://', 'HTTP://', 'socks5://', 'http:', '//'), text, secret, host, port)
  .map(([scheme, user, password, name, end]) => `${scheme}${user}:${password}@${name}${end}`);

/** Addresses as people write them, and as they shouldn't. */
const baseUrl = fc.oneof(
  fc.webUrl({ validSchemes: ['http', 'https'], withFragments: true, withQueryParameters: true }),
  fc
    .tuple(
      fc.constantFrom('https://', 'HTTPS://', 'http://', 'https:', '//'),
      fc.oneof(
        fc.constant(''),
        fc.tuple(text, secret).map(([user, password]) => `${user}:${password}@`),
      ),
      fc.oneof(host, fc.constant('contoso.services.ai.azure.com')),
      port,
      fc.oneof(fc.constantFrom('', '/', '/anthropic', '/anthropic/', '/anthropic/v1/messages'), text),
    )
    .map((parts) => parts.join('')),
);

const deployment = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,65}$/),
  text,
  fc.record(
    {
      name: fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{1,9}$/), text),
      labelOverride: text,
      supports1m: fc.oneof(fc.boolean(), fc.constant('true')),
      anthropicFamilyTier: fc.constantFrom('haiku', 'sonnet', 'opus', 'fable', 'mythos', 'gpt'),
    },
    { requiredKeys: [] },
  ),
);
const models = fc.oneof(fc.array(deployment), deployment, text, fc.constant('["ab",{"name":"cd"}]'));

const values: Readonly<Partial<Record<ConfigurationKey, fc.Arbitrary<unknown>>>> = {
  tenantId: fc.oneof(fc.uuid(), fc.domain(), fc.constantFrom('common', 'COMMON ', 'organizations')),
  clientId: fc.uuid(),
  foundryResource: fc.stringMatching(/^[A-Za-z0-9-]{1,66}$/),
  baseUrl,
  models,
  cloud: fc.constantFrom('public', 'usgovernment', 'china', 'mars'),
  scope: fc.oneof(fc.webUrl(), text),
  headers: fc.dictionary(fc.oneof(fc.stringMatching(/^[A-Za-z-]{1,9}$/), text), secret),
  minimumTokenLifetimeSeconds: fc.oneof(fc.integer(), fc.double(), fc.integer().map(String)),
  proxy,
  noProxy: fc.oneof(
    fc.array(host),
    fc.array(host).map((hosts) => hosts.join(',')),
  ),
  caFile: fc.oneof(
    text,
    text.map((name) => `/${name}`),
  ),
};

const settings = jsonObject(values as Record<string, fc.Arbitrary<unknown>>);
const anyKey = fc.constantFrom(...configurationKeys);

/** All that this program would print of a configuration: problems, `config show`, the error of anyone who needs it. */
function printed(resolution: Resolution): string {
  const lines = resolution.problems.map((problem) => describeFailure(problem).text);
  lines.push(JSON.stringify(describeConfiguration(resolution)), ...resolution.unknownKeys.map(unknownKeyText));
  try {
    requireConfiguration(resolution);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError);
    lines.push(describeFailure(thrown).text);
  }
  return lines.join('\n');
}

describe('a value', { timeout: TIMEOUT_MS }, () => {
  it('of any kind is valid by its rule, or refused without being repeated', () =>
    check(
      fc.property(anyKey, fc.oneof(json, secret, fc.array(secret), proxy, fc.dictionary(text, secret)), (key, raw) => {
        const parsed = parseValue(key, raw);
        if (!parsed.valid) expect(parsed.rule).not.toContain(CANARY);
        // What is accepted is in its final form: read again, it means the same.
        else expect(parseValue(key, parsed.value)).toEqual(parsed);
      }),
    ));

  it('that is valid natively is the same as text, as policy consoles hold it', () =>
    check(
      fc.property(
        fc
          .constantFrom(...(Object.keys(values) as ConfigurationKey[]))
          .chain((key) => fc.tuple(fc.constant(key), values[key] ?? json)),
        ([key, raw]) => {
          const native = parseValue(key, raw);
          if (!native.valid) return;
          const asText = typeof native.value === 'string' ? ` ${native.value} ` : JSON.stringify(native.value);
          expect(parseValue(key, asText)).toEqual(native);
        },
      ),
    ));

  it('of `proxy` makes an agent that goes through it, or an error without its password', () =>
    check(
      fc.property(proxy, (raw) => {
        const parsed = parseValue('proxy', raw);
        if (!parsed.valid) return;
        const url = String(parsed.value);
        expect(url).toMatch(/^https?:\/\/\S+$/);
        expect(proxyHost(url)).not.toContain(CANARY);
        try {
          createHttpsAgent({ proxy: url, timeoutMs: 1_000 }).destroy();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
          expect(describeFailure(thrown).text).not.toContain(CANARY);
        }
      }),
    ));

  it('of `baseUrl` is an address that Claude Desktop takes, and no secret is in it', () =>
    check(
      fc.property(baseUrl, (raw) => {
        const parsed = parseValue('baseUrl', raw);
        if (!parsed.valid) return;
        const url = new URL(String(parsed.value));
        expect([url.protocol, url.username, url.password, url.search, url.hash]).toEqual(['https:', '', '', '', '']);
        expect(String(parsed.value)).not.toMatch(/[\s?#]|\/$|\/v1(?:\/messages)?$/);
        if (isFoundryHost(url.hostname)) expect(url.pathname).toBe('/anthropic');
      }),
    ));

  it('of NO_PROXY is a list of single names, whatever is in the variable', () =>
    check(
      fc.property(
        fc.array(fc.oneof(host, text)).map((parts) => parts.join(' ,')),
        (raw) => {
          const resolution = resolveConfiguration([environmentSource({ NO_PROXY: raw })]);
          const list = resolution.settings.noProxy.value ?? [];
          expect(list.filter((name) => name === '' || /[\s,]/.test(name))).toEqual([]);
        },
      ),
    ));
});

describe('managed policy', { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-policy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const linux = (content: string | Uint8Array): Resolution => {
    writeFileSync(join(folder, 'policy.json'), content, { mode: 0o600 });
    return resolveConfiguration([linuxPolicy(join(folder, 'policy.json'))]);
  };
  const mac = (content: string | Uint8Array): Resolution => {
    const sources = macPreferences(undefined, folder);
    writeFileSync(sources[0]?.location ?? '', content);
    return resolveConfiguration(sources);
  };
  const registryOf = (computer: readonly RegistryValue[], user: readonly RegistryValue[]): FakeRegistry => {
    const registry = new FakeRegistry();
    registry.set('HKEY_LOCAL_MACHINE', places.own.registryKey, computer);
    registry.set('HKEY_CURRENT_USER', places.own.registryKey, user);
    return registry;
  };
  /** Whatever a source holds, each key's value is valid or an error, and each unknown key is a warning. */
  const isSound = (resolution: Resolution, held: readonly string[]): void => {
    printed(resolution);
    for (const key of configurationKeys) {
      const { value, origin, problem } = resolution.settings[key];
      if (held.includes(key)) expect(origin?.kind).toBe('managed');
      if (origin?.kind !== 'managed') continue;
      expect((value === undefined) !== (problem === undefined)).toBe(true);
      if (value !== undefined) expect(parseValue(key, value)).toEqual({ valid: true, value });
    }
    const strangers = held.filter((name) => !configurationKeys.some((key) => key === name));
    // Damaged bytes may have turned other names into unknown ones.
    expect(resolution.unknownKeys.length).toBeGreaterThanOrEqual(strangers.length);
  };

  it('of any bytes is read, or is an error without a secret', () =>
    check(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 400 }), secret.map(Buffer.from)),
        fc.constantFrom('', 'bplist00', '<?xml version="1.0"?><plist><dict>', '{', '\ufeff'),
        fc.boolean(),
        (bytes, start, isMac) => {
          const content = Buffer.concat([Buffer.from(start), bytes]);
          const resolution = isMac ? mac(content) : linux(content);
          expect(resolution.problems.length).toBeGreaterThan(0);
          expect(printed(resolution)).not.toContain(CANARY);
        },
      ),
      { costly: 2 },
    ));

  it('of settings as JSON and as property lists of both forms means the same', () =>
    check(
      fc.property(settings.map(asPlistHolds), (content) => {
        const binary = mac(buildBinary(content));
        isSound(binary, Object.keys(content));
        const json = linux(JSON.stringify(content));
        if (process.getuid?.() === 0) expect(valuesOf(json)).toEqual(valuesOf(binary));
        // XML has no way to write control characters, and its parser makes line breaks of U+2028.
        if (isXmlText(JSON.stringify(content))) expect(valuesOf(mac(build(content)))).toEqual(valuesOf(binary));
      }),
      { costly: 4 },
    ));

  it('whose bytes are damaged is an error, or holds valid values', () =>
    check(
      fc.property(
        settings.map(asPlistHolds),
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (content, isBinary, damage) => {
          const isXml = !isBinary && isXmlText(JSON.stringify(content));
          const bytes = Buffer.from(isXml ? build(content) : buildBinary(content));
          for (const [place, value] of damage) bytes[place % bytes.length] = value;
          isSound(mac(bytes), []);
        },
      ),
      { costly: 4 },
    ));

  it("in the registry: all the computer's, or all the user's, of any types and names", () => {
    const name = fc.oneof(
      { weight: 4, arbitrary: anyKey.map((key) => key.toUpperCase()) },
      { weight: 1, arbitrary: text },
    );
    const type = fc.constantFrom('REG_SZ', 'REG_DWORD', 'REG_EXPAND_SZ', 'REG_MULTI_SZ', '99');
    const value = fc.record({ name, type, data: fc.oneof(secret, text, fc.nat(), fc.constant(undefined)) });
    const hive = fc.uniqueArray(value, { maxLength: 5, selector: (row) => row.name.toLowerCase() });
    return check(
      fc.property(hive, hive, (computer, user) => {
        const [above, below] = windowsPolicy(registryOf(computer, user));
        const resolution = resolveConfiguration([above, below].flatMap((source) => source ?? []));
        const used = computer.length > 0 ? computer : user;
        const keyOf = (given: string) =>
          configurationKeys.find((key) => key.toLowerCase() === given.toLowerCase()) ?? given;
        isSound(
          resolution,
          used.map((row) => keyOf(row.name)).filter((key) => key !== ''),
        );
        expect(resolution.problems.map((problem) => describeFailure(problem).text).join()).not.toContain(CANARY);
        expect([above?.fingerprint(), below?.fingerprint()]).not.toContain(undefined);
      }),
    );
  });
});

const valuesOf = ({ settings: all }: Resolution) => configurationKeys.map((key) => [key, all[key].value]);
/** The package writes integers of 64 bits at most. */
const isHuge = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);
/** A property list knows no null, and the package's reader takes a key `__proto__` for none. */
const asPlistHolds = (content: Record<string, unknown>): Record<string, PlistValue> =>
  JSON.parse(JSON.stringify(content), (key, value: unknown) =>
    key === '__proto__' ? undefined : value === null || isHuge(value) ? String(value) : value,
  ) as Record<string, PlistValue>;
const isXmlText = (json: string): boolean => !/\\[^"\\]|[\p{Cc}\u2028\ufffd-\uffff]/u.test(json);

describe('a settings file', { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const resolve = (content: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Resolution => {
    writeFileSync(join(folder, 'config.json'), content, { mode: 0o600 });
    return resolveConfiguration([userFileSource({}, folder), environmentSource(env)]);
  };

  it("with any object has valid values and problems, and doesn't show a proxy password or a header", () =>
    check(
      fc.property(settings, (object) => {
        const resolution = resolve(JSON.stringify(object));
        expect(printed(resolution)).not.toContain(CANARY);
        for (const key of configurationKeys) {
          const { value, problem, origin } = resolution.settings[key];
          expect(value === undefined || problem === undefined).toBe(true);
          if (value !== undefined) expect(parseValue(key, value)).toEqual({ valid: true, value });
          // An invalid value never falls through to a default.
          if (problem !== undefined) expect(origin?.kind).toBe('user-file');
          if (Object.hasOwn(object, key)) expect(origin?.kind).toBe('user-file');
        }
      }),
    ));

  it('with any bytes or any text is read or refused, and the message repeats none of it', () =>
    check(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          secret,
          fc.tuple(json, fc.nat(500), text).map(([value, at, noise]) => {
            const whole = JSON.stringify({ password: CANARY, value });
            return whole.slice(0, at) + noise + whole.slice(at);
          }),
        ),
        (content) => {
          expect(printed(resolve(content))).not.toContain(CANARY);
        },
      ),
    ));

  it('of Claude Desktop with any content has settings within their bounds', () =>
    check(
      fc.property(
        fc.oneof(
          text,
          jsonObject({ appliedId: fc.oneof(fc.constant('one'), text) }).map((value) => JSON.stringify(value)),
        ),
        fc.oneof(
          text,
          jsonObject({
            inferenceCredentialHelperTtlSec: fc.oneof(fc.integer(), fc.integer().map(String), fc.double()),
            inferenceCredentialHelperTimeoutSec: fc.oneof(fc.integer(), fc.integer().map(String), fc.double()),
          }).map((value) => JSON.stringify(value)),
        ),
        (meta, one) => {
          const library = join(folder, 'Claude-3p/configLibrary');
          mkdirSync(library, { recursive: true });
          writeFileSync(join(library, '_meta.json'), meta);
          writeFileSync(join(library, 'one.json'), one);
          const reading = readDesktopConfiguration({
            env: { XDG_CONFIG_HOME: folder },
            platform: 'linux',
            home: folder,
            root: folder,
          });
          const { cacheMs, timeoutMs = 1 } = desktopTimes(reading);
          expect([cacheMs, timeoutMs].every((ms) => Number.isInteger(ms) && ms >= 1)).toBe(true);
          expect(cacheMs).toBeLessThanOrEqual(86_400_000);
          expect(timeoutMs).toBeLessThanOrEqual(600_000);
          if (reading.state !== 'absent') expect(reading.origin.startsWith(library)).toBe(true);
        },
      ),
    ));
});

describe("where a text isn't JSON", { timeout: TIMEOUT_MS }, () => {
  it("is found exactly when it isn't", () =>
    check(
      fc.property(
        fc.oneof(
          text,
          fc
            .tuple(json, fc.nat(200), fc.nat(3), fc.string({ unit: fc.constantFrom(...'{}[]",:\\/ \n01-+.eEtfn\'#') }))
            .map(([value, at, removed, noise]) => {
              const whole = JSON.stringify(value);
              return whole.slice(0, at) + noise + whole.slice(at + removed);
            }),
        ),
        (content) => {
          let isJson = true;
          try {
            JSON.parse(content);
          } catch {
            isJson = false;
          }
          const fault = findJsonFault(content);
          expect(fault === undefined).toBe(isJson);
          if (fault !== undefined) expect(fault.line).toBeLessThanOrEqual(content.split('\n').length);
        },
      ),
    ));

  it('is found in deep nesting too', () => {
    for (const key of configurationKeys) expect(definitionOf(key).rule).not.toBe('');
    expect(findJsonFault('['.repeat(500_000))).toMatchObject({ line: 1, column: 500_001 });
  });
});
