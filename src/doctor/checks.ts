// All checks, in the order that people read them in.
import type { Check } from './check.ts';
import { agentCheck } from './checks/agent.ts';
import { autostartCheck } from './checks/autostart.ts';
import { configurationCheck } from './checks/configuration.ts';
import { desktopHelperCheck, desktopProfileCheck } from './checks/desktop.ts';
import { applicationCheck, tenantCheck } from './checks/entra.ts';
import { deploymentChecks, endpointCheck, roleCheck } from './checks/foundry.ts';
import { keystoreCheck } from './checks/keystore.ts';
import { lifetimeCheck } from './checks/lifetime.ts';
import { clockCheck, dnsCheck, proxyCheck, tlsCheck } from './checks/network.ts';
import { signInCheck } from './checks/sign-in.ts';
import { tokenCheck } from './checks/token.ts';
import type { DoctorContext } from './context.ts';

export function allChecks(context: DoctorContext): readonly Check<DoctorContext>[] {
  return [
    configurationCheck,
    keystoreCheck,
    agentCheck,
    autostartCheck,
    dnsCheck,
    proxyCheck,
    tlsCheck,
    clockCheck,
    tenantCheck,
    applicationCheck,
    signInCheck,
    tokenCheck,
    endpointCheck,
    roleCheck,
    ...deploymentChecks(context),
    desktopProfileCheck,
    desktopHelperCheck,
    lifetimeCheck,
  ];
}
