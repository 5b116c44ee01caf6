// A session with the tests' identity broker, and the product's client of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker, BrokerFailure, BrokerRequest } from '../../../src/entra/broker/broker.ts';
import { openLinuxBroker } from '../../../src/entra/broker/linux/linux-broker.ts';
import { startSecretService, startWithoutSecretService } from '../../support/harness/secret-service.ts';
import { EntraTenant } from '../../support/servers/entra-tenant.ts';
import { type IdentityBroker, startIdentityBroker } from '../../support/servers/identity-broker.ts';

export const SCOPE = 'https://cognitiveservices.azure.com/.default';

export interface BrokerSession {
  readonly env: Readonly<Record<string, string>>;
  readonly tenant: EntraTenant;
  /** The service. */
  readonly service: IdentityBroker;
  /** The product's client. */
  readonly broker: Broker;
  /** A request for the tenant; `changes` replaces fields. */
  request(changes?: Partial<BrokerRequest>): BrokerRequest;
  /** Ends the bus, and with it all connections. May be called twice. */
  stopBus(): Promise<void>;
  dispose(): Promise<void>;
}

/** @param withKeyring whether the session has one, in which Microsoft's own programs keep what they know */
export async function startBrokerSession({ withKeyring = false } = {}): Promise<BrokerSession> {
  const folder = mkdtempSync(join(tmpdir(), 'broker-'));
  const bus = await (withKeyring ? startSecretService : startWithoutSecretService)({ root: folder });
  const tenant = new EntraTenant();
  const service = await startIdentityBroker(bus.env['DBUS_SESSION_BUS_ADDRESS'] ?? '', { tenant });
  return {
    env: bus.env,
    tenant,
    service,
    broker: await openLinuxBroker({ ...bus.env }),
    request: (changes = {}) => ({
      authority: `https://login.microsoftonline.com/${tenant.tenantId}`,
      clientId: tenant.clientId,
      scope: SCOPE,
      correlationId: 'c0ffee00-0000-4000-8000-000000000001',
      signal: new AbortController().signal,
      ...changes,
    }),
    stopBus: () => bus.stop(),
    dispose: async () => {
      service.stop();
      await bus.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the call failed with. @throws Error if it succeeded */
export async function failureOf(call: Promise<unknown>): Promise<BrokerFailure> {
  const failure = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (failure === undefined) throw new Error('the call succeeded');
  return failure as BrokerFailure;
}
