// docs/reference/sign-in-page.md: every page of the sign-in with its picture, and the accessibility report.
import type { Language } from '../../src/sign-in-page/languages/languages.ts';
import { type Exhibit, GROUPS, gallery } from '../../test/integration/sign-in-page/gallery.ts';
import { otherLanguages, otherLooks, type Picture, picturesIn, picturesOf } from './looks.ts';
import type { Report } from './report.ts';

const INTRODUCTIONS: Readonly<Record<keyof typeof GROUPS, string>> = {
  methods: `The setting \`signInMethod\` chooses one of them ([configuration.md](configuration.md)). In the browser, the button leads
to Microsoft's page and back. With a code, the button copies the code and opens Microsoft's page in another tab, where the
user pastes it.`,
  start: '',
  during: "The page updates automatically. You don't have to reload it.",
  done: '',
  again: 'Nothing is lost in these cases. The button starts a new sign-in. If you canceled, start again from Claude.',
  fix: `Each page says what happened and what to do, and has a button to try again. The details for the IT department are
collapsed.`,
  help: "Trying again doesn't help here. The user can copy the details and send them to the IT department.",
  gone: `The page asks its program for the state, and accepts an answer only if it proves that it's from the same program
([threat-model.md](../explanation/threat-model.md)).`,
};

/** Everything above the report: it doesn't change from run to run. */
export function picturesText(): string {
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) =>
    [`## ${GROUPS[group]}`, INTRODUCTIONS[group], table(gallery.filter((exhibit) => exhibit.group === group))]
      .filter((text) => text !== '')
      .join('\n\n'),
  );
  return `# The sign-in page

The user's browser shows this page while the user signs in. The agent serves it on 127.0.0.1. It never asks for a
password: that happens on Microsoft's own page. The organization's name and logo come from \`organizationName\` and
\`organizationLogo\` ([configuration.md](configuration.md)).

\`npm run pictures\` makes this page and its pictures.

${groups.join('\n\n')}

## Languages

The page has ${otherLanguages.length + 1} languages and shows the one that the browser asks for, or English if it has none of the browser's
languages. Everything is translated except the details for the IT department: they're in English, like the logs and the
[list of errors](errors.md).

${languages()}

## Small windows, high contrast, and paper

${tableOf(otherLooks)}

`;
}

export function docsPage(report: Report): string {
  return `${picturesText()}## Accessibility report

axe-core ${report.axeVersion} checked every page in Chromium ${report.chromiumVersion} against WCAG 2.0 to 2.2, levels A and AA, and its own best
practices: in English, German, Japanese, and Arabic, in dark, and with forced colors. Each row has the worst result of all
these.

${reportTable(report)}

The tests repeat this with a sample of the pages, and with all of them in their long form (\`LONG=1\`). They also check what
axe-core can't:

- the order in which Tab reaches the controls, and that the focus is visible
- landmarks, headings, and the live region
- that every control is at least 44 pixels high
- that nothing is cut off or overlaps in any language, in a window of 320 pixels and at 200% zoom
- that nothing moves if the system asks for less motion
- that languages that are read from right to left are mirrored
- that the page works without scripts, and prints in light colors

If axe-core can't decide about a contrast, \`test/unit/sign-in-page/page/style.test.ts\` computes it for every pair of
colors.

No one has tried the page with a screen reader yet. The tests compare what a browser tells a screen reader, but no one
has listened to it.
`;
}

function table(exhibits: readonly Exhibit[]): string {
  return tableOf(
    exhibits.flatMap((exhibit) =>
      picturesOf(exhibit).map((picture) => {
        const isDark = picture.look.theme === 'dark';
        return [isDark ? `${exhibit.caption} (dark)` : exhibit.caption, picture] as const;
      }),
    ),
  );
}

/** Two pictures in a row, each below its caption, which is also its text for those who don't see it. */
function tableOf(cells: readonly (readonly [string, Picture])[]): string {
  const rows: string[] = [];
  for (let index = 0; index < cells.length; index += 2) {
    const pair = cells.slice(index, index + 2);
    const captions = pair.map(([caption]) => caption);
    const images = pair.map(([caption, picture]) => image(caption, picture));
    rows.push(row(captions, 2), ...(index === 0 ? ['|---|---|'] : []), row(images, 2));
  }
  return rows.join('\n');
}

function row(cells: readonly (string | number)[], columns = cells.length): string {
  return `| ${Array.from({ length: columns }, (_, index) => cells[index] ?? '').join(' | ')} |`;
}

function image(text: string, picture: Picture): string {
  return `![${text}](../images/${picture.file})`;
}

function languages(): string {
  const rows = otherLanguages.map((language) => {
    const name = nameOf(language);
    const images = picturesIn(language).map((picture, index) =>
      image(`${name}, ${index === 0 ? 'in the browser' : 'with a code'}`, picture),
    );
    return row([name, ...images]);
  });
  return ['| Language | In the browser | With a code |', '|---|---|---|', ...rows].join('\n');
}

function nameOf(language: Language): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
}

function reportTable({ rows }: Report): string {
  const lines = rows.map(({ exhibit, passes, violations, undecided }) =>
    row([exhibit.caption, passes, violations, undecided]),
  );
  return ['| Page | Rules passed | Violations | Undecided |', '|---|---|---|---|', ...lines].join('\n');
}
