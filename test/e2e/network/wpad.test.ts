// Automatic proxy detection (WPAD) is never followed: anyone who answers to the name could read where requests go.
import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { canUnshareMounts, seeing } from '../../support/harness/mount-namespace.ts';
import { binary, run } from '../support.ts';
import { enter, HOST, signedInWorld, startAgent, writeFile } from './support.ts';

const DNS = '127.0.0.88';

/** Records the names that it's asked for, and knows none of them. */
async function startDns(): Promise<readonly string[]> {
  const names: string[] = [];
  const server = createSocket('udp4', (query, peer) => {
    names.push(nameIn(query));
    const reply = Buffer.from(query);
    // A response, recursion available, and "no such name" (RFC 1035 section 4.1.1).
    reply.writeUInt16BE(0x8183, 2);
    server.send(reply, peer.port, peer.address);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).bind(53, DNS, resolve));
  onTestFinished(() => void server.close());
  return names;
}

/** The first question's name: labels, each after its length, up to a length of 0. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; (query[at] ?? 0) > 0; at += 1 + (query[at] ?? 0)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
  }
  return labels.join('.').toLowerCase();
}

// Needs a separate name server for the agent, on port 53 of a loopback address.
describe.runIf(canUnshareMounts)('automatic detection that is on in the system', () => {
  it("isn't followed: no one is asked for wpad, and doctor says what to do", async () => {
    const world = await signedInWorld();
    onTestFinished(() => world.dispose());
    const names = await startDns();
    const config = world.env['XDG_CONFIG_HOME'] ?? '';
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'kioslaverc'), '[Proxy Settings]\nProxyType=3\n');
    const env = { ...world.env, XDG_CURRENT_DESKTOP: 'KDE' };
    await enter(world, { proxy: undefined });
    const resolver = writeFile(
      world,
      'resolv.conf',
      `nameserver ${DNS}\nsearch corp.contoso.com\noptions attempts:1\n`,
    );
    await startAgent(world, {}, seeing(resolver, '/etc/resolv.conf'));
    expect(await runHelper(binary, { context: 'background', env })).toMatchObject({ exitCode: 7, stdout: '' });
    expect(names).toContain(HOST);
    expect(names.filter((name) => name.includes('wpad'))).toEqual([]);

    const { stdout } = await run(env, 'doctor');
    expect(stdout).toContain("automatic proxy detection (WPAD) is on in KDE's network settings");
    expect(stdout).toContain('set "proxy" to the proxy, or to pac+ and the URL of the PAC file');
  });
});
