// With real files. That this process's own user counts as another one shows the checks of owners without being root.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whereReplaceable } from '../../../src/doctor/replaceable.ts';

const own = process.getuid?.() ?? 0;
const TRUSTED: ReadonlySet<number> = new Set([0, own]);
const NOBODY_HERE = 54_321;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'replaceable-')));
  mkdirSync(join(root, 'opt/fch/bin'), { recursive: true, mode: 0o755 });
  writeFileSync(join(root, 'opt/fch/bin/program'), '', { mode: 0o755 });
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string) => join(root, path);
const look = (path = 'opt/fch/bin/program') => whereReplaceable(at(path), TRUSTED);

describe.skipIf(process.platform === 'win32')('a program', () => {
  it('in folders of trusted users can’t be replaced by anyone else, also below a folder with the sticky bit', () => {
    expect(look()).toBeUndefined();
    chmodSync(at('opt'), 0o1777);
    expect(look()).toBeUndefined();
  });

  it.each(['opt', 'opt/fch', 'opt/fch/bin', 'opt/fch/bin/program'])('is replaceable through %s', (path) => {
    chmodSync(at(path), 0o777);
    expect(look()).toEqual({ path: at(path), reason: 'is writable by everyone' });
  });

  it('of another user is replaceable by that user', () => {
    const trusted = new Set(own === 0 ? [NOBODY_HERE] : [0]);
    expect(whereReplaceable(at('opt/fch/bin/program'), trusted)?.reason).toBe(`belongs to user ${own}`);
  });

  it('is replaceable through the folder of a link that leads to it, and through the folder that it leads to', () => {
    mkdirSync(at('links'));
    symlinkSync('../opt/fch/bin/program', at('links/program'));
    expect(look('links/program')).toBeUndefined();
    chmodSync(at('opt/fch'), 0o777);
    expect(look('links/program')).toEqual({ path: at('opt/fch'), reason: 'is writable by everyone' });
    chmodSync(at('links'), 0o777);
    expect(look('links/program')).toEqual({ path: at('links'), reason: 'is writable by everyone' });
  });

  it("that is a link to itself, or that doesn't exist, ends the check", () => {
    symlinkSync('loop', at('loop'));
    expect(look('loop')).toBeUndefined();
    expect(look('none/program')).toBeUndefined();
  });
});
