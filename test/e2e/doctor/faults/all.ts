import { configurationFaults } from './configuration.ts';
import { desktopFaults } from './desktop.ts';
import { desktopLogFaults } from './desktop-log.ts';
import { entraFaults } from './entra.ts';
import { foundryFaults } from './foundry.ts';
import { localFaults } from './local.ts';
import { networkFaults } from './network.ts';
import type { SeededFault } from './row.ts';
import { vantageFaults } from './vantage.ts';

export const seededFaults: readonly SeededFault[] = [
  ...configurationFaults,
  ...localFaults,
  ...networkFaults,
  ...entraFaults,
  ...foundryFaults,
  ...desktopFaults,
  ...vantageFaults,
  ...desktopLogFaults,
];
