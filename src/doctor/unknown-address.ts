import { calledAddress, callsInVain } from './called-address.ts';
import { notJudged, type Outcome, skippedBecauseOf } from './check.ts';
import type { DoctorContext } from './context.ts';

/** Why there's no server for messages to test. */
export function unknownAddress(context: DoctorContext): Outcome {
  const address = calledAddress(context);
  if (address !== undefined) {
    return notJudged(`Claude Desktop calls ${address.host}, a program on this computer, which isn't tested`);
  }
  if (callsInVain(context.desktop())) {
    return skippedBecauseOf('desktop-profile', "the address in Claude Desktop's profile is wrong; correct it first");
  }
  const { cloud } = context.configuration();
  if (cloud === 'public') return skippedBecauseOf('configuration', 'neither "foundryResource" nor "baseUrl" is set');
  return notJudged(`"baseUrl" isn't set, and Claude in Foundry isn't known to exist in the cloud "${cloud}"`);
}
