// What Claude Desktop runs: prints one token, or nothing. Only what the question to the agent needs is imported here.
import { writeSync } from 'node:fs';
import { describeFailure } from '../core/errors.ts';
import { parseHelperContext } from '../ipc/protocol.ts';
import { requestOutput } from './request-output.ts';

const STDOUT = 1;
const STDERR = 2;

/**
 * One run of Claude Desktop's `inferenceCredentialHelper` contract: the token and nothing else on stdout and exit 0, or
 * an empty stdout, the reason on stderr and a non-zero exit. Ends the process.
 */
export async function runHelper(): Promise<void> {
  process.exit(await outcome());
}

async function outcome(): Promise<number> {
  try {
    const output = await requestOutput(parseHelperContext(process.env['CLAUDE_HELPER_CONTEXT']));
    writeAll(STDOUT, `${output}\n`);
    return 0;
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    writeAll(STDERR, text);
    return exit;
  }
}

/** `process.stdout` would load streams, and may lose output that is still queued when the process exits. */
function writeAll(descriptor: number, text: string): void {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (thrown) {
      // A pipe set to non-blocking whose reader is slow.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown;
    }
  }
}
