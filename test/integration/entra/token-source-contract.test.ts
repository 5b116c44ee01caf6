import { afterAll } from 'vitest';
import { openLinuxSubject, openWindowsSubject } from './broker-subject.ts';
import { openBrowserSubject, openDeviceCodeSubject } from './entra-subject.ts';
import { printOutcomes, tokenSourceContract } from './token-source-contract.ts';

tokenSourceContract('a device code', 'refresh-token', openDeviceCodeSubject);
tokenSourceContract('the browser', 'refresh-token', openBrowserSubject);
if (process.platform === 'linux') tokenSourceContract("Linux's broker", 'broker', openLinuxSubject);
tokenSourceContract("Windows' broker", 'broker', openWindowsSubject);

afterAll(printOutcomes);
