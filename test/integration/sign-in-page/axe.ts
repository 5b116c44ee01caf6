// axe-core in the page that is open: https://github.com/dequelabs/axe-core

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const source = readFileSync(axePath, 'utf8');

export interface AxeResult {
  /** `<rule>: <what's wrong> (<the element>)` */
  readonly violations: readonly string[];
  /** What axe couldn't decide. */
  readonly incomplete: readonly string[];
  readonly passes: number;
  readonly version: string;
}

/** WCAG 2.0, 2.1, and 2.2, levels A and AA, and axe's best practices. */
export async function runAxe(page: Page): Promise<AxeResult> {
  // The page's Content-Security-Policy doesn't bind the debugger.
  await page.evaluate(source);
  return page.evaluate(async () => {
    interface Rule {
      readonly id: string;
      readonly help: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    interface Axe {
      readonly version: string;
      run(options: object): Promise<{ violations: Rule[]; incomplete: Rule[]; passes: Rule[] }>;
    }
    const { axe } = globalThis as unknown as { axe: Axe };
    // Forced colors are the user's own, and so is their contrast.
    const rules = { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, incomplete, passes } = await axe.run({ runOnly: { type: 'tag', values: tags }, rules });
    const said = (rules: Rule[]) =>
      rules.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help} (${html.slice(0, 160)})`));
    return { violations: said(violations), incomplete: said(incomplete), passes: passes.length, version: axe.version };
  });
}
