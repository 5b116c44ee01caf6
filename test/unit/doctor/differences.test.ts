import { describe, expect, it } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { environmentSource } from '../../../src/config/sources/environment.ts';
import { differenceRemedy, differences, differenceText } from '../../../src/doctor/places/differences.ts';
import { type SettingView, viewSettings } from '../../../src/doctor/places/settings-view.ts';

const view = (env: NodeJS.ProcessEnv, key = 'k', values: object = {}): readonly SettingView[] =>
  viewSettings(
    resolveConfiguration([
      environmentSource(env),
      {
        kind: 'user-file',
        location: '/home/a/config.json',
        fingerprint: () => '',
        read: () => ({ state: 'values', values: { ...values } }),
      },
    ]),
    env,
    key,
  );

const compared = (agent: NodeJS.ProcessEnv, here: NodeJS.ProcessEnv) => differences(view(agent), view(here));

describe('the settings of two places', () => {
  it("don't differ if only other things than settings do", () => {
    expect(compared({ DISPLAY: ':0' }, { LANG: 'de' })).toEqual([]);
  });

  it('differ with both values, each with its place', () => {
    const found = compared({ HTTPS_PROXY: 'http://a:1', SSL_CERT_FILE: '/roots.pem' }, { https_proxy: 'http://b:2' });
    expect(differenceText(found)).toBe(
      'SSL_CERT_FILE is /roots.pem for the agent and not set in this terminal; "proxy" is http://a:1 (HTTPS_PROXY) for the agent and http://b:2 (https_proxy) in this terminal',
    );
    expect(differenceRemedy(found)).toBe(
      'put "proxy" into config.json instead of environment variables; remove SSL_CERT_FILE from the environment that the agent is started with, then run "foundry-credential-helper agent stop"',
    );
  });

  it('differ if only the hidden password does, which is never shown', () => {
    const found = compared({ HTTPS_PROXY: 'http://u:one@a:1' }, { HTTPS_PROXY: 'http://u:two@a:1' });
    const text = differenceText(found);
    expect(text).toMatch(/\(the hidden parts differ\)$/);
    expect(text + JSON.stringify(found)).not.toMatch(/one|two/);
  });

  it("never show the account's name", () => {
    const here = view({}, 'k', { accountHint: 'megan@contoso.com' });
    const found = differences(view({}), here);
    expect(found.map(({ name }) => name)).toEqual(['accountHint']);
    expect(differenceText(found) + JSON.stringify(here)).not.toContain('megan');
  });

  it('have other digests for each comparison', () => {
    const env = { HTTPS_PROXY: 'http://u:one@a:1' };
    const digestOf = (key: string) => view(env, key).find(({ name }) => name === 'proxy')?.digest;
    expect(digestOf('a')).toBe(digestOf('a'));
    expect(digestOf('a')).not.toBe(digestOf('b'));
  });

  it('are compared if both versions know them', () => {
    expect(differences([], view({ HTTPS_PROXY: 'http://a:1' }))).toEqual([]);
  });

  it('differ if one is invalid', () => {
    const found = compared({}, { AZURE_TENANT_ID: 'not a tenant' });
    expect(differenceText(found)).toBe(
      '"tenantId" is not set for the agent and (invalid) (AZURE_TENANT_ID) in this terminal',
    );
  });

  it('name a few of many', () => {
    const values = { logLevel: 'debug', foundryResource: 'contoso', caFile: '/a.pem', noProxy: ['b'], models: ['c'] };
    const found = differences(view({}), view({ AZURE_TENANT_ID: 'a.b', AZURE_CLIENT_ID: 'c' }, 'k', values));
    expect(found.length).toBeGreaterThan(5);
    expect(differenceText(found)).toMatch(/; and \d+ more settings? differs?$/);
  });
});
