import { errorCatalog } from '../../core/errors.ts';
import type { Messages } from './messages.ts';

export const en: Messages = {
  application: 'Claude Desktop',
  purpose: 'Sign-in for Claude Desktop',
  applicationPurpose: 'Sign-in with your work account',
  footer: 'This page comes from your own computer and never asks for your password.',
  opensInNewTab: 'opens in a new tab',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Selected: now press Ctrl+C (on a Mac ⌘C)',
  starting: {
    title: 'Preparing your sign-in',
    text: 'This takes a moment.',
  },
  waiting: {
    title: 'Sign in to use Claude',
    text: 'Claude needs your work account. It takes a minute.',
    announcement: 'Your sign-in code is ready.',
    copyCode: 'Copy this code',
    codeLabel: 'Code:',
    openPage: 'Paste it on Microsoft’s page',
    openPageHint: 'copies the code too',
    openButton: 'Open Microsoft’s page',
    opens: 'Opens',
    openByHand: 'If it does not open, type this address into any browser, on your phone too.',
    accountLabel: 'Account to use',
    comeBack: 'Come back here',
    comeBackHint: 'This page notices by itself when you have signed in.',
    live: 'Waiting for you',
    remaining: (minutes) => {
      if (minutes === 0) return 'less than a minute left';
      return minutes === 1 ? 'about 1 minute left' : `about ${minutes} minutes left`;
    },
    warningTitle: 'Did you just start Claude yourself?',
    warning: 'Go on only if you did. Never enter a code that someone sent you, whoever they say they are.',
    cancel: 'Cancel sign-in',
  },
  browser: {
    title: 'Sign in to use Claude',
    text: 'Claude needs your work account. You sign in on Microsoft’s own page, and are then brought back here.',
    button: 'Continue to Microsoft',
    hint: 'in this window',
    warning: 'Go on only if you did. If this page came up by itself, cancel and tell your IT department.',
  },
  finishing: {
    title: 'Finishing your sign-in',
    text: 'Microsoft has answered. This takes a moment.',
    goOn: 'Go on',
  },
  signedIn: {
    title: 'You are signed in',
    accountLabel: 'Account',
    text: 'You can close this window and go back to Claude.',
  },
  declined: {
    title: 'The sign-in was declined',
    text: 'It was refused on Microsoft’s page. If you did not mean to, get a new code and try again.',
    browserText: 'It was refused on Microsoft’s page. If you did not mean to, try again.',
  },
  expired: {
    title: 'This code has expired',
    text: 'Codes are valid for a short time only. Nothing is lost: get a new one and go on.',
    blockedHint: 'Did Microsoft’s page say that you may not sign in this way? Then your organization blocks codes.',
    browserTitle: 'This sign-in has expired',
    browserText: 'It was not finished in time. Nothing is lost: try again.',
  },
  newCode: 'Get a new code',
  otherAccount: {
    title: 'That was another account',
    text: 'Claude on this computer is set up for one account only. Nothing of the other one was kept.',
    signedInLabel: 'Signed in',
    expectedLabel: 'Expected',
    codeAdvice: 'Get a new code. On Microsoft’s page choose “Use another account” if it does not ask by itself.',
    browserAdvice: 'Try again: Microsoft’s page then lets you choose the account.',
  },
  previous: {
    ended: (date) => `Your last sign-in stopped working on ${date}:`,
    ends: {
      revoked: 'the password was changed, or someone revoked the sign-in',
      unused: 'it was unused for too long',
      'too-old': 'your organization requires a new sign-in from time to time',
      'codes-blocked': 'your organization doesn’t allow sign-in with a code',
    },
  },
  cancelled: {
    title: 'The sign-in was cancelled',
    text: 'You can close this window. To sign in later, go back to Claude and start again.',
  },
  blocked: {
    title: 'Your organization has to allow this',
    browserOffer: 'You may be able to sign in without a code, on Microsoft’s page in this browser.',
    useBrowser: 'Sign in without a code',
    otherAdvice: 'If that does not work, your IT department can help. Please send them the text below.',
    advice: 'Your IT department can solve this. Please send them the text below.',
    reportTitle: 'For your IT department',
    copyReport: 'Copy text for IT',
  },
  failed: {
    networkTitle: 'Microsoft cannot be reached',
    networkAdvice:
      'Check that this computer is online and, where your organization uses one, that the VPN is connected.',
    title: 'The sign-in did not work',
    tryAgain: 'Try again',
    reportTitle: 'Details for your IT department',
  },
  report: {
    title: 'Sign-in for Claude Desktop did not work',
    colon: ': ',
    code: 'Error',
    problem: 'Problem',
    remedy: 'Remedy',
    correlationId: 'Correlation ID',
  },
  lost: {
    title: 'The sign-in is no longer running',
    text: 'The sign-in program on this computer does not answer. Go back to Claude and start again.',
  },
  replaced: {
    title: 'Close this page',
    text: 'A different program on this computer answered in place of the sign-in. Don’t follow anything it shows. Close this page, go back to Claude, and start again.',
  },
  alreadyOpened: {
    title: 'This page was already opened',
    text: 'For your safety its address works only once. If you do not find it in another window, go back to Claude and start again.',
  },
  notHere: {
    title: 'This page is no longer valid',
    text: 'Go back to Claude and start the sign-in again.',
  },
  errors: errorCatalog,
};
