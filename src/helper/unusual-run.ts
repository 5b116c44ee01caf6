// The entry point of the binary's `helper.js`: what a helper needs only if it can't print a token right away.
export { runAtTerminal } from './at-terminal.ts';
export { recover } from './recover.ts';
