import { describe, expect, it } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { allChecks } from '../../../src/doctor/checks.ts';
import type { DoctorContext } from '../../../src/doctor/context.ts';

describe.each([
  ['entra', 'device-code'],
  ['entra', 'broker'],
  ['api-key', 'broker'],
])('the checks for the credential "%s" and the method "%s"', (credential, signInMethod) => {
  const resolution = resolveConfiguration([
    {
      kind: 'user-file',
      location: 'config.json',
      fingerprint: () => '',
      read: () => ({ state: 'values', values: { credential, signInMethod, models: ['claude-opus', 'claude-haiku'] } }),
    },
  ]);
  const checks = allChecks({ resolution, desktop: () => ({ state: 'absent' }) } as unknown as DoctorContext);
  const ids = checks.map(({ id }) => id);

  it('are listed after those that they need, as runChecks expects', () => {
    for (const [index, { needs = [] }] of checks.entries())
      expect(ids.slice(0, index)).toEqual(expect.arrayContaining([...needs]));
  });

  it('have one for the broker only if it signs people in', () => {
    expect(ids.includes('broker')).toBe(credential === 'entra' && signInMethod === 'broker');
  });

  it('each have their own id', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith('deployment:'))).toEqual([
      'deployment:claude-opus',
      'deployment:claude-haiku',
    ]);
  });
});
