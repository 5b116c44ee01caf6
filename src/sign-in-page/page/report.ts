// The details for the IT department, in English in every language: support, the error reference, and the logs are.
import { errorCatalog } from '../../core/errors.ts';
import type { PageError } from '../page-state.ts';

/** Plain lines, because they're pasted into a ticket or a chat. */
export function reportText({ code, detail, correlationId }: PageError): string {
  const { message, hint } = errorCatalog[code];
  return [
    'Sign-in for Claude Desktop failed',
    `Error: ${code}`,
    `Problem: ${sentence(detail === undefined ? message : `${message}: ${detail}`)}`,
    `Remedy: ${sentence(hint)}`,
    ...(correlationId === undefined ? [] : [`Correlation ID: ${correlationId}`]),
  ].join('\n');
}

/** Makes a sentence of an error's text, which is in stderr style: lowercase, no period. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?\u2026:]$/.test(start) ? start : `${start}.`;
}
