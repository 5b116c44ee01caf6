import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedRuntime } from '../../installers/build/binary.ts';
import { projectFolder } from '../../installers/build/bundle.ts';
import { hostTarget, type Target, targets } from '../../installers/build/targets.ts';
import { checkExecutableFormat } from '../../installers/release/executable-format.ts';

const host = hostTarget();
const binary = join(projectFolder, 'dist', host.executable);
if (!existsSync(binary)) throw new Error('dist/ has no binary: run "npm run build" first');
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'format-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('checkExecutableFormat', () => {
  it("takes this computer's binary for its own target only", () => {
    expect(() => checkExecutableFormat(host, binary)).not.toThrow();
    for (const other of targets.filter((one) => one !== host)) {
      expect(() => checkExecutableFormat(other, binary), other.name).toThrow(/isn't (an executable of|for) /);
    }
  });

  it('refuses Node without a program', () => {
    expect(() => checkExecutableFormat(host, installedRuntime(host))).toThrow('has no program inside');
  });

  it.each(targets)("knows $name's header", (target: Target) => {
    const file = join(folder, target.name);
    writeFileSync(file, Buffer.concat([header(target), Buffer.from(FUSE)]));
    expect(() => checkExecutableFormat(target, file)).not.toThrow();
    const [other] = targets.filter(({ platform, arch }) => platform === target.platform && arch !== target.arch);
    expect(() => checkExecutableFormat(other as Target, file)).toThrow("isn't for");
    writeFileSync(file, readFileSync(file).subarray(0, 600));
    expect(() => checkExecutableFormat(target, file)).toThrow("isn't Node");
  });

  it("refuses what isn't an executable", () => {
    const file = join(folder, 'text');
    writeFileSync(file, 'MZ and nothing else');
    expect(() => checkExecutableFormat(host, file)).toThrow("isn't an executable of");
  });
});

/** As the formats' own specifications number systems and processors, written once more. */
function header({ platform, arch }: Target): Buffer {
  const bytes = Buffer.alloc(4096);
  if (platform === 'linux') {
    bytes.write('\x7fELF', 'latin1');
    bytes.writeUInt16LE(arch === 'x64' ? 62 : 183, 18);
  } else if (platform === 'darwin') {
    bytes.writeUInt32BE(0xcffaedfe);
    bytes.writeUInt32LE((arch === 'x64' ? 7 : 12) | 0x01000000, 4);
  } else {
    bytes.write('MZ');
    bytes.writeUInt32LE(0x80, 0x3c);
    bytes.write('PE\0\0', 0x80);
    bytes.writeUInt16BE(arch === 'x64' ? 0x6486 : 0x64aa, 0x84);
  }
  return bytes;
}
