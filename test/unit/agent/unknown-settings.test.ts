import { expect, it } from 'vitest';
import { UnknownSettings } from '../../../src/agent/unknown-settings.ts';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { LogProbe } from './support.ts';

const resolutionOf = (values: Record<string, unknown>) =>
  resolveConfiguration([
    { kind: 'managed', location: '/policy.json', read: () => ({ state: 'values', values }), fingerprint: () => '' },
  ]);

it('unknown settings are logged once, until others appear', () => {
  const log = new LogProbe();
  const unknown = new UnknownSettings(log);
  const first = resolutionOf({ later: 's3cret', logLevel: 'debug' });
  unknown.report(first);
  unknown.report(first);
  const line = '{"event":"setting-unknown","key":"later","location":"/policy.json"}';
  expect(log.lines).toEqual([line]);
  // The file was touched, or another setting changed.
  unknown.report(resolutionOf({ later: 's3cret', logLevel: 'info' }));
  expect(log.lines).toEqual([line]);
  unknown.report(resolutionOf({}));
  unknown.report(resolutionOf({ later: 1 }));
  expect(log.lines).toEqual([line, line]);
});

it("a file full of other settings doesn't fill the log", () => {
  const log = new LogProbe();
  const names = Array.from({ length: 500 }, (_, index) => [`name${index}`, index]);
  new UnknownSettings(log).report(resolutionOf(Object.fromEntries(names)));
  expect(log.lines).toHaveLength(20);
});
