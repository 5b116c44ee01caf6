// Runs in Windows' Node: asks the broker through Microsoft's runtime in a folder, and says how each call ended.
import { readFileSync, writeSync } from 'node:fs';
import { BrokerFailure, type BrokerRequest } from '../../../../src/entra/broker/broker.ts';
import { loadRuntimeFrom } from '../../../../src/entra/broker/windows/load-runtime.ts';
import { WindowsBroker } from '../../../../src/entra/broker/windows/windows-broker.ts';
import { openDialogWindow } from '../../../../src/platform/dialog-window.ts';

const [, , folder = '', manifest = '', launcher = '', ...calls] = process.argv;

const request: BrokerRequest = {
  authority: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555',
  clientId: '66666666-7777-8888-9999-000000000000',
  scope: 'https://cognitiveservices.azure.com/.default',
  correlationId: 'c0ffee00-0000-4000-8000-000000000001',
  signal: AbortSignal.timeout(60_000),
};
const CALLS: Readonly<Record<string, (broker: WindowsBroker) => Promise<unknown>>> = {
  accounts: (broker) => broker.accounts(request),
  acquire: (broker) => broker.acquireSilently(request, { brokerAccountId: 'nobody' }),
  silent: (broker) => broker.signInSilently(request),
  hinted: (broker) => broker.signInSilently(request, 'nobody@contoso.com'),
  claims: (broker) => broker.signInSilently({ ...request, claims: '{"access_token":{}}' }),
  dialog: (broker) => broker.signInInteractively(request),
  choice: (broker) => broker.signInInteractively(request, 'nobody@contoso.com', true),
};

async function outcome(work: () => unknown): Promise<object> {
  try {
    return { result: await work() };
  } catch (thrown) {
    if (!(thrown instanceof BrokerFailure)) return { unexpected: String(thrown) };
    const { fault, detail, subStatus } = thrown;
    return { fault, detail, subStatus };
  }
}

/** Names of Microsoft's libraries that this process has loaded. */
function loadedLibraries(): readonly string[] {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: readonly string[] };
  return sharedObjects.filter((path) => /msal/i.test(path));
}

const outcomes: Record<string, object> = {};
const load = () => loadRuntimeFrom(folder, JSON.parse(readFileSync(manifest, 'utf8')));
const loading = await outcome(() => Object.keys(load()).length > 0);
for (const call of calls) {
  outcomes[call] = await outcome(() => CALLS[call]?.(new WindowsBroker(load(), () => openDialogWindow(launcher))));
}
writeSync(1, JSON.stringify({ loading, outcomes, libraries: loadedLibraries() }));
process.exit(0);
