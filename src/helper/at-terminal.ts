// The helper run by a person: a token must not land in a scrollback by accident.
import { recover } from './recover.ts';
import { STDERR, STDOUT, writeAll } from './write-all.ts';

const USAGE = `foundry-credential-helper prints a Microsoft Foundry token for Claude Desktop, which runs it without arguments.
To sign in:        foundry-credential-helper login
To print a token:  foundry-credential-helper token
All commands:      foundry-credential-helper --help
`;

/** Prints a usage and ends with 2 at a terminal; at another device, such as /dev/null, the ordinary helper. */
export async function runAtTerminal(): Promise<void> {
  // Not at the top: it loads node:net and streams, and recover.ts shares this file's part.
  const { isatty } = await import('node:tty');
  if (!isatty(STDOUT)) process.exit(await recover({ context: 'background' }, { state: 'nothing sent' }));
  writeAll(STDERR, USAGE);
  process.exit(2);
}
