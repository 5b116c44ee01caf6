import { askInTime } from '../resource-client.ts';
import { print } from '../terminal.ts';

export interface HeadersOptions {
  readonly resource?: string;
}

/**
 * Prints one line of JSON, an object of HTTP headers, as Claude Desktop and Claude Code take it from a `headersHelper`.
 * Never prompts. @throws AppError as `askInTime`; nothing is printed then
 */
export async function headers({ resource }: HeadersOptions): Promise<void> {
  const { token } = await askInTime('headers', resource);
  print(JSON.stringify({ Authorization: `Bearer ${token}` }));
}
