import { type Fragment, isProse, unescaped } from './fragment.ts';

/** The comments of a shell or PowerShell script, and its strings that have words. */
export function scriptProse(text: string): Fragment[] {
  return text.split('\n').flatMap((content, index): Fragment[] => {
    const line = index + 1;
    const comment = /^\s*#(?!!)\s?(.*)$/.exec(content)?.[1];
    if (comment !== undefined) return [{ audience: 'comments', line, lines: [comment] }];
    const messages = [...content.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)];
    return messages
      .map(([, double, single]) => unescaped(double ?? single ?? ''))
      .filter(isProse)
      .map((message) => ({ audience: 'messages', line, lines: [message] }));
  });
}
