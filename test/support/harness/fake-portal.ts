// A desktop portal that answers as it's told, for answers that the real one can't be made to give. Run as a program:
//   node fake-portal.ts BEHAVIOR RECORD
// Appends each address that it's asked to open to the file RECORD, and a line `closed` if its client hangs up.
import { appendFileSync } from 'node:fs';
import { createClient, type Message } from 'dbus-native';

const SERVICE = 'org.freedesktop.portal.Desktop';
const PATH = '/org/freedesktop/portal/desktop';

export type PortalBehavior =
  /** Responds with this code. */
  | '0'
  | '1'
  | '2'
  /** Responds with success before it returns the request that the response belongs to. */
  | 'early'
  /** Responds with success, and doesn't tell beforehand whether there's a browser. */
  | 'old'
  | 'no-browser'
  /** Takes the request, and never responds, as one that shows a dialog. */
  | 'dialog'
  | 'not-supported'
  /** Never answers anything. */
  | 'silent'
  /** Leaves the bus when it's asked. */
  | 'crash';

const [behavior = '0', record = ''] = process.argv.slice(2) as [PortalBehavior, string];
const bus = createClient();

async function openUri(_: string, address: string, options: Record<string, unknown>, { sender }: Message) {
  appendFileSync(record, `${address}\n`);
  const request = `${PATH}/request/${String(sender).slice(1).replaceAll('.', '_')}/${String(options['handle_token'])}`;
  const respond = (code: number) =>
    bus.sendSignal(request, 'org.freedesktop.portal.Request', 'Response', 'ua{sv}', [code, []]);
  switch (behavior) {
    case 'silent':
      return new Promise<never>(() => undefined);
    case 'crash':
      return process.exit();
    case 'not-supported':
      throw failure('org.freedesktop.portal.Error.NotSupported');
    case 'early':
      respond(0);
      break;
    case 'dialog':
      break;
    case 'old':
      setImmediate(respond, 0);
      break;
    default:
      setImmediate(respond, Number(behavior));
  }
  return request;
}

function isSchemeSupported(scheme: string): boolean {
  if (behavior === 'old') throw failure('org.freedesktop.DBus.Error.UnknownMethod');
  return scheme === 'http' && behavior !== 'no-browser';
}

function failure(name: string): Error {
  return Object.assign(new Error('no'), { dbusName: name });
}

bus.exportInterface({ OpenURI: openUri, SchemeSupported: isSchemeSupported }, PATH, {
  name: 'org.freedesktop.portal.OpenURI',
  methods: {
    OpenURI: ['ssa{sv}', 'o', ['parent_window', 'uri', 'options'], ['handle']],
    SchemeSupported: ['sa{sv}', 'b', ['scheme', 'options'], ['supported']],
  },
});
bus.connection.on('message', ({ member, body }: Message) => {
  if (member === 'NameOwnerChanged' && body?.[2] === '') appendFileSync(record, 'closed\n');
});
await bus.addMatch("type='signal',member='NameOwnerChanged'");
await bus.requestName(SERVICE, 0);
process.stdout.write('ready\n');
