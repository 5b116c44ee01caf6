// What `claude-desktop configure` remembers so that `remove` can restore what was there before. It holds no secrets.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { isObject, parseJson } from '../core/json.ts';
import { readPrivateFile } from '../platform/private-file.ts';

const file = v.object({
  /** `unknown`: someone else has changed it since, so that there's no earlier state to go back to. */
  before: v.union([v.picklist(['absent', 'unknown']), v.object({ backup: v.string(), sha256: v.string() })]),
  /** `contentHash` of what this program wrote. */
  written: v.string(),
});

const record = v.object({
  version: v.literal(1),
  /** The folder that the record is about. */
  folder: v.string(),
  /** The configuration that was applied before this program's. */
  appliedBefore: v.optional(v.string()),
  meta: file,
  profile: file,
  /** Folders that this program made, innermost first. */
  folders: v.array(v.string()),
});

export type LocalRecord = v.InferOutput<typeof record>;
export type FileRecord = LocalRecord['meta'];

/** In the program's folder for state. */
export const recordFile = (stateFolder: string): string => join(stateFolder, 'claude-desktop.json');

/**
 * The record about the folder; `undefined` if there is none, or nothing that can be understood.
 * @throws AppError ERR_AGENT_UNTRUSTED if others may write to the record, ERR_STATE_UNWRITABLE if it can't be read
 */
export function readRecord(stateFolder: string, folder: string): LocalRecord | undefined {
  const bytes = readPrivateFile(recordFile(stateFolder));
  const parsed = v.safeParse(record, parseJson(bytes?.toString('utf8') ?? ''));
  return parsed.success && parsed.output.folder === folder ? parsed.output : undefined;
}

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The same for the same JSON content in any format: Claude Desktop may write a file anew without a change. */
export function contentHash(text: string): string {
  return sha256(JSON.stringify(sorted(parseJson(text))) ?? '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}
