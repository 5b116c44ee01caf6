// Programs that other people wrote, reading what this one exports.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { emptyHive } from './registry-hive.ts';

export const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Buffer =>
  execFileSync(command, args, {
    env: { ...process.env, ...env },
    input,
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });

/** Property lists by Python's plistlib, all others as JSON by Python's json; in the order of the files. */
export function readByPython(files: readonly string[]): readonly Record<string, unknown>[] {
  const program = `
import json, plistlib, sys
def read(path):
    with open(path, "rb") as file:
        data = file.read()
    return plistlib.loads(data) if path.endswith((".plist", ".mobileconfig")) else json.loads(data.decode("utf-8"))
print(json.dumps([read(path) for path in json.load(sys.stdin)]))`;
  return JSON.parse(run('python3', ['-c', program], {}, JSON.stringify(files)).toString()) as Record<string, unknown>[];
}

/** The settings of a profile's only payload. */
export function payloadSettings(profile: Record<string, unknown>): Record<string, unknown> {
  const [payload = {}] = profile['PayloadContent'] as [Record<string, unknown>];
  return Object.fromEntries(Object.entries(payload).filter(([key]) => !key.startsWith('Payload')));
}

export interface ImportedKey {
  /** Text values by name. */
  readonly values: Record<string, string>;
  /** A registry export of the key in libhivex's words, with every text as UTF-16 in hexadecimal digits. */
  readonly text: string;
}

/**
 * Imports registry files, one after the other, into an empty registry of libhivex, as `reg import` does.
 * @param before what the registry holds already; UTF-8
 * @returns the keys below HKEY_LOCAL_MACHINE\SOFTWARE\Policies by name, `Claude\Sub` for a key of a key
 */
export function importRegistryFiles(
  folder: string,
  files: readonly string[],
  before = '',
): ReadonlyMap<string, ImportedKey> {
  const [hive, first] = [join(folder, 'software.hive'), join(folder, 'before.reg')];
  writeFileSync(hive, emptyHive());
  writeFileSync(first, `${HEADER}[${POLICIES}]\n\n${before}`);
  const decoded = files.map((file, index) => {
    const copy = join(folder, `decoded-${index}.reg`);
    // libhivex takes UTF-8; the decoder is WHATWG's.
    writeFileSync(copy, new TextDecoder('utf-16le', { fatal: true }).decode(readFileSync(file)));
    return copy;
  });
  const prefix = ['--prefix', 'HKEY_LOCAL_MACHINE\\SOFTWARE', hive];
  run('hivexregedit', ['--merge', ...prefix, first, ...decoded], UTF8);
  const exported = run('hivexregedit', ['--export', ...prefix, '\\Policies'], UTF8).toString();
  const keys = exported.split(/^(?=\[)/m).slice(1);
  return new Map(keys.map((text) => [/^\[(.*)\]$/m.exec(text)?.[1]?.slice(POLICIES.length + 1) ?? '', readKey(text)]));
}

const HEADER = 'Windows Registry Editor Version 5.00\n\n';
const POLICIES = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies';
const UTF8 = { PERL_UNICODE: 'D' };

function readKey(text: string): ImportedKey {
  const decode = (hex: string): string =>
    Buffer.from(hex.replaceAll(',', ''), 'hex').toString('utf16le').replace(/\0$/, '');
  const lines = [...text.matchAll(/^"([^"]+)"=hex\(1\):([0-9a-f,]+)$/gm)];
  return {
    values: Object.fromEntries(lines.map(([, name = '', hex = '']) => [name, decode(hex)])),
    text: HEADER + text,
  };
}

export async function powerShellParser(): Promise<Parser> {
  await Parser.init();
  const require = createRequire(import.meta.url);
  const grammar = require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  return new Parser().setLanguage(await Language.load(readFileSync(grammar)));
}

export interface Script {
  /** The table `$wanted`. */
  readonly wanted: Record<string, string>;
  /** The list `$removed`. */
  readonly removed: readonly string[];
  /** Names of the commands that it calls. */
  readonly commands: readonly string[];
}

/** What an exported script holds, as tree-sitter's PowerShell grammar finds it. */
export function readScript(parser: Parser, script: string): Script {
  const tree = parser.parse(script);
  if (tree === null) throw new Error('not parsed');
  const root = tree.rootNode;
  expect(root.hasError).toBe(false);
  const found = (node: typeof root, ...types: string[]) =>
    node.descendantsOfType(types).filter((part) => part !== null);
  // about_Quoting_Rules: in single quotes, a quotation mark is doubled.
  const plain = (text: string): string => text.slice(1, -1).replaceAll("''", "'");
  const evaluate = (node: typeof root): string =>
    found(node, 'verbatim_string_characters', 'hexadecimal_integer_literal')
      .map(({ text }) => (text.startsWith("'") ? plain(text) : String.fromCharCode(Number(text))))
      .join('');
  const entries = found(root, 'hash_entry').map((entry) => {
    const [name, value] = entry.namedChildren;
    if (name == null || value == null) throw new Error(`no entry: ${entry.text}`);
    return [evaluate(name), evaluate(value)];
  });
  const removed = found(root, 'assignment_expression').find(({ text }) => text.startsWith('$removed = '));
  return {
    wanted: Object.fromEntries(entries) as Record<string, string>,
    removed: removed === undefined ? [] : found(removed, 'verbatim_string_characters').map(({ text }) => plain(text)),
    commands: [...new Set(found(root, 'command_name').map(({ text }) => text))].toSorted(),
  };
}
