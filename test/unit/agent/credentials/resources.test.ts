// No matter who signs in or out, the tokens of other resources never outlive the sign-in that they came from.
import { expect, it } from 'vitest';
import { EntraCredential } from '../../../../src/agent/credentials/entra-credential.ts';
import { PageRecall } from '../../../../src/agent/sign-in/page-recall.ts';
import type { Configuration } from '../../../../src/config/configuration.ts';
import { type Bench, createBench, KEY } from '../support.ts';

const MCP = 'api://contoso-mcp/.default';

function brokerCredential(bench: Bench): EntraCredential {
  const { clock, log, state, source, records } = bench;
  const configuration = {
    tenantId: 'tid-1',
    clientId: 'client-1',
    signInMethod: 'broker',
    allowedResources: [MCP],
    scope: 'https://cognitiveservices.azure.com/.default',
  } as unknown as Configuration;
  return new EntraCredential(configuration, {
    ...{ clock, log, state },
    random: () => 0.5,
    recordsOf: () => records,
    createTokenSource: () => source,
    openPage: () => {
      throw new Error('no page is needed');
    },
    openUrl: async () => true,
    recall: new PageRecall({ clock, log, notify: undefined }),
    desktopTtlMs: () => 900_000,
    managedDesktopTtlMs: () => 900_000,
    notifySignInNeeded: undefined,
    lastSession: () => undefined,
  });
}

async function withToken(bench: Bench) {
  const credential = brokerCredential(bench);
  credential.refresher.noteRequest();
  await credential.refresher.get({ urgent: true });
  const token = (await credential.resources()).of(MCP);
  await token.get();
  expect(bench.state.get(KEY).resources).toHaveProperty([MCP]);
  return { credential, token };
}

it('a silent sign-in drops them', async () => {
  const bench = createBench();
  const { credential, token } = await withToken(bench);
  await bench.store.delete(KEY);
  await credential.refresher.refresh({ urgent: true });
  expect(token.current()).toBeUndefined();
  expect(bench.state.get(KEY)).not.toHaveProperty('resources');
  await credential.stop();
});

it('a sign-out drops them', async () => {
  const bench = createBench();
  const { credential, token } = await withToken(bench);
  expect(await credential.signOut()).toBe(true);
  expect(token.current()).toBeUndefined();
  expect(bench.state.get(KEY)).not.toHaveProperty('resources');
  await expect(token.get()).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  await credential.stop();
});
