import { finding } from '../../claude-desktop/finding.ts';
import { AppError } from '../../core/errors.ts';
import { isSignedMessage } from '../../formats/is-signed-message.ts';
import { isBinaryPlist, parsePlistDictionaries } from '../../formats/plist.ts';
import { completeFragment } from '../../formats/plist-fragment.ts';
import { isHeadlessRegistryText, isRegistryText, parseRegistryFile } from '../../formats/registry-file.ts';
import { type DecodedText, decodeText } from '../../formats/text-encoding.ts';
import { NOT_TEXT, readFileBytes } from '../../formats/text-file.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent } from './documents.ts';
import { isJsonText, jsonContent } from './json-content.ts';
import { plistContent } from './plist-content.ts';
import { registryContent } from './registry-content.ts';

/** Recognizes the file by its content. @throws AppError ERR_FILE_UNREADABLE if it can't be read or isn't known */
export async function readSettingsFile(file: string): Promise<FileContent> {
  try {
    const bytes = readBytes(file);
    return isSignedMessage(bytes) ? await parseSignedFile(file, bytes) : parseSettingsFile(file, bytes);
  } catch (cause) {
    if (!(cause instanceof UnparsableFile)) throw cause;
    throw new AppError('ERR_FILE_UNREADABLE', { detail: `${file} ${cause.message}`, cause });
  }
}

/** A file that isn't signed. @throws UnparsableFile */
export function parseSettingsFile(file: string, bytes: Buffer): FileContent {
  if (isBinaryPlist(bytes)) return plistContent(file, parsePlistDictionaries(bytes));
  const decoded = decodeText(bytes) ?? decodeAnsiRegistry(bytes);
  if (decoded === undefined) throw new UnparsableFile(NOT_TEXT);
  const { text } = decoded;
  if (text.trim() === '') throw new UnparsableFile('is empty');
  if (isRegistryText(text)) return registryContent(file, parseRegistryFile(text), decoded);
  if (isHeadlessRegistryText(text)) {
    throw new UnparsableFile('is a registry export without its first line, "Windows Registry Editor Version 5.00"');
  }
  if (text.trimStart().startsWith('<')) return xmlContent(file, text.trimStart());
  if (isJsonText(text)) return jsonContent(file, decoded);
  throw new UnparsableFile("isn't a property list, registry export, or JSON object");
}

/** A profile inside a CMS message. @throws UnparsableFile */
async function parseSignedFile(file: string, bytes: Buffer): Promise<FileContent> {
  const { signedContent } = await import('../../formats/signed-message.ts');
  const { documents, findings } = parseSettingsFile(file, signedContent(bytes));
  return { documents, findings: [finding('profile-signature-unchecked', file), ...findings] };
}

function xmlContent(file: string, text: string): FileContent {
  const completed = completeFragment(text);
  const content = plistContent(file, parsePlistDictionaries(completed ?? text));
  if (completed === undefined) return content;
  return { ...content, findings: [finding('plist-fragment', file), ...content.findings] };
}

/** Registry Editor's older form is in the computer's ANSI code page: nearly everywhere one of the Windows-125x. */
function decodeAnsiRegistry(bytes: Buffer): DecodedText | undefined {
  const text = new TextDecoder('windows-1252').decode(bytes);
  return isRegistryText(text) ? { text, encoding: 'UTF-8', hasByteOrderMark: false } : undefined;
}

function readBytes(file: string): Buffer {
  const reading = readFileBytes(file, { followLinks: true });
  switch (reading.state) {
    case 'bytes':
      return reading.bytes;
    case 'absent':
      throw new UnparsableFile("doesn't exist");
    case 'unreadable':
      throw new UnparsableFile(reading.reason, { cause: reading.cause });
  }
}
