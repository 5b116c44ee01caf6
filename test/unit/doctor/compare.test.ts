import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/doctor/check.ts';
import type { DoctorContext } from '../../../src/doctor/context.ts';
import { compareWithTerminal } from '../../../src/doctor/places/compare.ts';
import type { SettingView } from '../../../src/doctor/places/settings-view.ts';

const tenant = (shown: string): SettingView => ({
  name: 'tenantId',
  shown,
  digest: shown,
  location: 'AZURE_TENANT_ID',
});
const proxy = (shown: string): SettingView => ({ name: 'proxy', shown, digest: shown, location: 'HTTPS_PROXY' });

/** A terminal with these settings, where the first server answers or not. */
const terminal = (settings: readonly SettingView[], error?: Error): DoctorContext => {
  const url = new URL('https://login.example');
  const exchange = () => (error === undefined ? Promise.resolve() : Promise.reject(error));
  return {
    settings: () => settings,
    firstServer: () => ({ url, name: 'the sign-in host', exchange }),
    route: async () => ({ routes: [{}], origin: '' }),
  } as unknown as DoctorContext;
};

const failed = (id: string): Finding => ({ id, title: id, state: 'fail', detail: 'broken', remedy: 'repair it' });
const ok = (id: string): Finding => ({ id, title: id, state: 'ok', detail: 'fine' });

describe("the agent's findings", () => {
  it("don't change if the settings are the same", async () => {
    const judge = compareWithTerminal(terminal([tenant('a')]), [tenant('a')]);
    for (const finding of [failed('configuration'), ok('proxy'), ok('sign-in')])
      expect(await judge(finding)).toBe(finding);
  });

  it("don't change if the connection fails here too", async () => {
    const judge = compareWithTerminal(terminal([proxy('http://b')], new Error('down')), [proxy('http://a')]);
    expect(await judge(failed('dns'))).toEqual(failed('dns'));
  });

  it('name the settings of the network if the connection works here, and no others', async () => {
    const judge = compareWithTerminal(terminal([proxy('http://b'), tenant('b')]), [proxy('http://a'), tenant('a')]);
    const { detail, facts } = await judge(failed('tls'));
    expect(detail).toMatch(
      /^for the agent, broken; in this terminal, the same connection works: "proxy" is http:\/\/a/,
    );
    expect(facts).toMatchObject({ worksInTerminal: true, differentSettings: ['proxy'] });
  });

  it('keep their remedy if the connection works here with the same settings', async () => {
    const judge = compareWithTerminal(terminal([]), []);
    expect(await judge(failed('proxy'))).toMatchObject({
      detail: 'for the agent, broken; in this terminal, the same connection works',
      remedy: 'repair it',
    });
  });

  it('name other settings once, and only if those may be the cause', async () => {
    const judge = compareWithTerminal(terminal([tenant('b')]), [tenant('a')]);
    for (const id of ['keystore', 'clock', 'token']) expect(await judge(failed(id))).toEqual(failed(id));
    expect(await judge(failed('entra-tenant'))).toMatchObject({
      detail: expect.stringContaining(
        '"tenantId" is a (AZURE_TENANT_ID) for the agent and b (AZURE_TENANT_ID) in this',
      ),
      remedy: 'put "tenantId" into config.json instead of environment variables; repair it',
    });
    expect(await judge(failed('foundry-endpoint'))).toEqual(failed('foundry-endpoint'));
  });

  it('warn at the sign-in, or at the API key, of another configuration that works', async () => {
    for (const id of ['sign-in', 'api-key']) {
      const judge = compareWithTerminal(terminal([tenant('b')]), [tenant('a')]);
      expect(await judge(ok(id))).toMatchObject({
        id,
        state: 'warn',
        remedy: expect.stringMatching(/^put "tenantId"/),
      });
    }
  });
});
