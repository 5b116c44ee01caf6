// One agent serves all of a user's desktop sessions; each request brings its own display, bus, and browser.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { agentProcess, agentProcesses, binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

/** Without these variables. */
function without(env: World['env'], ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

const environmentOf = (pid: number): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

/** A program that writes down its argument and the display that it was given. */
function writeBrowser(file: string, record: string): void {
  writeFileSync(file, `#!/bin/sh\nprintf '%s %s\\n' "$DISPLAY" "$1" >> '${record}'\n`);
  chmodSync(file, 0o755);
}

describe.runIf(process.platform === 'linux')("the keystore is on the requester's bus", () => {
  it.each([
    ['without a session bus', undefined],
    ['with the bus of a session that is over', 'unix:path=/nonexistent/bus'],
  ])('also after an agent that was started %s', async (_, address) => {
    const world = await worldForTest();
    await signIn(world);
    await killAgent(world.env);
    const elsewhere = without(world.env, 'DBUS_SESSION_BUS_ADDRESS');
    const first = await runHelper(binary, {
      context: 'background',
      env: address === undefined ? elsewhere : { ...elsewhere, DBUS_SESSION_BUS_ADDRESS: address },
    });
    expect(first).toMatchObject({ state: 'failed', exitCode: 8 });
    const agent = agentProcess(world);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(agentProcesses(world)).toHaveLength(1);
    expect(agentProcess(world)).not.toBe(agent);
    // The other session is served by the agent that has the keystore now.
    expect(await runHelper(binary, { context: 'background', env: elsewhere })).toMatchObject({ state: 'ok' });
  });

  it('for every command', async () => {
    const world = await worldForTest();
    await signIn(world);
    await killAgent(world.env);
    const elsewhere = without(world.env, 'DBUS_SESSION_BUS_ADDRESS');
    expect(await run(elsewhere, 'token')).toMatchObject({ exitCode: 8, stdout: '' });
    expect(await run(world.env, 'token')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in' });
  });
});

describe.runIf(process.platform === 'linux')("the page opens in the requester's session", () => {
  it('on their display, although the agent was started without one', async () => {
    const world = await worldForTest();
    const record = join(world.sandbox.root, 'browser');
    writeBrowser(join(world.sandbox.root, 'bin/xdg-open'), record);
    await runHelper(binary, { context: 'background', env: world.env });
    const helper = runHelper(binary, { context: 'interactive', env: { ...world.env, DISPLAY: ':7' } });
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await helper).toMatchObject({ state: 'ok' });
    expect(readFileSync(record, 'utf8')).toMatch(/^:7 http:\/\/127\.0\.0\.1:\d+\/p\//);
  });

  it("in the browser that BROWSER names, if there's no other opener", async () => {
    const world = await worldForTest();
    const record = join(world.sandbox.root, 'browser');
    const browser = join(world.sandbox.root, 'browser.sh');
    const bare = join(world.sandbox.root, 'bare');
    mkdirSync(bare);
    writeBrowser(browser, record);
    await runHelper(binary, { context: 'background', env: world.env });
    const env = { ...world.env, PATH: bare, BROWSER: browser };
    const helper = runHelper(binary, { context: 'interactive', env });
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await helper).toMatchObject({ state: 'ok' });
    expect(readFileSync(record, 'utf8')).toMatch(/^ http:\/\/127\.0\.0\.1:\d+\/p\//);
  });
});

describe.runIf(process.platform === 'linux')('the agent keeps nothing from its first starter', () => {
  it('no session, no secret, and no switch in its environment', async () => {
    const world = await worldForTest();
    const env = {
      ...world.env,
      ...{ DISPLAY: ':7', BROWSER: '/bin/false', LANG: 'de_DE.UTF-8', SSH_AUTH_SOCK: '/tmp/agent' },
      ...{ AZURE_CLIENT_SECRET: 'of-another-program', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    };
    await runHelper(binary, { context: 'background', env });
    const names = environmentOf(agentProcess(world))
      .map((entry) => entry.replace(/=.*/s, ''))
      .filter((name) => name !== '' && !/^(?:HOME|USER|LOGNAME|PATH|TMPDIR|XDG_(?:RUNTIME_DIR|\w+_HOME))$/.test(name));
    // glibc takes its own setting apart in place.
    expect(names.filter((name) => name !== 'GLIBC_TUNABLES' && !name.startsWith('glibc.'))).toEqual([]);
  });

  it('no lock and no pipe of a script, whatever its descriptor', async () => {
    const world = await worldForTest();
    const lock = join(world.sandbox.root, 'script.lock');
    const script = `exec 200>'${lock}' 99>&1 30>&1; flock 200; '${binary}' >/dev/null 2>&1; exec 200>&-; flock -n '${lock}' true && echo free`;
    const shell = spawn('/bin/bash', ['-c', script], { env: world.env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    // `end` comes only when no one holds the other end anymore.
    await new Promise((resolve) => shell.stdout.once('end', resolve));
    expect(output).toBe('free\n');
    expect(agentProcesses(world)).toHaveLength(1);
    expect(existsSync(lock)).toBe(true);
  });
});
