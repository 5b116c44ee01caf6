import { join } from 'node:path';
import type { UnwritableFile } from '../core/unwritable.ts';
import { RotatingFile } from './rotating-file.ts';

/** The events and their numbers, which rules in a SIEM match: a number never changes its meaning. */
export const AUDIT_EVENTS = {
  'token-issued': 100,
  'token-refused': 101,
  'signed-in': 110,
  'sign-in-failed': 111,
  'signed-out': 112,
  'api-key-kept': 113,
  'audit-lines-lost': 190,
} as const;

export type AuditEvent = keyof typeof AUDIT_EVENTS;

const TEXTS = [
  'client',
  'context',
  'program',
  'parent',
  'resource',
  'tokenId',
  'expiresOn',
  'code',
  'correlationId',
] as const;
const NUMBERS = ['pid', 'parentPid', 'lost'] as const;

/**
 * All fields of a line besides time, event, and number. There's none for an account, a token, or a command's arguments.
 */
export type AuditFields = { readonly [Name in (typeof TEXTS)[number]]?: string | undefined } & {
  readonly [Name in (typeof NUMBERS)[number]]?: number | undefined;
};

export interface AuditLog {
  /** Writes after the current answer has been sent. Never throws. */
  note(event: AuditEvent, fields?: AuditFields): void;
}

export interface AuditFile extends AuditLog {
  /** Why the last line couldn't be written. Undefined if it was written. */
  readonly problem: UnwritableFile | undefined;
  /** Why the file can't be written now; tries again if it couldn't the last time. */
  checkWritable(): UnwritableFile | undefined;
}

/** Older files are `audit.log.1` to `audit.log.9`, so there are at most 10 MiB, which is about 30,000 lines. */
const OLDER_FILES = 9;
const MAX_TEXT = 300;

/**
 * Who got a token, and when: JSON lines in `<folder>/audit.log`, which only this user can read. Owns these files, apart
 * from the agent's log, whose lines would otherwise push these out. If a line can't be written, tokens are handed out
 * all the same, and the first line that can be written is followed by `audit-lines-lost`.
 * @param forward also gets each line, for the system's log
 */
export function openAuditLog(folder: string, forward: (event: AuditEvent, line: string) => void): AuditFile {
  const file = new RotatingFile(join(folder, 'audit.log'), OLDER_FILES, (lost) => write('audit-lines-lost', { lost }));
  const write = (event: AuditEvent, fields: AuditFields): void => {
    const line = auditLine(event, fields, new Date());
    forward(event, line);
    file.append(`${line}\n`);
  };
  return {
    note: (event, fields = {}) => void setImmediate(write, event, fields),
    get problem() {
      return file.problem;
    },
    checkWritable: () => file.checkWritable(),
  };
}

/** One line of JSON with the known fields only, and only values of the right type. */
export function auditLine(event: AuditEvent, fields: AuditFields, time: Date): string {
  const given: Readonly<Record<string, unknown>> = { ...fields };
  const texts = TEXTS.flatMap((name) => (typeof given[name] === 'string' ? [[name, shorten(given[name])]] : []));
  const numbers = NUMBERS.flatMap((name) => (Number.isSafeInteger(given[name]) ? [[name, given[name]]] : []));
  const known = Object.fromEntries([...texts, ...numbers]) as AuditFields;
  return JSON.stringify({ time: time.toISOString(), id: AUDIT_EVENTS[event], event, ...known });
}

const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
