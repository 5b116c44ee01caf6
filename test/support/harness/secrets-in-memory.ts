import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/**
 * How often each text, by name, is in what a process can write to: as UTF-8 or UTF-16, whole. Linux, and only for the
 * process's own user or root. What the process changes meanwhile may be missed.
 */
export function countInMemory(pid: number, texts: Readonly<Record<string, string>>): Record<string, number> {
  const memory = writableMemory(pid);
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, count(memory, text)]));
}

/** How often the text is in these bytes, as UTF-8 or UTF-16. */
export function count(pieces: readonly Buffer[], text: string): number {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  return pieces.reduce((sum, piece) => sum + forms.reduce((found, form) => found + countForm(piece, form), 0), 0);
}

function countForm(piece: Buffer, form: Buffer): number {
  let found = 0;
  for (let at = piece.indexOf(form); at >= 0; at = piece.indexOf(form, at + 1)) found += 1;
  return found;
}

/** proc_pid_maps(5) and proc_pid_mem(5). */
function writableMemory(pid: number): Buffer[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return [...maps.matchAll(/^([\da-f]+)-([\da-f]+) rw/gm)].map(([, from = '', to = '']) =>
      readRange(memory, Number.parseInt(from, 16), Number.parseInt(to, 16)),
    );
  } finally {
    closeSync(memory);
  }
}

function readRange(memory: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  try {
    for (let done = 0; done < bytes.length; ) {
      const size = readSync(memory, bytes, done, bytes.length - done, from + done);
      if (size === 0) break;
      done += size;
    }
  } catch {
    // Unmapped meanwhile.
  }
  return bytes;
}
