import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseValue } from '../../src/config/decode.ts';
import { describeConfiguration } from '../../src/config/describe.ts';
import { readDesktopSettings } from '../../src/config/desktop-settings.ts';
import { environmentSource } from '../../src/config/environment.ts';
import { findJsonFault } from '../../src/config/json-fault.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { type Resolution, requireConfiguration, resolveConfiguration } from '../../src/config/resolve.ts';
import { userFileSource } from '../../src/config/user-file.ts';
import { AppError, describeFailure } from '../../src/core/errors.ts';
import { createHttpsAgent, proxyHost } from '../../src/entra/https-agent.ts';
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

/** Proxies as people write them, and as they should not. */
const proxy = fc
  .tuple(fc.constantFrom('', 'http://', 'https://', 'HTTP://', 'socks5://', 'http:', '//'), text, secret, host, port)
  .map(([scheme, user, password, name, end]) => `${scheme}${user}:${password}@${name}${end}`);

const values: Readonly<Partial<Record<ConfigurationKey, fc.Arbitrary<unknown>>>> = {
  tenantId: fc.oneof(fc.uuid(), fc.domain(), fc.constantFrom('common', 'COMMON ', 'organizations')),
  clientId: fc.uuid(),
  foundryResource: fc.stringMatching(/^[a-z0-9-]{1,66}$/),
  models: fc.oneof(fc.array(text), text, fc.constant('["a","b"]')),
  cloud: fc.constantFrom('public', 'usgovernment', 'china', 'mars'),
  scope: fc.oneof(fc.webUrl(), text),
  headers: fc.dictionary(fc.oneof(fc.stringMatching(/^[A-Za-z-]{1,9}$/), text), secret),
  sendAuthorizationHeader: fc.constantFrom(true, 'TRUE', 0, '1', 'yes'),
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

/** All that this program would print of a configuration: problems, `config show`, the error of whoever needs it. */
function printed(resolution: Resolution): string {
  const lines = resolution.problems.map((problem) => describeFailure(problem).text);
  lines.push(JSON.stringify(describeConfiguration(resolution)));
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

  it('of NO_PROXY is a list of single names, whatever stands in the variable', () =>
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

  it('with any object gives valid values and problems, and shows no proxy password and no header', () =>
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

  it('with any bytes or any text is read or refused, without a word of it in the message', () =>
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

  it('of Claude Desktop with any content gives settings within their bounds', () =>
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
          const found = readDesktopSettings({
            env: { XDG_CONFIG_HOME: folder },
            platform: 'linux',
            home: folder,
            root: folder,
          });
          const { ttlSec = 1, timeoutSec = 1, origin = join(library, 'one.json') } = found;
          expect([ttlSec, timeoutSec].every((seconds) => Number.isInteger(seconds) && seconds >= 1)).toBe(true);
          expect(ttlSec).toBeLessThanOrEqual(86_400);
          expect(timeoutSec).toBeLessThanOrEqual(600);
          expect(origin.startsWith(library)).toBe(true);
        },
      ),
    ));
});

describe('where a text is not JSON', { timeout: TIMEOUT_MS }, () => {
  it('is found exactly when it is not', () =>
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
