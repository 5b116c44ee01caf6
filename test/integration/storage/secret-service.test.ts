// The real Secret Service: gnome-keyring on a private bus.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { openSecretStore } from '../../../src/storage/open-secret-store.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';
import type { Call, Outcome } from './secret-service-client.ts';
import { SecretServiceSession } from './secret-service-session.ts';
import { describeSecretStore } from './secret-store-contract.ts';

const KEY = 'tenant/client';
const SERVICE = 'foundry-credential-helper';
const CLIENT = fileURLToPath(new URL('secret-service-client.ts', import.meta.url));

describe.runIf(process.platform === 'linux')('the Secret Service', () => {
  describe('with gnome-keyring', () => {
    const session = new SecretServiceSession();
    let store: SecretStore;

    beforeAll(async () => {
      await session.startBus();
      await session.startKeyring();
      // This process's only bus: the addon takes the address when it first connects.
      process.env['DBUS_SESSION_BUS_ADDRESS'] = session.env['DBUS_SESSION_BUS_ADDRESS'];
      store = await openSecretStore('linux');
    });
    afterAll(() => session.close());

    describeSecretStore({
      open: () => openSecretStore('linux'),
      lock: () => session.lock(),
      unlock: () => session.unlock(),
    });

    it('keeps one item per key and makes no others', async () => {
      await store.set(KEY, new Secret('first'));
      await store.set(KEY, new Secret('second'));
      expect(await store.get('missing')).toBeUndefined();
      const found = session.secretTool(['search', '--all', 'service', SERVICE]);
      expect(found.match(/^label = .*$/gm)).toEqual([`label = keyring:${KEY}@${SERVICE}`]);
      await store.delete(KEY);
    });

    it('is read by secret-tool, and reads what secret-tool wrote', async () => {
      await store.set(KEY, new Secret('Zürich ☃'));
      expect(session.secretTool(['lookup', 'service', SERVICE, 'username', KEY])).toBe('Zürich ☃');
      const written = ['store', '--label=test', 'service', SERVICE, 'username', KEY];
      session.secretTool(written, 'by secret-tool');
      expect((await store.get(KEY))?.reveal()).toBe('by secret-tool');
      await store.delete(KEY);
    });

    it("refuses bytes that aren't text, and keeps them", async () => {
      session.secretTool(['store', '--label=test', 'service', SERVICE, 'username', KEY], '');
      const { AsyncEntry } = await import('@napi-rs/keyring');
      const entry = new AsyncEntry(SERVICE, KEY, { linux: { store: 'secret-service' } });
      await entry.setSecret(Buffer.from([0xff, 0xfe]));
      await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
      expect(await entry.getSecret()).toEqual([0xff, 0xfe]);
      await store.delete(KEY);
    });

    it("doesn't choose between two entries of the same name", async () => {
      for (const extra of ['1', '2']) {
        session.secretTool(['store', '--label=x', 'service', SERVICE, 'username', 'twice', 'extra', extra], extra);
      }
      for (const call of [store.get('twice'), store.set('twice', new Secret('mine')), store.delete('twice')]) {
        await expect(call).rejects.toMatchObject({
          code: 'ERR_KEYSTORE_RECORD',
          detail: expect.stringContaining('second entry'),
        });
      }
      session.secretTool(['clear', 'service', SERVICE, 'username', 'twice']);
    });

    it('knows of a missing entry even while the keyring is locked', async () => {
      await store.set(KEY, new Secret('kept'));
      session.lock();
      expect(await store.get('missing')).toBeUndefined();
      expect(await store.delete('missing')).toBe(false);
      await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
      await session.unlock();
      await store.delete(KEY);
    });

    it('finds its way back when the keyring was gone', async () => {
      await store.set(KEY, new Secret('kept'));
      await session.stopKeyring();
      await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
      await session.startKeyring();
      expect((await store.get(KEY))?.reveal()).toBe('kept');
      await store.delete(KEY);
    });

    it('works immediately if the keyring was restarted in the meantime, with the earlier connection', async () => {
      await store.set(KEY, new Secret('first'));
      for (const call of [
        async () => expect((await store.get(KEY))?.reveal()).toBe('first'),
        () => store.set(KEY, new Secret('second')),
        async () => expect(await store.delete(KEY)).toBe(true),
      ]) {
        await session.stopKeyring();
        await session.startKeyring();
        await call();
      }
    });
  });

  describe("that can't be used", () => {
    let session: SecretServiceSession;
    afterEach(() => session.close());

    const everyCall: readonly Call[] = [
      ['get', KEY],
      ['set', KEY, 'value'],
      ['delete', KEY],
    ];
    const codes = (outcomes: readonly Outcome[]) => outcomes.map(({ code }) => code);
    const unavailable = everyCall.map(() => 'ERR_KEYSTORE_UNAVAILABLE');

    it("is unavailable without a bus, and doesn't fall back to the kernel keyring", async () => {
      session = new SecretServiceSession();
      const outcomes = await callInClient(session, everyCall);
      expect(codes(outcomes)).toEqual(unavailable);
      expect(outcomes[0]?.detail).toBe("there's no D-Bus session bus");
    });

    it('is unavailable if the bus has gone', async () => {
      session = new SecretServiceSession();
      await session.startBus();
      await session.stopBus();
      expect(codes(await callInClient(session, everyCall))).toEqual(unavailable);
    });

    it("is unavailable on a bus if no one offers it, and doesn't fall back to the kernel keyring", async () => {
      session = new SecretServiceSession();
      await session.startBus();
      const outcomes = await callInClient(session, everyCall);
      expect(codes(outcomes)).toEqual(unavailable);
      expect(outcomes[0]?.detail).toBe('no Secret Service is running');
    });

    it('waits for the user while an unlock prompt is open, and says so in time', async () => {
      session = new SecretServiceSession({ prompt: 'waits' });
      await session.startBus();
      await session.startKeyring();
      await callInClient(session, [['set', KEY, 'still there']]);
      session.lock();
      const outcomes = await callInClient(session, everyCall, 300);
      expect(codes(outcomes)).toEqual(everyCall.map(() => 'ERR_KEYSTORE_WAITING'));
      expect(outcomes.map(({ detail }) => detail)).toEqual(everyCall.map(() => "it hasn't answered yet"));
      await session.unlock();
      expect(await callInClient(session, [['get', KEY]])).toMatchObject([{ value: 'still there' }]);
    });
  });
});

/** Makes the calls in its own process, which is ended by force: one with a prompt open can't end on its own. */
async function callInClient(
  session: SecretServiceSession,
  calls: readonly Call[],
  deadlineMs = 10_000,
): Promise<Outcome[]> {
  const client = spawn(process.execPath, [CLIENT, String(deadlineMs), JSON.stringify(calls)], {
    env: { ...session.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  client.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  try {
    for await (const chunk of client.stdout) {
      output += String(chunk);
      if (output.split('\n').length > calls.length) break;
    }
  } finally {
    client.kill('SIGKILL');
  }
  const lines = output.split('\n').slice(0, -1);
  if (lines.length !== calls.length) throw new Error(`the client said only:\n${output}${errors}`);
  return lines.map((line) => JSON.parse(line) as Outcome);
}
