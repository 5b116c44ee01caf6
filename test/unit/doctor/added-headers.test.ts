import { expect, it } from 'vitest';
import { addedHeaders } from '../../../src/doctor/foundry/added-headers.ts';
import { desktopReading } from '../../support/fakes/desktop-reading.ts';

const profile = (inferenceCustomHeaders: unknown) => desktopReading({ inferenceCustomHeaders });

it("are those of the profile, as an object or as text, and the helper's over them if it prints any", () => {
  const own = { 'Ocp-Apim-Subscription-Key': 'ours' };
  const theirs = { 'ocp-apim-subscription-key': 'theirs', 'X-Department': 'research' };
  for (const value of [theirs, JSON.stringify(theirs)]) {
    expect(addedHeaders(profile(value), { outputFormat: 'json', headers: own })).toEqual({
      'ocp-apim-subscription-key': 'ours',
      'x-department': 'research',
    });
    expect(addedHeaders(profile(value), { outputFormat: 'token', headers: own })).toMatchObject({
      'ocp-apim-subscription-key': 'theirs',
    });
  }
});

it('leave out what no request can carry', () => {
  const odd = { Host: 'evil.example', 'a b': 'c', 'X-Break': 'a\r\nb', 'X-Number': 1, 'Content-Length': '0' };
  expect(addedHeaders(profile(odd), { outputFormat: 'token' })).toEqual({});
  for (const broken of ['{', '[]', 'null', 7, undefined]) {
    expect(addedHeaders(profile(broken), { outputFormat: 'token' })).toEqual({});
  }
  expect(addedHeaders({ state: 'absent' }, { outputFormat: 'json', headers: { 'X-A': 'b' } })).toEqual({ 'x-a': 'b' });
});
