// What Claude Desktop runs: prints one token, or nothing. Here is the case of nearly every run, an agent that has a
// token, written flat and by callbacks, in as few functions as it takes: V8 compiles each when it is first called, and
// that is most of what a helper adds to Node's own start. All else is in unusual-run.ts, which is loaded then.

import { writeSync } from 'node:fs';
import { parseHelperContext } from '../core/helper-context.ts';
import { version } from '../core/version.ts';
import { agentAddress, trustedTarget } from '../ipc/address.ts';
import { encodeFrame } from '../ipc/frame.ts';
import { loadPipeBinding, type PipeBinding } from '../ipc/pipe-binding.ts';
import { PROTOCOL_VERSION } from '../ipc/protocol.ts';
import { callerSession } from '../platform/caller-session.ts';
import { loadPart } from '../platform/parts.ts';
import { runtimeFolder } from '../platform/paths.ts';
import { parentsFault } from '../platform/privacy-fault.ts';
import { type Caller, outputIn, requestOf, timeLeftMs } from './caller.ts';
import { claudeCodeSession } from './claude-code-session.ts';
import type { Beginning } from './recover.ts';

const NEWLINE = 0x0a;
const STDOUT = 1;

/**
 * One run of Claude Desktop's `inferenceCredentialHelper` contract: the token and nothing else on stdout and exit 0, or
 * an empty stdout, the reason on stderr and a non-zero exit. For Claude Code's `apiKeyHelper` the same with the bare
 * token, and never a prompt. Ends the process.
 */
export function runHelper(isForClaudeCode: boolean): void {
  const caller: Caller = isForClaudeCode
    ? { context: 'background', claudeCode: claudeCodeSession(process.env, process.ppid) }
    : { context: parseHelperContext(process.env['CLAUDE_HELPER_CONTEXT']) };
  try {
    const target = trustedTarget(agentAddress({ runtime: runtimeFolder() }));
    const binding = loadPipeBinding();
    if (isRootElsewhere() || target === undefined || target.key !== undefined || binding === undefined)
      goOn(caller, { state: 'nothing sent' });
    else ask(binding, target.path, caller);
  } catch (cause) {
    goOn(caller, { state: 'failed', cause });
  }
}

/** Another user's home is recover.ts's to refuse. */
function isRootElsewhere(): boolean {
  return process.getuid?.() === 0 && parentsFault(`${process.env['HOME']}/`) !== undefined;
}

function ask(binding: PipeBinding, path: string, caller: Caller): void {
  const handle = new binding.Pipe(binding.clientType);
  const connecting = new binding.PipeConnectWrap();
  let timer: NodeJS.Timeout | undefined;

  handle.onread = (chunk) => {
    const size = binding.streamState[binding.readBytesIndex] ?? -1;
    if (size === 0) return;
    const bytes = size < 0 || chunk === undefined ? undefined : Buffer.from(chunk, 0, size);
    try {
      const line = bytes === undefined ? undefined : lineIn(bytes);
      if (line === undefined) {
        clearTimeout(timer);
        handle.readStop();
        goOn(caller, { state: 'sent', handle, received: bytes });
      } else print(caller, Buffer.from(`${line}\n`));
    } catch (cause) {
      goOn(caller, { state: 'failed', cause });
    }
  };
  connecting.oncomplete = (status) => {
    if (status !== 0) {
      goOn(caller, { state: 'nothing sent' });
      return;
    }
    handle.readStart();
    const sending = new binding.WriteWrap();
    const request = requestOf(caller);
    handle.writeUtf8String(
      sending,
      encodeFrame({ protocol: PROTOCOL_VERSION, version, session: callerSession(), pid: process.pid, request }),
    );
    // The agent is at work: what only costs time comes now, not before.
    timer = setTimeout(() => {
      handle.close();
      goOn(caller, { state: 'out of time' });
    }, timeLeftMs(caller));
  };
  const failed = handle.connect(connecting, path);
  if (failed !== 0) goOn(caller, { state: 'nothing sent' });
}

/** Ends the process if stdout takes everything in one piece. */
function print(caller: Caller, output: Buffer): void {
  let written = 0;
  try {
    written = writeSync(STDOUT, output);
  } catch {
    // recover.ts tries again, waits if that helps, and says what's wrong.
  }
  if (written === output.length) process.exit(0);
  goOn(caller, { state: 'answered', rest: output.subarray(written) });
}

/** The line to print, if `answer` is the whole answer of an agent that has one. */
function lineIn(answer: Buffer): string | undefined {
  if (answer[answer.length - 1] !== NEWLINE) return undefined;
  try {
    const { protocol, result } = JSON.parse(answer.toString('utf8')) as Record<string, unknown>;
    return protocol === PROTOCOL_VERSION ? outputIn(result) : undefined;
  } catch {
    return undefined;
  }
}

function goOn(caller: Caller, beginning: Beginning): void {
  void loadPart('helper.js', () => import('./unusual-run.ts')).then(async ({ recover }) =>
    process.exit(await recover(caller, beginning)),
  );
}
