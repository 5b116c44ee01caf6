// The picture of `login`: its real output in a terminal, drawn as a web page.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const COMMAND = 'foundry-credential-helper login --no-browser';
const example = join(import.meta.dirname, 'login-example.ts');
const COLUMNS = 58;
const ROWS = 36;
const PATIENCE_MS = 60_000;
/** The spinner's frames. Only the first is drawn, so the picture doesn't depend on the moment. */
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g;

/**
 * The screen of a terminal in which `login` waits for the user, with colors as escape sequences. Always the same.
 * @throws Error if tmux is missing, or if `login` doesn't wait within a minute
 */
export async function loginScreen(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'login-screen-'));
  const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' };
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', '-u', ...args], { encoding: 'utf8', env });
  try {
    // A shell that is typed into could still be starting, and its prompt would come late.
    const login = `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${example}'`;
    tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), `echo '$ ${COMMAND}'; ${login}`);
    return await whenWaiting(() => tmux('capture-pane', '-p', '-e', '-N'));
  } finally {
    spawnSync('tmux', ['-S', join(folder, 'tmux'), 'kill-server'], { env });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function whenWaiting(look: () => string): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const screen = look();
    if (screen.includes('14 min left')) {
      return screen.replace(/\s+$/, '').replace(SPINNER, '⠋');
    }
    await sleep(100);
  }
  throw new Error(`"login" doesn't wait:\n${look()}`);
}

/** The screen as a web page. @throws Error for an escape sequence that it doesn't know */
export function terminalPage(screen: string): string {
  let classes: readonly string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that's what colors are made of.
  const parts = screen.split(/\u001b\[([\d;]*)m/).map((part, index) => {
    if (index % 2 === 0) return `<span class="${classes.join(' ')}">${[...part].map(cell).join('')}</span>`;
    for (const code of part.split(';')) classes = styleAfter(classes, code);
    return '';
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Terminal</title>
<style>${terminalStyle}</style>
<body><pre>${parts.join('')}</pre></body></html>`;
}

/** Blocks are boxes, and every space in the QR code too: a font's own leave gaps between lines. */
const terminalStyle = `
body { margin: 0; width: max-content; background: #15191e; }
pre { margin: 0; padding: 18px 22px; color: #e6e6e6; font: 15px/18px "DejaVu Sans Mono", monospace; }
.bold { font-weight: 700; } .dim { color: #9a9a9a; } .cyan { color: #4ec3ea; } .black { color: #000; }
i { display: inline-block; width: 9px; height: 18px; vertical-align: top; }
.white i { background: #fff; }
i.full { background: currentColor; }
i.upper { background: linear-gradient(currentColor 50%, #fff 50%); }
i.lower { background: linear-gradient(#fff 50%, currentColor 50%); }
`;

const COLORS = ['black', 'cyan'];
const styles = new Map([
  ['1', 'bold'],
  ['2', 'dim'],
  ['30', 'black'],
  ['36', 'cyan'],
  ['107', 'white'],
]);

/** The parts of ECMA-48 "select graphic rendition" that `login` uses. */
function styleAfter(classes: readonly string[], code: string): readonly string[] {
  if (code === '' || code === '0') return [];
  if (code === '39') return classes.filter((name) => !COLORS.includes(name));
  if (code === '49') return classes.filter((name) => name !== 'white');
  const added = styles.get(code);
  if (added === undefined) throw new Error(`unknown escape sequence: ${code}`);
  const others = COLORS.includes(added) ? classes.filter((name) => !COLORS.includes(name)) : classes;
  return [...others, added];
}

const cells = new Map([
  ['█', '<i class="full"></i>'],
  ['▀', '<i class="upper"></i>'],
  ['▄', '<i class="lower"></i>'],
  [' ', '<i></i>'],
]);

function cell(character: string): string {
  return cells.get(character) ?? character.replace(/[&<>]/, (special) => `&#${special.charCodeAt(0)};`);
}
