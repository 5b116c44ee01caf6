import { describe, expect, it } from 'vitest';
import { looksLikeSecret, redactWords } from '../../../src/core/looks-like-secret.ts';

describe('looksLikeSecret', () => {
  it.each([
    ['0123456789abcdef0123456789abcdef'],
    ['A1b2C3d4'.repeat(10)],
    ['sk-ant-api03-abcDEF123456_abcDEF-789'],
    ['eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9'],
    ['ghp_abcdefghijklmnop'],
    ['dGhpcyBpcyBhIHNlY3JldCB2YWx1ZSwgZW5jb2RlZA=='],
    ['password=hunter2'],
    ['API_KEY: x'],
    ['aB3-dE6_gH9-jK2_mN5-pQ8_sT1-vW4_yZ7-bC0_eF3'],
  ])('hides %s', (text) => {
    expect(looksLikeSecret(text)).toBe(true);
  });

  it.each([
    ['contoso-foundry'],
    ['claude-sonnet-4-5-20250929'],
    ['11111111-2222-3333-4444-555555555555'],
    ['https://contoso-foundry.services.ai.azure.com/anthropic'],
    ['C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe'],
    ['/usr/local/bin/foundry-credential-helper'],
    ['.contoso.com'],
    ['contoso.onmicrosoft.com'],
    ['api://11111111-2222-3333-4444-555555555555/.default'],
  ])('shows %s', (text) => {
    expect(looksLikeSecret(text)).toBe(false);
  });
});

describe('redactWords', () => {
  it('replaces single words and leaves the sentence', () => {
    const key = 'A1b2C3d4'.repeat(10);
    expect(redactWords(`foundryResource  "${key}"  from /home/ada/.config/x.json`)).toBe(
      'foundryResource  "(not shown)"  from /home/ada/.config/x.json',
    );
    expect(redactWords('["u:pa55@proxy.contoso.com",".contoso.com"]')).toBe('["(not shown)",".contoso.com"]');
    expect(redactWords('https://ada:pa55@proxy.contoso.com:8080')).toBe('(not shown)');
    expect(redactWords('at https://login.microsoftonline.com:443/x, ada@contoso.com')).toBe(
      'at https://login.microsoftonline.com:443/x, ada@contoso.com',
    );
  });
});
