import { expect, it } from 'vitest';
import { parsePacAnswer } from '../../../../src/proxy/pac/pac-answer.ts';

it.each<[string, readonly (string | undefined)[], (readonly string[])?]>([
  ['PROXY proxy.contoso.com:8080', ['http://proxy.contoso.com:8080']],
  ['PROXY proxy.contoso.com', ['http://proxy.contoso.com:80']],
  ['PROXY proxy.contoso.com:80', ['http://proxy.contoso.com:80']],
  ['HTTPS proxy.contoso.com', ['https://proxy.contoso.com:443']],
  ['HTTP proxy.contoso.com:3128', ['http://proxy.contoso.com:3128']],
  ['proxy a:1;https b:2 ; DIRECT', ['http://a:1', 'https://b:2', undefined]],
  ['PROXY a:1;; ;DIRECT;', ['http://a:1', undefined]],
  ['PROXY\ta:1', ['http://a:1']],
  ['PROXY [2001:db8::1]:3128', ['http://[2001:db8::1]:3128']],
  ['DIRECT', [undefined]],
  ['', [undefined]],
  [' ; ', [undefined]],
  ['SOCKS a:1080; SOCKS5 b:1080; PROXY c:1', ['http://c:1'], ['SOCKS', 'SOCKS5']],
  ['SOCKS4 a:1080', [], ['SOCKS4']],
  ['PROXY ada:s3cret@a:1; DIRECT', [undefined]],
  ['PROXY a:99999; DIRECT', [undefined]],
  ['PROXY a:1/path', []],
  ['PROXY', []],
  ['PROXY-a:1', []],
  ['<html>', []],
  ['QUIC a:443; PROXY b:1', ['http://b:1']],
])('%j means %j', (answer, proxies, unsupported = []) => {
  const parsed = parsePacAnswer(answer);
  expect(parsed.routes.map(({ proxy }) => proxy)).toEqual(proxies);
  expect(parsed.unsupported).toEqual(unsupported);
});
