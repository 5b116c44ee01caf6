// What Entra's pages for users share.
import { htmlReply, type Reply } from './https-listener.ts';

/** `title` and `body` are markup. */
export function htmlPage(title: string, body: string, status = 200): Reply {
  return htmlReply(
    status,
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:1rem system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}input{font:inherit;width:100%;margin:.5rem 0 1rem}button{font:inherit}</style>
</head><body><main><h1>${title}</h1>
${body}
</main></body></html>
`,
  );
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
