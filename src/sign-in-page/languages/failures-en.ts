import type { Messages } from './messages.ts';

const ASK_IT = 'Your IT department can fix this. Send them the text below.';
const ORGANIZATION = 'Your organization has to allow this';

export const failuresEn: Messages['failures'] = {
  unexpected: {
    title: 'Something went wrong',
    text: 'An unexpected error stopped the sign-in.',
    advice: 'Try again. If it happens again, send the details below to your IT department.',
  },
  setup: {
    title: 'Claude isn’t set up correctly',
    text: 'The sign-in on this computer or in your organization has a wrong or missing setting.',
    advice: ASK_IT,
  },
  rules: { title: ORGANIZATION, text: 'Your organization’s rules don’t allow this sign-in.', advice: ASK_IT },
  protection: {
    title: ORGANIZATION,
    text: 'Your organization requires a kind of protection that Claude’s sign-in doesn’t support.',
    advice: ASK_IT,
  },
  'no-codes': { title: ORGANIZATION, text: 'Your organization doesn’t allow sign-in with a code.', advice: ASK_IT },
  approval: { title: ORGANIZATION, text: 'Nobody in your organization has approved this sign-in yet.', advice: ASK_IT },
  access: { title: ORGANIZATION, text: 'Your account doesn’t have access to Claude.', advice: ASK_IT },
  'other-network': {
    title: 'This network doesn’t allow the sign-in',
    text: 'The network you’re on lets people sign in to other organizations only.',
    advice: 'Switch to your organization’s network, then try again.',
  },
  'other-organization': {
    title: 'This account is from a different organization',
    text: 'Claude on this computer is set up for another organization.',
    advice: 'Try again with your work account for that organization.',
  },
  'account-off': {
    title: 'This account can’t sign in',
    text: 'The account is turned off, or your organization doesn’t know it.',
    advice:
      'Try again with the right work account. If this is the right one, send the details below to your IT department.',
  },
  'account-locked': {
    title: 'This account can’t sign in right now',
    text: 'Microsoft has locked the account for a while, or doesn’t accept sign-ins from where you are.',
    advice: 'Wait a few minutes, then try again. If it happens again, send the details below to your IT department.',
  },
  'account-changed': {
    title: 'This user name belongs to a different account now',
    text: 'Someone else signed in on this computer with the same user name before.',
    advice: 'Your IT department has to confirm that the name is yours now. Send them the text below.',
  },
  again: {
    title: 'Sign in once more',
    text: 'Microsoft didn’t accept the sign-in.',
    advice: 'Try again. If it happens again, send the details below to your IT department.',
  },
  offline: {
    title: 'Microsoft can’t be reached',
    text: 'The connection to Microsoft’s sign-in failed.',
    advice:
      'Check that this computer is online and, if your organization uses a VPN, that it’s connected. Then try again.',
  },
  busy: {
    title: 'Microsoft’s sign-in is busy',
    text: 'Microsoft is handling too many sign-ins right now.',
    advice: 'Wait a minute, then try again.',
  },
  'network-sign-in': {
    title: 'This network may want you to sign in first',
    text: 'Something on the network answered instead of Microsoft, such as the start page of a guest Wi-Fi.',
    advice: 'Open any website in your browser and sign in to the network if it asks. Then try again.',
  },
  'network-blocks': {
    title: 'The network blocks Microsoft’s sign-in',
    text: 'The network you’re on refused the connection to Microsoft.',
    advice:
      'Try again on another network. If this is your organization’s network, send the details below to your IT department.',
  },
  'network-password': {
    title: 'The network wants its own password',
    text: 'Your organization’s network didn’t let this computer through to Microsoft.',
    advice: 'Send the details below to your IT department, or try again on another network.',
  },
  insecure: {
    title: 'The connection isn’t secure',
    text: 'This computer doesn’t trust the connection to Microsoft, so nothing was sent.',
    advice:
      'On a guest Wi-Fi, sign in to the network first. Check this computer’s date and time. Then try again. If it happens again, send the details below to your IT department.',
  },
  'mixed-up': {
    title: 'The answer was for someone else',
    text: 'Microsoft’s answer was for a different organization or person, so it wasn’t used.',
    advice: 'Try again. If it happens again, send the details below to your IT department.',
  },
};
