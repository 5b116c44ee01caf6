import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PacThread, type PacThreadOptions } from '../../../../src/proxy/pac/pac-thread.ts';

const url = new URL('https://login.microsoftonline.com/secret?token=1');

function thread(script: string, options: PacThreadOptions = {}): PacThread {
  const made = new PacThread(script, options);
  onTestFinished(() => made.stop());
  return made;
}

describe('a PAC file', () => {
  it('gets the address without path and query, and the host', async () => {
    const pac = thread('function FindProxyForURL(url, host) { return url + " " + host; }');
    expect(await pac.ask(url)).toBe('https://login.microsoftonline.com/ login.microsoftonline.com');
    expect(await pac.ask(new URL('https://[::1]:8443/x'))).toBe('https://[::1]:8443/ ::1');
  });

  it('can resolve names, and waits for each', async () => {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      await sleep(20);
      if (host === 'nobody.contoso.com') throw new Error('ENOTFOUND');
      return ['10.20.30.40'];
    };
    const pac = thread(
      `function FindProxyForURL(url, host) {
        return [isInNet(host, "10.0.0.0", "255.0.0.0"), isResolvable("nobody.contoso.com"), dnsResolve("a.b")].join();
      }`,
      { resolve },
    );
    expect(await pac.ask(url)).toBe('true,false,10.20.30.40');
    expect(asked).toEqual(['login.microsoftonline.com', 'nobody.contoso.com', 'a.b']);
  });

  it('uses localhost as the system resolves it', async () => {
    const pac = thread('function FindProxyForURL() { return dnsResolve("localhost"); }');
    expect(await pac.ask(url)).toBe('127.0.0.1');
  });

  it('answers questions that come at the same time one after the other', async () => {
    const pac = thread('function FindProxyForURL(url, host) { return host; }');
    const hosts = ['a', 'b', 'c'];
    const answers = await Promise.all(hosts.map((host) => pac.ask(new URL(`https://${host}/`))));
    expect(answers).toEqual(hosts);
  });
});

describe('a PAC file that hangs', () => {
  it.each([
    ['in a loop that catches what interrupts it', 'for (;;) { try { for (;;) {} } catch (e) {} }'],
    ['in a regular expression', '/(a+)+$/.test("a".repeat(60) + "b")'],
    ['in a function of the engine', 'new Array(100000000).join().length'],
  ])('%s ends when its time is over', async (_, code) => {
    const pac = thread(`function FindProxyForURL() { ${code}; return "DIRECT"; }`, { deadlineMs: 300 });
    await expect(pac.ask(url)).rejects.toThrow(/took too long|out of memory/);
  });

  it('while it resolves a name ends when its time is over', async () => {
    const pac = thread('function FindProxyForURL() { dnsResolve("a"); for (;;) {} }', {
      deadlineMs: 300,
      resolve: () => new Promise(() => undefined),
    });
    await expect(pac.ask(url)).rejects.toThrow('it took too long');
  });

  it("can't use more memory than its limit", async () => {
    const script = 'function FindProxyForURL() { for (var all = []; ; ) all.push(all.slice(), [1, 2, 3]); }';
    const pac = thread(script, { deadlineMs: 2_000 });
    await expect(pac.ask(url)).rejects.toThrow(/out of memory|took too long/);
  });

  it('stops no other work meanwhile, and is asked anew the next time', async () => {
    const pac = thread('var n = 0; function FindProxyForURL(u, h) { if (h == "slow") for (;;) {} return "N" + ++n; }', {
      deadlineMs: 3_000,
    });
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    const asked = pac.ask(new URL('https://slow/'));
    await expect(asked).rejects.toThrow('it took too long');
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(10);
    expect(await pac.ask(url)).toBe('N1');
  });
});

it('the thread ends when it has nothing to do, and starts again for the next question', async () => {
  const pac = thread('var n = 0; function FindProxyForURL() { return "N" + ++n; }', { idleMs: 1 });
  expect(await pac.ask(url)).toBe('N1');
  // Only a new thread counts from the beginning.
  await expect.poll(() => pac.ask(url)).toBe('N1');
});
