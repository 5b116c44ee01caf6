// Where the agent listens: a Unix socket in a private folder, or on Windows a named pipe with its own key.
import { AppError } from '../core/errors.ts';
import { privacyFault } from '../platform/privacy-fault.ts';
import { readPrivateFile, refuse } from '../platform/private-file.ts';
import { type AgentAddress, type PipeAddress, parseDescriptor, type Target, type UnixAddress } from './address.ts';

/**
 * Checks that the address is this user's; `undefined` when no agent has made one.
 * @throws AppError ERR_AGENT_UNTRUSTED if the folder, one above it, or the socket belongs to, or may be written by,
 * someone else
 */
export function locateAgent(address: AgentAddress): Target | undefined {
  return address.kind === 'unix' ? locateSocket(address) : locatePipe(address);
}

function locateSocket({ folder, path }: UnixAddress): Target | undefined {
  for (const [place, kind] of [
    [folder, 'folder'],
    [path, 'socket'],
  ] as const) {
    const fault = privacyFault(place, kind);
    if (fault?.is === 'absent') return undefined;
    refuse(fault);
  }
  return { path };
}

function locatePipe(address: PipeAddress): Target | undefined {
  const bytes = readPrivateFile(address.descriptor, 'ERR_AGENT_UNREACHABLE');
  if (bytes === undefined) return undefined;
  const target = parseDescriptor(bytes.toString('utf8'));
  if (target === undefined)
    throw new AppError('ERR_AGENT_UNREACHABLE', { detail: `its address file ${address.descriptor} is damaged` });
  return target;
}

export function encodeDescriptor(target: Required<Target>): string {
  return `${JSON.stringify({ v: 1, pipe: target.path, key: target.key.toString('base64') })}\n`;
}
