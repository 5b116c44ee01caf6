import { describe, expect, it } from 'vitest';
import { packageContainer, parseOrigin, parseWhoami } from '../../../src/platform/windows-origin.ts';

const SID = 'S-1-5-21-1-2-3-1001';
const CLAUDE = 'Claude_1.2.3.0_x64__pzs8sxrjxfjjc';
const APP = `C:\\Program Files\\WindowsApps\\${CLAUDE}\\app\\claude.exe`;
const container = (...lines: string[]) => packageContainer(parseOrigin([SID, ...lines, ''].join('\n')));

describe('what the launcher says', () => {
  it('is the user and the ancestors, whose paths may have spaces', () => {
    expect(parseOrigin(`${SID}\n10 - C:\\Program Files\\x y\\helper.exe\n20 ${CLAUDE} ${APP}\n`)).toEqual({
      sid: SID,
      ancestors: [
        { pid: 10, program: 'C:\\Program Files\\x y\\helper.exe' },
        { pid: 20, package: CLAUDE, program: APP },
      ],
    });
  });

  it.each(['', 'usage: …', `10 - C:\\helper.exe\n`, `error\n${SID}`])(
    'is nothing if it is something else: %j',
    (text) => {
      expect(parseOrigin(text)).toBeUndefined();
    },
  );
});

it.each([
  ['"contoso\\ada","S-1-5-21-1-2-3-1001"\r\n', SID],
  ['"azuread\\Zo\x89","S-1-12-1-1-2-3-4"\r\n', 'S-1-12-1-1-2-3-4'],
  ['VM\\ada\r\n', undefined],
  ['', undefined],
])('whoami says the SID in %j', (text, sid) => {
  expect(parseWhoami(text)).toBe(sid);
});

describe('the package around a process', () => {
  it('is that of an ancestor, and its process the first of the same package', () => {
    expect(
      container(
        '10 - C:\\helper.exe',
        '20 - C:\\cmd.exe',
        `30 ${CLAUDE} ${APP}`,
        `40 ${CLAUDE} ${APP}`,
        '50 - C:\\explorer.exe',
      ),
    ).toEqual({ name: CLAUDE, pid: 40 });
  });

  it('is the nearest one', () => {
    expect(container('1 - C:\\a.exe', `2 ${CLAUDE} ${APP}`, '3 Contoso.Shell_1_x64__abc C:\\shell.exe')).toEqual({
      name: CLAUDE,
      pid: 2,
    });
  });

  it('is known by the folder if Windows names none', () => {
    expect(container('1 - C:\\a.exe', `2 - ${APP}`)).toEqual({ name: CLAUDE, pid: 2 });
  });

  it.each([
    ['1 - C:\\Users\\a\\AppData\\Local\\Microsoft\\WindowsApps\\python.exe'],
    ['1 - C:\\a.exe', '2 Microsoft.WindowsTerminal_1.2_x64__8wekyb3d8bbwe C:\\Program Files\\WindowsApps\\T_1\\wt.exe'],
    ['1 - C:\\a.exe', '2 - C:\\Users\\a\\AppData\\Local\\AnthropicClaude\\claude.exe'],
  ])('is undefined for %s', (...lines) => {
    expect(container(...lines)).toBeUndefined();
  });
});
