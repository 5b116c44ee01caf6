import { describe, expect, it } from 'vitest';
import { agentEnvironment } from '../../../src/agent-process/environment.ts';
import { inSession } from '../../../src/platform/caller-session.ts';
import { leaveSnap, outsideSnap, variablesOfSnap } from '../../../src/platform/snap.ts';

/** As in a terminal of an editor that is a classic snap. */
const CLASSIC = {
  HOME: '/home/ada',
  PATH: '/snap/code/182/usr/bin:/usr/bin:/snap/bin',
  LD_LIBRARY_PATH: '/snap/code/182/usr/lib:/var/lib/snapd/snap/code/182/lib:/opt/lib',
  LD_PRELOAD: '/snap/code/current/lib/preload.so',
  XDG_CONFIG_HOME: '/home/ada/snap/code/182/.config',
  XDG_STATE_HOME: '/home/ada/snap/code/common/.state',
  XDG_CACHE_HOME: '/home/ada/.my-cache',
  XDG_RUNTIME_DIR: '/run/user/1000/snap.code',
  XDG_DATA_DIRS: '/home/ada/snap/code/x1/.local/share:/snap/code/182/usr/share:/usr/share:/var/lib/snapd/desktop',
  SNAP: '/snap/code/182',
};

describe('the environment outside of a snap', () => {
  it('has the places of the user and the system only', () => {
    expect(outsideSnap(CLASSIC)).toEqual({
      HOME: '/home/ada',
      PATH: '/usr/bin:/snap/bin',
      LD_LIBRARY_PATH: '/opt/lib',
      XDG_CACHE_HOME: '/home/ada/.my-cache',
      XDG_RUNTIME_DIR: '/run/user/1000',
      XDG_DATA_DIRS: '/usr/share:/var/lib/snapd/desktop',
      SNAP: '/snap/code/182',
    });
  });

  it.each([
    ['/home/ada/snap/notes', '/home/ada/snap/notes'],
    ['/run/user/1000', '/run/user/1000'],
    ['/run/user/1000/snapshots', '/run/user/1000/snapshots'],
    ['/run/user/1000/snap.code/', '/run/user/1000'],
    ['', ''],
    [undefined, undefined],
  ])('takes %j to %j', (before, after) => {
    expect(outsideSnap({ XDG_RUNTIME_DIR: before })).toEqual(after === undefined ? {} : { XDG_RUNTIME_DIR: after });
  });

  it("doesn't change for a confined snap, which can't reach anything else", () => {
    const confined = { ...CLASSIC, HOME: '/home/ada/snap/code/182' };
    expect(outsideSnap(confined)).toEqual(confined);
  });
});

describe('a caller in a snap', () => {
  it('starts an agent without anything from the snap', () => {
    expect(agentEnvironment(CLASSIC, 'linux')).toEqual({
      HOME: '/home/ada',
      PATH: '/usr/bin:/snap/bin',
      LD_LIBRARY_PATH: '/opt/lib',
      XDG_CACHE_HOME: '/home/ada/.my-cache',
      XDG_RUNTIME_DIR: '/run/user/1000',
    });
  });

  it('has the page opened by the programs of the system', () => {
    const { PATH, XDG_DATA_DIRS, XDG_RUNTIME_DIR } = CLASSIC;
    expect(inSession({ PATH, XDG_DATA_DIRS, XDG_RUNTIME_DIR, DISPLAY: ':0' }, { HOME: '/home/ada' })).toEqual({
      HOME: '/home/ada',
      PATH: '/usr/bin:/snap/bin',
      XDG_DATA_DIRS: '/usr/share:/var/lib/snapd/desktop',
      XDG_RUNTIME_DIR: '/run/user/1000',
      DISPLAY: ':0',
    });
  });

  it("uses the user's folders, and passes on its environment unchanged", () => {
    const env: NodeJS.ProcessEnv = { ...CLASSIC };
    leaveSnap(env);
    const { XDG_CONFIG_HOME: _, XDG_STATE_HOME: __, ...others } = CLASSIC;
    expect(env).toEqual({
      ...others,
      XDG_RUNTIME_DIR: '/run/user/1000',
      XDG_DATA_DIRS: '/usr/share:/var/lib/snapd/desktop',
    });
    expect({ ...env, ...variablesOfSnap() }).toEqual(CLASSIC);
  });
});
