// Runs in Windows' Node: asks the broker through Microsoft's runtime in a folder, and says how it ended.
import { readFileSync, writeSync } from 'node:fs';
import { BrokerFailure, type BrokerRequest } from '../../../../src/entra/broker/broker.ts';
import { loadRuntimeFrom } from '../../../../src/entra/broker/windows/load-runtime.ts';
import { WindowsBroker } from '../../../../src/entra/broker/windows/windows-broker.ts';
import { openDialogWindow } from '../../../../src/platform/dialog-window.ts';

const [, , folder = '', manifest = '', call = '', launcher = ''] = process.argv;

const request: BrokerRequest = {
  authority: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555',
  clientId: '66666666-7777-8888-9999-000000000000',
  scope: 'https://cognitiveservices.azure.com/.default',
  correlationId: 'c0ffee00-0000-4000-8000-000000000001',
  signal: new AbortController().signal,
};
const account = {
  brokerAccountId: 'nobody',
  homeAccountId: 'nobody.nowhere',
  localAccountId: 'nobody',
  tenantId: 'nowhere',
  environment: 'login.windows.net',
  username: 'nobody@contoso.com',
};
const CALLS: Readonly<Record<string, (broker: WindowsBroker) => Promise<unknown>>> = {
  accounts: (broker) => broker.accounts(request),
  'acquire silently': (broker) => broker.acquireSilently(request, account),
  'sign in silently': (broker) => broker.signInSilently(request),
  'sign in silently with a hint': (broker) => broker.signInSilently(request, 'nobody@contoso.com'),
  'sign in with a dialog': (broker) => broker.signInInteractively(request),
  'choose an account': (broker) => broker.signInInteractively(request, 'nobody@contoso.com', true),
};

async function ask(): Promise<object> {
  try {
    const runtime = loadRuntimeFrom(folder, JSON.parse(readFileSync(manifest, 'utf8')));
    const broker = new WindowsBroker(runtime, () => openDialogWindow(launcher));
    return { result: await CALLS[call]?.(broker) };
  } catch (thrown) {
    if (!(thrown instanceof BrokerFailure)) return { unexpected: String(thrown) };
    const { fault, detail, subStatus } = thrown;
    return { fault, detail, subStatus };
  }
}

/** Names of the libraries of Microsoft's that this process has loaded. */
function loadedLibraries(): readonly string[] {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: readonly string[] };
  return sharedObjects.filter((path) => /msal/i.test(path));
}

const outcome = await ask();
writeSync(1, JSON.stringify({ ...outcome, libraries: loadedLibraries() }));
process.exit(0);
