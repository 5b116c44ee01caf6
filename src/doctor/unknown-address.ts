import { calledAddress, callsInVain } from './called-address.ts';
import type { Outcome } from './check.ts';
import type { DoctorContext } from './context.ts';

/** Why there's no server for messages to test. */
export function unknownAddress(context: DoctorContext): Outcome {
  const address = calledAddress(context);
  if (address !== undefined) {
    const detail = `Claude Desktop calls ${address.host}, a program on this computer, which isn't tested`;
    return { state: 'skip', detail };
  }
  if (callsInVain(context.desktop())) {
    return { state: 'skip', detail: "the address in Claude Desktop's profile is wrong; correct it first" };
  }
  const { cloud } = context.configuration();
  const detail =
    cloud === 'public'
      ? 'neither "foundryResource" nor "baseUrl" is set'
      : `"baseUrl" is not set, and Claude in Foundry is not known to exist in the cloud "${cloud}"`;
  return { state: 'skip', detail };
}
