// What only Claude Desktop itself notices: its log says it, in the words of its runner of helpers.
import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, describeFailure } from '../../../../src/core/errors.ts';
import { runHelper } from '../../../support/harness/claude-desktop.ts';
import type { World } from '../../../support/harness/world.ts';
import { foundryErrors } from '../../../support/servers/foundry-errors.ts';
import { binary, run, writeDesktopConfig } from '../../support.ts';
import { healthyProfile, profile, type Seeded, type SeededFault } from './row.ts';

const OLD = '1.7000.0';
const NEW = '2.26454.0';

const logIn = (world: World, place = 'Claude-3p/logs/main.log'): string => {
  const file = join(world.env['XDG_CONFIG_HOME'] ?? '', place);
  mkdirSync(dirname(file), { recursive: true });
  return file;
};

/** As Claude Desktop writes it, in local time. */
function line(text: string, level = 'error'): string {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return `${local.slice(0, 19).replace('T', ' ')} [${level}] ${text}\n`;
}

const started = (version = NEW): string =>
  line(`Starting app {\n  appVersion: '${version}',\n  isPackaged: true\n}`, 'info');

/** It has started, and then logged these lines. */
const logged =
  (...texts: string[]): NonNullable<SeededFault['seed']> =>
  (world) => {
    appendFileSync(logIn(world), started() + texts.map((text) => line(text)).join(''));
    return undefined;
  };

/** Someone starts a session: Claude Desktop really runs what its profile names, and logs what came of it. */
const startSession: NonNullable<SeededFault['repair']> = async (world) => {
  const { state, stdout } = await runHelper(binary, { context: 'interactive', env: world.env });
  if (state !== 'ok') throw new Error(`the helper's run ended as ${state}`);
  appendFileSync(logIn(world), line(`[custom-3p] helper ok (elapsed=1ms stdoutBytes=${stdout.length})`, 'info'));
  return undefined;
};

/** It's quit completely and started again, with nothing to complain about. */
const restart: NonNullable<SeededFault['repair']> = (world) => {
  appendFileSync(logIn(world), started());
  return undefined;
};

const ran = '(elapsed=1008ms stdoutBytes=0) stderr=""';
const ownError = describeFailure(new AppError('ERR_AGENT_UNREACHABLE')).text.trim().replaceAll('\n', ' ⏎ ');

/** A computer on which this version's package is installed: the real dpkg-query, with its own database. */
function installPackage(world: World, version: string): Seeded {
  const folder = join(world.sandbox.root, 'dpkg');
  mkdirSync(join(folder, 'info'), { recursive: true });
  mkdirSync(join(folder, 'updates'), { recursive: true });
  const fields = ['Package: claude-desktop', 'Status: install ok installed', `Version: ${version}`];
  const others = ['Maintainer: none <none@example>', 'Architecture: all', 'Description: app'];
  writeFileSync(join(folder, 'status'), `${[...fields, ...others].join('\n')}\n\n`);
  // First on PATH, whichever process asks.
  const script = `#!/bin/sh\nexec /usr/bin/dpkg-query --admindir='${folder}' "$@"\n`;
  writeFileSync(join(world.sandbox.root, 'bin/dpkg-query'), script, { mode: 0o755 });
  return {};
}

/** Starts what stands for Claude Desktop's main process, and puts the newer one in its place. */
async function updateWhileItRuns(world: World): Promise<Seeded> {
  const program = join(world.sandbox.root, 'claude-desktop/claude-desktop');
  mkdirSync(join(dirname(program), 'resources'), { recursive: true });
  writeFileSync(join(dirname(program), 'resources/app.asar'), '');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['1000'], { env: world.env, stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
  appendFileSync(logIn(world), started('2.9939.2'));
  rmSync(program);
  copyFileSync('/bin/sleep', program);
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  return { ...installPackage(world, NEW), close };
}

const hasDpkg = existsSync('/usr/bin/dpkg-query');
const onDebian = (...rows: readonly SeededFault[]): readonly SeededFault[] => (hasDpkg ? rows : []);

const versionFaults = onDebian(
  {
    fault: 'Claude Desktop was updated while it runs',
    seed: updateWhileItRuns,
    check: 'desktop-version',
    state: 'warn',
    cause: /Claude Desktop 2\.26454\.0 is installed, but 2\.9939\.2 still runs/,
    remedy: /quit Claude Desktop .* and start it again/,
    repair: async (world, seeded) => {
      await seeded?.close?.();
      return restart(world, seeded);
    },
  },
  {
    fault: 'the installed Claude Desktop is too old for its profile',
    seed: (world) => installPackage(world, OLD),
    check: 'desktop-version',
    state: 'warn',
    cause: /modelDiscoveryEnabled is known since version 1\.8089\.0 only, so version 1\.7000\.0 ignores it/,
    remedy: /update Claude Desktop/,
    repair: (world) => {
      installPackage(world, NEW);
      return undefined;
    },
  },
);

export const desktopLogFaults: readonly SeededFault[] = [
  ...versionFaults,
  {
    fault: 'application control blocks the helper',
    seed: logged(`[custom-3p] helper spawn failed (elapsed=3ms): spawn ${binary} EACCES`),
    check: 'desktop-log',
    cause: /Claude Desktop wasn't allowed to run the helper \(EACCES\)/,
    remedy: /have your IT department allow .*; then start a session/,
    repair: startSession,
  },
  {
    fault: 'the helper was missing when Claude Desktop ran it',
    seed: logged(`[custom-3p] helper spawn failed (elapsed=3ms): spawn ${binary} ENOENT`),
    check: 'desktop-log',
    state: 'warn',
    cause: /found no program at the helper's path \(ENOENT\); there is one now/,
    remedy: /^quit Claude Desktop completely and start it again$/,
    repair: restart,
  },
  {
    fault: 'the helper is for another processor',
    seed: logged('[custom-3p] helper spawn failed (elapsed=3ms): spawn Unknown system error -86'),
    check: 'desktop-log',
    cause: /couldn't run the helper's file on this computer/,
    remedy: /package for this computer's processor/,
    repair: startSession,
  },
  {
    fault: 'Claude Desktop waited in vain for somebody to sign in',
    seed: logged(
      `[custom-3p] helper timed out after 60000ms ${ran}`,
      '[custom-3p] credential helper failed (reason=timed-out)',
    ),
    check: 'desktop-log',
    state: 'warn',
    cause: /Claude Desktop waited 60 s for the helper, and then ended it/,
    remedy: /inferenceCredentialHelperTimeoutSec to 600 .*start a session/,
    repair: (world, seeded) => {
      writeDesktopConfig(world, { ...healthyProfile, inferenceCredentialHelperTimeoutSec: 600 });
      return startSession(world, seeded);
    },
  },
  {
    fault: 'macOS keeps Claude Desktop from the helper',
    seed: logged(
      '[custom-3p] helper blocked by macOS TCC (elapsed=3ms stdoutBytes=0) stderr="/bin/sh: Operation not permitted"',
    ),
    check: 'desktop-log',
    cause: /privacy protection of macOS/,
    remedy: /System Settings > Privacy & Security/,
    repair: startSession,
  },
  {
    fault: 'Claude Desktop gives the helper an argument that it refuses',
    seed: logged(
      '[custom-3p] Argument 1 of 1 must be non-empty and must not contain a double quote ("). Remove it, or move that value into the script. Not running the helper.',
    ),
    check: 'desktop-log',
    cause: /refused an argument in inferenceCredentialHelperArgs/,
    remedy: /remove inferenceCredentialHelperArgs/,
    repair: restart,
  },
  {
    fault: 'the helper printed nothing',
    seed: logged(`[custom-3p] helper produced no output ${ran}`),
    check: 'desktop-log',
    cause: /couldn't use the helper's output: it printed nothing/,
    remedy: /let inferenceCredentialHelper name .* itself, not a script/,
    repair: startSession,
  },
  {
    fault: 'the helper printed a line too many',
    seed: logged('[custom-3p] credential helper stdout has multiple lines; emit only the token or JSON to stdout'),
    check: 'desktop-log',
    cause: /it printed several lines/,
    remedy: /itself, not a script/,
    repair: startSession,
  },
  {
    fault: 'the helper crashed',
    seed: logged(`[custom-3p] helper exited code=139 ${ran}`),
    check: 'desktop-log',
    cause: /ended with exit code 139 and no error of this program/,
    remedy: /install the program again/,
    repair: startSession,
  },
  {
    fault: 'the helper could not reach the agent from Claude Desktop',
    seed: logged(`[custom-3p] helper exited code=6 (elapsed=30ms stdoutBytes=0) stderr="${ownError}"`),
    check: 'desktop-log',
    state: 'warn',
    cause: /got an error from the helper: ERR_AGENT_UNREACHABLE/,
    remedy: /then start a session in Claude Desktop/,
    repair: startSession,
  },
  {
    fault: 'Claude Desktop shows a provider error until somebody has it test again',
    seed: logged("[custom-3p] ConfigHealth recomputed { state: 'provider_error', provider: 'gateway' }"),
    check: 'desktop-log',
    state: 'warn',
    cause: /its provider doesn't answer as it should, and shows that until/,
    remedy: /^choose Check Again in Claude Desktop$/,
    repair: (world) => {
      const text = "[custom-3p] ConfigHealth recomputed { state: 'healthy', provider: 'gateway' }";
      appendFileSync(logIn(world), line(text, 'info'));
      return undefined;
    },
  },
  {
    fault: 'Claude Desktop still sends its requests as its earlier settings say',
    seed: logged('Access denied due to invalid subscription key or wrong API endpoint'),
    check: 'desktop-log',
    state: 'warn',
    cause: /its credential refused \(401\), although it would be accepted now/,
    remedy: /quit Claude Desktop completely and start it again/,
    repair: restart,
  },
  {
    fault: 'Claude Desktop refused a value when it started',
    seed: logged('Failed to parse managed config "inferenceCustomHeaders": .: invalid_type'),
    check: 'desktop-log',
    state: 'warn',
    cause: /refused the value of inferenceCustomHeaders/,
    remedy: /start it again.*Copy Managed Configuration Report/,
    repair: restart,
  },
  {
    fault: 'Claude Desktop uses another credential than the helper',
    seed: logged('Multiple credential methods configured (static, helper-script); using static. Clear unused fields.'),
    check: 'desktop-log',
    cause: /found several credentials in its configuration, and uses one other than the helper's/,
    remedy: /set inferenceCredentialKind to helper-script/,
    repair: restart,
  },
  {
    fault: 'Claude Desktop started in standard mode, whose log is elsewhere',
    seed: (world) => {
      const text = '[custom-3p] Credentials read failed, staying in 1P mode: baseUrl: must use https';
      appendFileSync(logIn(world, 'Claude/logs/main.log'), started() + line(text));
      return undefined;
    },
    check: 'desktop-log',
    cause: /refused its configuration and started without it/,
    remedy: /Copy Managed Configuration Report/,
    repair: (world) => {
      appendFileSync(logIn(world, 'Claude/logs/main.log'), started());
      return undefined;
    },
  },
  {
    fault: 'the log names what the helper path explains',
    seed: (world) => {
      const path = '/opt/gone/foundry-credential-helper';
      appendFileSync(
        logIn(world),
        started() + line(`[custom-3p] helper spawn failed (elapsed=3ms): spawn ${path} ENOENT`),
      );
      return profile({ inferenceCredentialHelper: path })(world);
    },
    check: 'desktop-helper',
    cause: /there's no such program/,
    remedy: /set inferenceCredentialHelper to .*quit Claude Desktop completely and start it again/,
    repair: (world, seeded) => {
      writeDesktopConfig(world, healthyProfile);
      return restart(world, seeded);
    },
  },
  {
    fault: 'the log names what the missing role explains',
    seed: (world) => {
      world.foundry.setFault('count_tokens', foundryErrors.roleMissingAs401);
      const unhealthy = "[custom-3p] ConfigHealth recomputed { state: 'provider_error', provider: 'gateway' }";
      return logged('[custom-3p] inference request failed: HTTP 401', unhealthy)(world);
    },
    check: 'foundry-role',
    cause: /lacks the role/,
    remedy: /"Cognitive Services User"/,
    repair: (world, seeded) => {
      world.foundry.setFault('count_tokens', undefined);
      return restart(world, seeded);
    },
  },
  {
    fault: 'the log names what the sign-in explains',
    signedIn: false,
    seed: logged(
      `[custom-3p] helper exited code=4 (elapsed=30ms stdoutBytes=0) stderr="${describeFailure(new AppError('ERR_SIGN_IN_REQUIRED')).text.trim().replaceAll('\n', ' ⏎ ')}"`,
    ),
    check: 'sign-in',
    cause: /signed in/,
    remedy: /"foundry-credential-helper login"/,
    repair: async (world) => {
      // The line stays in the log, but the agent has a token now.
      const login = run(world.env, 'login');
      // The first code is the one that doctor asked for to try the application.
      for (let codes = 0; codes < 2; codes++) world.entra.approve(await world.entra.waitForUserCode());
      await login;
      return undefined;
    },
  },
];
