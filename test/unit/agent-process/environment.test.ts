import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentEnvironment } from '../../../src/agent-process/environment.ts';
import { configurationKeys, definitionOf } from '../../../src/config/keys.ts';

const module = join(import.meta.dirname, '../../../src/agent-process/environment.ts');

describe('what the agent keeps from its starter', () => {
  it('contains no session, no secret, and no switch for Node', () => {
    const env = {
      ...{ HOME: '/home/ada', PATH: '/usr/bin', XDG_RUNTIME_DIR: '/run/user/1000', TZ: 'UTC' },
      ...{ DISPLAY: ':0', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x', BROWSER: 'firefox', LANG: 'de_DE.UTF-8' },
      ...{ AZURE_CLIENT_SECRET: 'x', GITHUB_TOKEN: 'x' },
      ...{ GLIBC_TUNABLES: 'glibc.malloc.perturb=165' },
      ...{ NODE_OPTIONS: '--require=/x', NODE_DEBUG: 'http', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    };
    expect(agentEnvironment(env, 'linux')).toEqual({
      HOME: '/home/ada',
      PATH: '/usr/bin',
      XDG_RUNTIME_DIR: '/run/user/1000',
      TZ: 'UTC',
    });
  });

  it('includes every variable that is a setting', () => {
    const names = configurationKeys.flatMap((key) => definitionOf(key).environment ?? []);
    expect(names).not.toEqual([]);
    const env = Object.fromEntries(names.map((name) => [name, 'x']));
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(agentEnvironment(env, platform), platform).toEqual(env);
    }
  });

  it('on Windows is everything but the switches for Node', () => {
    expect(agentEnvironment({ SystemRoot: 'C:\\Windows', Node_Options: '--x' }, 'win32')).toEqual({
      SystemRoot: 'C:\\Windows',
    });
  });

  it("on Windows says where Windows is, if the starter's variables don't", () => {
    expect(agentEnvironment({ SystemRoot: '', WINDIR: '', USERPROFILE: 'C:\\Users\\Ada' }, 'win32')).toEqual({
      SystemRoot: 'C:\\Windows',
      WINDIR: 'C:\\Windows',
      USERPROFILE: 'C:\\Users\\Ada',
    });
  });
});

it.runIf(process.platform === 'linux')(
  'closes what scripts leave open above stderr, and no descriptor that it opened',
  () => {
    const script = `
    const { leaveStarter } = await import(${JSON.stringify(module)});
    const { readdirSync } = await import('node:fs');
    const { setTimeout: sleep } = await import('node:timers/promises');
    leaveStarter();
    const open = readdirSync('/proc/self/fd').map(Number);
    await sleep(1);
    console.log(JSON.stringify({ open, names: Object.keys(process.env).toSorted() }));`;
    // As flock(1) does it in its manual page. Node itself closes what comes right after its own descriptors.
    const shell = 'exec 30</dev/null 77</dev/null 99>/dev/null 200</dev/null; exec "$@"';
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const seen: unknown = JSON.parse(
      execFileSync('/bin/bash', ['-c', shell, 'bash', process.execPath, ...args], {
        env: { PATH: '/usr/bin', HOME: '/tmp', DISPLAY: ':0', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' },
        encoding: 'utf8',
      }),
    );
    const { open, names } = seen as { open: number[]; names: string[] };
    expect(open.filter((descriptor) => [30, 77, 99, 200].includes(descriptor))).toEqual([]);
    expect(names).toEqual(['DBUS_SESSION_BUS_ADDRESS', 'HOME', 'PATH']);
  },
);
