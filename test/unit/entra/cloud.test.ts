import { describe, expect, it } from 'vitest';
import { verificationAddress } from '../../../src/entra/cloud.ts';

const PUBLIC = 'login.microsoftonline.com';

describe("the address of Microsoft's page", () => {
  it.each([
    [PUBLIC, 'https://microsoft.com/devicelogin'],
    [PUBLIC, 'https://login.microsoft.com/device'],
    [PUBLIC, 'https://aka.ms/devicelogin'],
    [PUBLIC, 'https://login.microsoftonline.com/common/oauth2/deviceauth'],
    ['login.microsoftonline.us', 'https://microsoft.com/deviceloginus'],
    ['login.microsoftonline.us', 'https://login.microsoftonline.us/common/oauth2/deviceauth'],
    ['login.partner.microsoftonline.cn', 'https://microsoft.com/deviceloginchina'],
    ['login.partner.microsoftonline.cn', 'https://aka.ms/deviceloginchina'],
  ])('may come from %s as %s', (authority, address) => {
    expect(verificationAddress(address, authority)).toBe(address);
  });

  it.each([
    ['a line break', 'https://microsoft.com/device\nlogin', 'https://microsoft.com/devicelogin'],
    ['an escape sequence', 'https://microsoft.com/\u001b[2J', 'https://microsoft.com/%1B[2J'],
    ['an override of the direction', 'https://microsoft.com/\u202egnp', 'https://microsoft.com/%E2%80%AEgnp'],
    ['blanks around', ' https://microsoft.com/devicelogin ', 'https://microsoft.com/devicelogin'],
    ['capitals', 'HTTPS://MICROSOFT.COM/devicelogin', 'https://microsoft.com/devicelogin'],
    ['letters that only look different', 'https://ｍicrosoft.com/devicelogin', 'https://microsoft.com/devicelogin'],
    ['its port', 'https://microsoft.com:443/devicelogin', 'https://microsoft.com/devicelogin'],
  ])('is normalized if it has %s', (_, address, normal) => {
    expect(verificationAddress(address, PUBLIC)).toBe(normal);
  });

  it.each([
    undefined,
    null,
    {},
    '',
    'microsoft.com/devicelogin',
    'http://microsoft.com/devicelogin',
    'javascript:alert(1)//https://microsoft.com/devicelogin',
    'file:///etc/passwd',
    'https://microsoft.com@evil.example/devicelogin',
    'https://ada:secret@microsoft.com/devicelogin',
    'https://evil.example/devicelogin',
    'https://microsoft.com.evil.example/devicelogin',
    'https://evilmicrosoft.com/devicelogin',
    'https://microsoft.com./devicelogin',
    'https://microsoft.com:8443/devicelogin',
    // Cyrillic letters.
    'https://miсrоsоft.com/devicelogin',
    // Another cloud's.
    'https://login.microsoftonline.us/device',
    `https://microsoft.com/${'a'.repeat(600)}`,
  ])("isn't %s", (address) => {
    expect(verificationAddress(address, PUBLIC)).toBeUndefined();
  });

  it('is undefined for an unknown authority', () => {
    expect(verificationAddress('https://microsoft.com/devicelogin', 'login.example')).toBeUndefined();
  });
});
