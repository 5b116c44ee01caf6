import { describe, expect, it } from 'vitest';
import type { PacHost } from '../../../../src/proxy/pac/pac-functions.ts';
import { loadEngine, openPacSandbox } from '../../../../src/proxy/pac/pac-sandbox.ts';

const host: PacHost = { resolve: () => ['10.20.30.40'], ownAddresses: ['10.1.2.3'], now: () => new Date(0) };
const engine = await loadEngine();
const open = (script: string) => openPacSandbox(engine, { script, host, isOver: () => false });
const HOST = 'login.microsoftonline.com';

async function answer(script: string): Promise<string> {
  return open(script).find(`https://${HOST}/`, HOST);
}
const returning = (expression: string) => answer(`function FindProxyForURL(url, host) { return ${expression}; }`);

describe('a PAC file', () => {
  it('gets an address and a host, and can call the functions of its kind', async () => {
    expect(await returning('url + " " + host')).toBe(`https://${HOST}/ ${HOST}`);
    expect(await returning('isInNet(host, "10.0.0.0", "255.0.0.0") ? "PROXY a:1" : "DIRECT"')).toBe('PROXY a:1');
    expect(await returning('myIpAddress() + dnsDomainLevels(host)')).toBe('10.1.2.32');
    expect(await returning('typeof dnsResolve(null) + dnsResolve([]) + shExpMatch()')).toBe('objectnulltrue');
  });

  it('keeps its variables between questions', async () => {
    const { find } = open('var count = 0; function FindProxyForURL() { return "PROXY a:" + ++count; }');
    expect([find('', ''), find('', '')]).toEqual(['PROXY a:1', 'PROXY a:2']);
  });

  it('may be in the syntax of today', async () => {
    expect(await answer('const find = async () => {}; function FindProxyForURL(u, h) { return h?.at(0) ?? u; }')).toBe(
      'l',
    );
  });

  it('may replace a function', async () => {
    expect(await answer('function isInNet() { return "mine"; } function FindProxyForURL() { return isInNet(); }')).toBe(
      'mine',
    );
  });

  it('is called by the name that Windows knows, if it has no other', async () => {
    expect(await answer('function FindProxyForURLEx() { return "DIRECT"; }')).toBe('DIRECT');
  });

  it.each(['null', 'undefined', '""'])('that returns %s means a direct connection', async (value) => {
    expect(await returning(value)).toBe('');
  });

  it.each(['process', 'require', 'Buffer', 'WebAssembly', 'fetch', 'setTimeout', 'Atomics.wait'])(
    'has nothing from Node: %s',
    async (name) => {
      expect(await returning(`typeof globalThis.${name.replace('.', '?.')}`)).toBe('undefined');
    },
  );

  it("can't get out through one of the program's functions", async () => {
    expect(await returning('shExpMatch.constructor("return typeof process")()')).toBe('undefined');
  });
});

it.each([
  ['<!DOCTYPE html>', /^SyntaxError: /],
  ['function FindProxyForURL() { return 1; }', /^it returned something other than text$/],
  ['function FindProxyForURL() { throw "PROXY a:1"; }', /^it threw something other than an error$/],
  ['function FindProxyForURL() { return missing; }', /^ReferenceError: /],
  ['throw new Error("x".repeat(9999))', /^Error: x{113}$/],
  ['var FindProxyForURL = "DIRECT";', /^it has no function FindProxyForURL$/],
  ['', /^it has no function FindProxyForURL$/],
  ['function FindProxyForURL() { return FindProxyForURL(); }', /^InternalError: stack overflow$/],
  ['function FindProxyForURL() { return "x".repeat(1 << 29); }', /^(?:InternalError: out of memory|RangeError: )/],
  ['export function FindProxyForURL() {}', /^SyntaxError: /],
])('a PAC file that is %j fails with a description', async (script, reason) => {
  await expect(answer(script)).rejects.toThrow(reason);
});

it('a PAC file ends when its time is over', () => {
  let turns = 0;
  const isOver = () => {
    turns += 1;
    return turns > 3;
  };
  const sandbox = openPacSandbox(engine, { script: 'function FindProxyForURL() { for (;;) {} }', host, isOver });
  expect(() => sandbox.find('', '')).toThrow('it took too long');
});
