// A broker that D-Bus starts when it's called, as Microsoft's is since version 3.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLinuxBroker } from '../../../src/entra/broker/linux/linux-broker.ts';
import { startWithoutSecretService } from '../../support/harness/secret-service.ts';
import { failureOf, SCOPE } from './broker-session.ts';

const PROGRAM = join(import.meta.dirname, '../../support/harness/identity-broker-program.ts');
const TENANT = '11111111-2222-4333-8444-555555555555';
const APPLICATION = '66666666-7777-4888-8999-000000000000';

let folder: string;
let bus: Awaited<ReturnType<typeof startWithoutSecretService>> | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-'));
});
afterEach(async () => {
  await bus?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A bus that starts the broker with this command, and a sign-in with it. */
async function signIn(command: string) {
  const services = join(folder, 'services');
  mkdirSync(services);
  const service = `[D-BUS Service]\nName=com.microsoft.identity.broker1\nExec=${command}\n`;
  writeFileSync(join(services, 'com.microsoft.identity.broker1.service'), service);
  bus = await startWithoutSecretService({ root: folder, services });
  const broker = await openLinuxBroker({ ...bus.env });
  return broker.signInSilently({
    authority: `https://login.microsoftonline.com/${TENANT}`,
    clientId: APPLICATION,
    scope: SCOPE,
    correlationId: 'c0ffee00-0000-4000-8000-000000000001',
    signal: new AbortController().signal,
  });
}

describe.runIf(process.platform === 'linux')('a Linux broker that D-Bus starts', () => {
  it('is started, and brings a token', async () => {
    const node = `${process.execPath} --disable-warning=ExperimentalWarning`;
    const token = await signIn(`${node} ${PROGRAM} ${TENANT} ${APPLICATION}`);
    expect(token.account).toMatchObject({ username: 'ada@contoso.com', tenantId: TENANT });
  });

  it.each([
    ['ends instead', '/bin/false'],
    ["isn't there", '/nowhere/microsoft-identity-broker'],
  ])('may fail to start: it %s', async (_, command) => {
    expect(await failureOf(signIn(command))).toMatchObject({
      fault: 'Gone',
      detail: "the identity broker couldn't be started",
    });
  });
});
