// The stand-in for schtasks.exe does what the tests of this folder rely on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MACHINE_TASK, taskFile, taskXml } from '../../../src/autostart/task-xml.ts';
import { installTaskScheduler, type TaskScheduler } from '../../support/harness/schtasks.ts';
import { createWinePrefix, type WinePrefix, windowsNode, windowsPath } from '../../support/harness/wine.ts';

const SID = 'S-1-5-21-1-2-3-1001';
const DENIED = { exitCode: 1, stdout: '', stderr: 'ERROR: Access is denied.\r\n' };

let prefix: WinePrefix;
let scheduler: TaskScheduler;
beforeAll(async () => {
  prefix = await createWinePrefix();
  scheduler = await installTaskScheduler(prefix);
});
afterAll(() => prefix?.stop());
beforeEach(() => {
  scheduler.refuse();
  scheduler.setStandardUser(false);
});

const schtasks = (...args: string[]) => prefix.run('C:\\windows\\system32\\schtasks.exe', args);
const xmlFile = (content: Buffer): string => {
  const file = join(prefix.root, 'task.xml');
  writeFileSync(file, content);
  return windowsPath(file);
};
const create = (content: Buffer, ...args: string[]) => schtasks('/create', '/xml', xmlFile(content), ...args);

it('keeps a task, prints it, turns it off, and deletes it', async () => {
  const options = { program: 'C:\\Zoë & 東京\\w.exe', principal: { kind: 'user', id: SID } } as const;
  expect(await create(taskFile(options), '/tn', 'One')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(scheduler.tasks().get('One')).toBe(taskXml(options).replaceAll('\n', '\r\n'));
  expect(await create(taskFile(options), '/tn', 'One')).toMatchObject({ exitCode: 1 });
  expect(await create(taskFile(options), '/tn', 'One', '/f')).toMatchObject({ exitCode: 0 });
  const { stdout } = await schtasks('/query', '/tn', '\\One', '/xml');
  expect(stdout).toContain('amp; ??\\w.exe</Command>');
  expect(await schtasks('/change', '/tn', 'One', '/disable')).toMatchObject({ exitCode: 0 });
  expect(scheduler.tasks().get('One')).toContain('<Enabled>false</Enabled>');
  expect(await schtasks('/run', '/tn', 'One')).toMatchObject({ exitCode: 1 });
  expect(await schtasks('/delete', '/tn', 'One', '/f')).toMatchObject({ exitCode: 0 });
  for (const verb of ['/query', '/run', '/delete']) {
    expect(await schtasks(verb, '/tn', 'One', '/f')).toMatchObject({
      exitCode: 1,
      stderr: 'ERROR: The system cannot find the file specified.\r\n',
    });
  }
  expect(scheduler.tasks().size).toBe(0);
});

it("refuses text that isn't UTF-16 as declared, or no XML", async () => {
  const xml = taskXml({ program: 'C:\\w.exe', principal: { kind: 'interactive' } });
  for (const content of [Buffer.from(xml), Buffer.from(`\ufeff${xml.replace('</Settings>', '')}`, 'utf16le')]) {
    const { exitCode, stderr } = await create(content, '/tn', 'Two');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('malformed');
  }
});

it("refuses what policy forbids, and a standard user's task for others", async () => {
  const everyone = taskFile({ program: 'C:\\w.exe', principal: { kind: 'interactive' } });
  scheduler.refuse('create');
  expect(await create(everyone, '/tn', MACHINE_TASK)).toMatchObject(DENIED);
  scheduler.refuse();
  expect(await create(everyone, '/tn', MACHINE_TASK)).toMatchObject({ exitCode: 0 });
  scheduler.setStandardUser(true);
  expect(await create(everyone, '/tn', 'Three')).toMatchObject(DENIED);
  expect(await schtasks('/delete', '/tn', MACHINE_TASK, '/f')).toMatchObject(DENIED);
  expect(
    await create(taskFile({ program: 'C:\\w.exe', principal: { kind: 'user', id: SID } }), '/tn', 'Three'),
  ).toMatchObject({ exitCode: 0 });
});

it('starts the program with the environment of the session instead of the caller', async () => {
  const output = join(prefix.root, 'started');
  const script = join(prefix.root, 'started.cjs');
  writeFileSync(script, `require('fs').writeFileSync(process.argv[2], JSON.stringify(process.env));`);
  const xml = taskXml({ program: await windowsNode(), principal: { kind: 'interactive' } }).replace(
    'agent run',
    `"${windowsPath(script)}" "${windowsPath(output)}"`,
  );
  expect(await create(Buffer.from(`\ufeff${xml}`, 'utf16le'), '/tn', 'Four')).toMatchObject({ exitCode: 0 });
  scheduler.setSession({ USERPROFILE: 'C:\\users\\Zoë', LEFT_OUT: null });
  const env = { CALLER: '1', USERPROFILE: 'C:\\users\\other' };
  expect(await prefix.run('schtasks.exe', ['/run', '/tn', 'Four'], { env })).toMatchObject({ exitCode: 0 });
  await expect.poll(() => existsSync(output)).toBe(true);
  await expect.poll(() => readFileSync(output, 'utf8')).toMatch(/"USERPROFILE":"C:\\\\users\\\\Zoë"/);
  expect(readFileSync(output, 'utf8')).not.toMatch(/CALLER|LEFT_OUT/);
  expect(scheduler.calls().at(-1)).toContain('/run /tn Four');
});
