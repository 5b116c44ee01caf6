import { beforeEach, describe, expect, it } from 'vitest';
import { openConfiguration } from '../../../src/config/load.ts';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { unknownKeyText } from '../../../src/config/unknown-key.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { RegistryValue } from '../../../src/platform/registry.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const KEY = 'SOFTWARE\\Policies\\FoundryCredentialHelper';
const COMPUTER = `HKEY_LOCAL_MACHINE\\${KEY}`;
const USER = `HKEY_CURRENT_USER\\${KEY}`;

const sz = (name: string, data: string): RegistryValue => ({ name, type: 'REG_SZ', data });
const dword = (name: string, data: number): RegistryValue => ({ name, type: 'REG_DWORD', data });

let registry: FakeRegistry;
beforeEach(() => {
  registry = new FakeRegistry();
});
const resolve = () => resolveConfiguration(windowsPolicy(registry));

describe('the policy in the registry', () => {
  it("takes the computer's as a whole, and says which of the user's it rules out", () => {
    registry.set('HKEY_LOCAL_MACHINE', KEY, [sz('logLevel', 'warn')]);
    registry.set('HKEY_CURRENT_USER', KEY, [sz('logLevel', 'debug'), sz('cloud', 'china')]);
    const { settings, problems, sources } = resolve();
    expect(problems).toEqual([]);
    expect(settings.logLevel).toEqual({
      value: 'warn',
      origin: { kind: 'managed', location: COMPUTER },
      overrides: [{ kind: 'managed', location: USER }],
    });
    expect(settings.cloud).toMatchObject({ value: 'public', origin: { kind: 'default' } });
    expect(sources[1]).toEqual({
      kind: 'managed',
      location: USER,
      state: 'ignored',
      reason: 'is ignored because HKEY_LOCAL_MACHINE has a policy',
    });
  });

  it.each([
    ['no key', undefined],
    ['a key without values', []],
  ])("takes the user's if the computer has %s", (_, values) => {
    registry.set('HKEY_LOCAL_MACHINE', KEY, values);
    registry.set('HKEY_CURRENT_USER', KEY, [sz('logLevel', 'debug')]);
    expect(resolve().settings.logLevel).toMatchObject({ value: 'debug', origin: { location: USER } });
  });

  it("lets a default value alone rule the user's out, as Windows's own policies do", () => {
    registry.set('HKEY_LOCAL_MACHINE', KEY, [sz('', 'x')]);
    registry.set('HKEY_CURRENT_USER', KEY, [sz('logLevel', 'debug')]);
    expect(resolve()).toMatchObject({ problems: [], settings: { logLevel: { value: 'info' } } });
  });

  it('knows names in any case, and REG_DWORD for switches and numbers', () => {
    const values = [sz('TENANTID', 'contoso.com'), dword('ALLOWtokenendpoint', 1)];
    registry.set('HKEY_LOCAL_MACHINE', KEY, [...values, dword('MinimumTokenLifetimeSeconds', 900)]);
    const { settings, problems } = resolve();
    expect(problems).toEqual([]);
    expect(settings.tenantId.value).toBe('contoso.com');
    expect(settings.minimumTokenLifetimeSeconds.value).toBe(900);
    expect(settings.allowTokenEndpoint.value).toBe(true);
  });

  it.each(['REG_EXPAND_SZ', 'REG_MULTI_SZ', 'REG_BINARY', 'REG_QWORD', '99'])(
    "refuses %s by name, and doesn't fall through to another source",
    (type) => {
      registry.set('HKEY_LOCAL_MACHINE', KEY, [{ name: 'tenantId', type, data: undefined }]);
      registry.set('HKEY_CURRENT_USER', KEY, [sz('tenantId', 'evil.example')]);
      const { settings, problems } = resolve();
      expect(settings.tenantId.value).toBeUndefined();
      expect(problems.map(({ code, detail }) => [code, detail])).toEqual([
        ['ERR_CONFIG_INVALID', `"tenantId" in ${COMPUTER} must be REG_SZ or REG_DWORD, not ${type}`],
      ]);
    },
  );

  it('warns about an unknown value of any type, even one named like a member of JavaScript objects', () => {
    const values = [sz('tenant', 'x'), sz('__proto__', 'x'), { name: 'later', type: 'REG_MULTI_SZ', data: undefined }];
    registry.set('HKEY_LOCAL_MACHINE', KEY, values);
    const { problems, unknownKeys } = resolve();
    expect(problems).toEqual([]);
    expect(unknownKeys.map(unknownKeyText)).toEqual([
      `unknown setting "tenant" in ${COMPUTER}; did you mean "tenantId"?`,
      `unknown setting "__proto__" in ${COMPUTER}`,
      `unknown setting "later" in ${COMPUTER}`,
    ]);
  });

  it('that Windows refuses to show is an error, not an absent one', () => {
    registry.error = Object.assign(new Error('Access is denied'), { errno: 5 });
    registry.set('HKEY_CURRENT_USER', KEY, [sz('tenantId', 'evil.example')]);
    const { problems, settings } = resolve();
    expect(settings.tenantId.value).toBeUndefined();
    expect(problems[0]).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      detail: `${COMPUTER} can't be read (Windows error 5)`,
    });
  });

  it("is unreadable if the addon doesn't load", () => {
    const { problems } = resolveConfiguration(windowsPolicy(new AppError('ERR_KEYSTORE_UNAVAILABLE')));
    expect(problems[0]).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      detail: `${COMPUTER} can't be read: the registry addon doesn't load`,
    });
  });

  it('is seen immediately when it changes, and resolved only then', () => {
    const configuration = openConfiguration({}, { config: '/nowhere' }, windowsPolicy(registry));
    const before = configuration.current();
    expect(configuration.current()).toBe(before);
    registry.set('HKEY_CURRENT_USER', KEY, [sz('logLevel', 'debug')]);
    expect(configuration.current().settings.logLevel.value).toBe('debug');
    registry.set('HKEY_LOCAL_MACHINE', KEY, [sz('logLevel', 'warn')]);
    expect(configuration.current().settings.logLevel.value).toBe('warn');
    registry.set('HKEY_LOCAL_MACHINE', KEY, undefined);
    expect(configuration.current().settings.logLevel.value).toBe('debug');
  });

  it('means what was exported, once the exported file is imported', () => {
    const values = {
      tenantId: 'contoso.com',
      clientId: '11111111-2222-3333-4444-555555555555',
      foundryResource: 'contoso-foundry',
      models: [{ name: 'claude-sonnet-5' }, { name: 'claude-opus-4-8', labelOverride: 'Opus "4.8"' }],
      organizationName: 'Contoso "&" 東京 \\ %PATH%',
      minimumTokenLifetimeSeconds: 1020,
      headers: { 'X-Department': 'a "b" \\ c' },
    };
    const files = exportFiles(values, DEFAULT_HELPER_PATHS);
    for (const { path, content } of files.filter(({ path }) => path.endsWith('.reg'))) {
      registry.import(
        Buffer.from(content as Buffer)
          .toString('utf16le')
          .replace('\ufeff', ''),
      );
      expect(path).toContain('windows/');
    }
    const { settings, problems } = resolve();
    expect(problems).toEqual([]);
    for (const [key, value] of Object.entries(values)) {
      expect(settings[key as keyof typeof values].value).toEqual(value);
    }
  });
});
