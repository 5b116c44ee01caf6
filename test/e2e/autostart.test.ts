// `agent install|uninstall|status` of the compiled binary. systemctl is a stand-in: test/platform/linux/systemd has the
// real one, which needs root.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { agentPid, agentProcess, binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const UNIT = 'foundry-credential-helper.service';

const unitFile = (world: World): string => join(world.env['XDG_CONFIG_HOME'] ?? '', 'systemd/user', UNIT);

/** Does what systemd does for this unit: links it, and starts the agent in its own environment. */
function addSystemd(world: World, start = `"${binary}" agent run >/dev/null 2>&1 &`): () => string[] {
  const calls = join(world.sandbox.root, 'systemctl-calls');
  const wants = join(unitFile(world), '../graphical-session.target.wants');
  const script = join(world.sandbox.root, 'bin/systemctl');
  writeFileSync(
    script,
    `#!/bin/sh
echo "$*" >> '${calls}'
case "$*" in
  *enable*) mkdir -p '${wants}' && ln -sf '${unitFile(world)}' '${wants}/' ;;
  *start*${UNIT}) export STARTED_BY=systemd; ${start} ;;
esac
`,
  );
  chmodSync(script, 0o755);
  return () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
}

it('installs once, shows it, starts by it, and uninstalls', async () => {
  const world = await worldForTest();
  const calls = addSystemd(world);
  expect(await run(world.env, 'agent', 'install')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^Installed .*\.service: .*\nThe agent runs/),
  });
  expect(calls().at(-1)).toBe(`--user start --no-block ${UNIT}`);
  expect(readFileSync(`/proc/${agentProcess(world)}/environ`, 'utf8')).toContain('STARTED_BY=systemd');
  expect(await run(world.env, 'agent', 'install')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('nothing was changed'),
  });
  expect(await runJson(world.env, 'agent', 'status')).toMatchObject({
    version: 1,
    running: true,
    autostart: { installed: true, kind: 'systemd', scope: 'user', place: unitFile(world), thisProgram: true },
  });
  writeFileSync(unitFile(world), readFileSync(unitFile(world), 'utf8').replace(binary, '/opt/other'));
  expect(await run(world.env, 'agent', 'install')).toMatchObject({
    stdout: expect.stringContaining('it started /opt/other'),
  });
  expect(await run(world.env, 'agent', 'uninstall')).toMatchObject({ exitCode: 0 });
  expect(existsSync(unitFile(world))).toBe(false);
  await expect.poll(() => agentPid(world.env)).toBeUndefined();
  expect(await runJson(world.env, 'agent', 'status')).toMatchObject({ autostart: { installed: false } });
});

it.each([
  ['fails', 'exit 1'],
  ['starts nothing', ':'],
  ['hangs', 'exec sleep 20'],
])('a service manager that %s costs a helper seconds, not its token', async (_what, start) => {
  const world = await worldForTest();
  await signIn(world);
  addSystemd(world, start);
  mkdirSync(join(unitFile(world), '..'), { recursive: true });
  writeFileSync(unitFile(world), `[Service]\nExecStart=${binary} agent run\n`);
  await killAgent(world.env);
  expect(await runHelper(binary, { context: 'mid-session-refresh', env: world.env })).toMatchObject({ state: 'ok' });
});

it('without a systemd user manager it becomes an XDG autostart file, and says so', async () => {
  const world = await worldForTest();
  expect(await run(world.env, 'agent', 'install')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('no systemd user manager answers'),
  });
  expect(await runJson(world.env, 'agent', 'status')).toMatchObject({ autostart: { kind: 'xdg-autostart' } });
});

it('--purge removes everything except the settings', async () => {
  const world = await worldForTest();
  await signIn(world);
  await run(world.env, 'agent', 'install');
  const { exitCode, stdout } = await run(world.env, 'agent', 'uninstall', '--purge');
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Removed 1 keystore entry.'),
  });
  expect(existsSync(world.sandbox.configFile)).toBe(true);
  const ours = readdirSync(world.sandbox.root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('foundry-credential-helper'))
    .filter((path) => !world.sandbox.configFile.startsWith(join(world.sandbox.root, path)));
  expect(ours).toEqual([]);
  expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ exitCode: 4 });
});

it("--purge with a locked keystore doesn't remove files and says so", async () => {
  const world = await worldForTest();
  await signIn(world);
  await world.secretService?.lock();
  expect(await run(world.env, 'agent', 'uninstall', '--purge')).toMatchObject({
    exitCode: 8,
    stderr: expect.stringContaining('ERR_KEYSTORE_LOCKED'),
  });
  expect(existsSync(world.sandbox.stateFolder)).toBe(true);
});
