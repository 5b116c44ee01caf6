import { describe, expect, it } from 'vitest';
import { bypassesProxy } from '../../../../src/entra/transport/no-proxy.ts';

const at = (host: string) => new URL(`https://${host}/tenant/oauth2/v2.0/token`);

describe('a host is reached past the proxy', () => {
  it.each([
    ['*', 'login.microsoftonline.com'],
    ['login.microsoftonline.com', 'login.microsoftonline.com'],
    ['LOGIN.MicrosoftOnline.com', 'login.microsoftonline.com'],
    ['microsoftonline.com', 'login.microsoftonline.com'],
    ['.microsoftonline.com', 'login.microsoftonline.com'],
    ['*.microsoftonline.com', 'login.microsoftonline.com'],
    ['.contoso.com', 'contoso.com'],
    ['contoso.com.', 'www.contoso.com'],
    ['contoso.com', 'www.contoso.com.'],
    ['com', 'login.microsoftonline.com'],
    [' contoso.com ', 'contoso.com'],
    ['contoso.com:443', 'login.contoso.com'],
    ['contoso.com:8443', 'contoso.com:8443'],
    ['localhost', 'localhost:8443'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.0.0.0/8', '10.255.0.1'],
    ['192.168.4.0/22', '192.168.7.255'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['0.0.0.0/0', '8.8.8.8'],
    ['10.0.0.0/8:8443', '10.0.0.1:8443'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
    ['[::1]:8443', '[::1]:8443'],
    ['fd00::/8', '[fd12:3456::1]'],
    ['fe80::', '[fe80::]:8443'],
  ])('by %s: %s', (entry, host) => {
    expect(bypassesProxy(at(host), ['unrelated.example', entry])).toBe(true);
  });
});

describe('a host is reached through the proxy', () => {
  it.each([
    ['', 'contoso.com'],
    ['.', 'contoso.com'],
    ['*.', 'contoso.com'],
    ['contoso.com', 'evil-contoso.com'],
    ['.contoso.com', 'evil-contoso.com'],
    ['*.contoso.com', 'contoso.com.evil.example'],
    ['www.contoso.com', 'contoso.com'],
    ['*contoso.com', 'www.contoso.com'],
    ['log*.contoso.com', 'login.contoso.com'],
    ['contoso.com:8443', 'contoso.com'],
    ['contoso.com:80', 'contoso.com'],
    ['0.1', '10.0.0.1'],
    ['1.2.3', '10.1.2.3'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['192.168.4.0/22', '192.168.8.0'],
    ['10.0.0.0/33', '10.0.0.1'],
    ['10.0.0.0/', '11.0.0.1'],
    ['10.0.0.0/x', '10.0.0.1'],
    ['10.0.0.0/8', '10.example.com'],
    ['10.0.0.0/8', '[::a00:1]'],
    ['fd00::/8', '[fe80::1]'],
    ['fd00::/129', '[fd00::1]'],
    ['example/8', 'example'],
  ])('whatever %j says: %s', (entry, host) => {
    expect(bypassesProxy(at(host), [entry])).toBe(false);
  });
});
