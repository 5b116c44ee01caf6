import { describe, expect, it } from 'vitest';
import { describeApps } from '../../../src/doctor/checks/desktop-version.ts';
import { desktopReading } from '../../support/fakes/desktop-reading.ts';

const NEW = '2.26454.0';
const OLD = '1.44121.2';
const place = 'package claude-desktop';
const installed = [{ version: NEW, place }];
const app = (version?: string, isReplaced = false) => ({ program: '/opt/claude-desktop/claude', version, isReplaced });
const none = desktopReading(undefined);

describe('Claude Desktop', () => {
  it("isn't needed on this computer", () => {
    expect(describeApps({ installed: [], running: [] }, undefined, none)).toMatchObject({
      state: 'skip',
      notNeeded: true,
    });
  });

  it.each([
    ['does not run', { installed, running: [] }, undefined, `version ${NEW} (${place}), not running`],
    ['runs in its newest version', { installed, running: [app(NEW)] }, undefined, `version ${NEW} (${place}), running`],
    [
      'runs in the version that its log names',
      { installed, running: [app()] },
      NEW,
      `version ${NEW} (${place}), running`,
    ],
    [
      'was installed again in the same version',
      { installed, running: [app(undefined, true)] },
      NEW,
      `version ${NEW} (${place}), running`,
    ],
    ['runs from no package', { installed: [], running: [app()] }, OLD, `version ${OLD}, running`],
  ])('%s', (_, apps, logged, detail) => {
    expect(describeApps(apps, logged, none)).toMatchObject({ state: 'ok', detail });
  });

  it.each([
    ['by its path', app(OLD), undefined, OLD],
    ['by its log', app(), OLD, OLD],
    ['by its file', app(undefined, true), undefined, 'the one from before the update'],
  ])('is older than the installed one, %s', (_, running, logged, named) => {
    expect(describeApps({ installed, running: [running] }, logged, none)).toMatchObject({
      state: 'warn',
      detail: `Claude Desktop ${NEW} is installed, but ${named} still runs`,
      remedy: expect.stringContaining('start it again'),
      facts: { installed: [`${NEW} (${place})`] },
    });
  });

  it("doesn't know a key of its configuration", () => {
    const reading = desktopReading({
      inferenceProvider: 'gateway',
      inferenceCredentialHelperArgs: ['x'],
      modelDiscoveryEnabled: false,
    });
    const outcome = describeApps({ installed: [{ version: OLD, place }], running: [] }, undefined, reading);
    expect(outcome).toMatchObject({
      state: 'warn',
      detail: `inferenceCredentialHelperArgs is known since version 2.110.0 only, so version ${OLD} ignores it`,
      remedy: expect.stringContaining('update Claude Desktop'),
    });
    // The one that runs reads the configuration.
    expect(describeApps({ installed, running: [app(OLD)] }, undefined, reading)).toMatchObject({
      detail: expect.stringMatching(/still runs; inferenceCredentialHelperArgs is known since/),
    });
    expect(describeApps({ installed, running: [] }, OLD, reading)).toMatchObject({ state: 'ok' });
  });
});
