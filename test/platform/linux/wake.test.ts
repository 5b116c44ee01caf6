// A new network interface, as this system has it: in a separate network namespace.
import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULES = new URL('../../../src/', import.meta.url);

const PROGRAM = `
  import { WakeWatch } from '${new URL('platform/wake.ts', MODULES)}';
  import { systemClock } from '${new URL('core/clock.ts', MODULES)}';
  new WakeWatch({ clock: systemClock, onReturn: (what) => { console.log(what); process.exit(); } }).start();
  console.log('watching');
  setTimeout(() => process.exit(1), 80_000);
`;

/** An interface with an address comes up while the program looks. */
const SCRIPT = `
  ip link set lo up
  "$0" --input-type=module --eval "$1" | while read -r line; do
    echo "$line"
    [ "$line" = watching ] || continue
    ip link add test0 type bridge && ip addr add 192.0.2.7/24 dev test0 && ip link set test0 up
  done
`;

it('notices a new network within half a minute', { timeout: 90_000 }, async () => {
  const lines = await new Promise<string>((resolve, reject) => {
    const args = ['--map-root-user', '--net', 'sh', '-c', SCRIPT, process.execPath, PROGRAM];
    execFile('unshare', args, { timeout: 85_000 }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  expect(lines).toBe('watching\nnetwork\n');
});
