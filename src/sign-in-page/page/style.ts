// Contrast is at least 4.5:1 for text and 3:1 for other things that must be seen;
// test/unit/sign-in-page/page/style.test.ts computes it.

/** Colors of both schemes, by custom property. */
export const palette = {
  light: {
    page: '#f3f2ef',
    card: '#ffffff',
    inset: '#f7f6f3',
    line: '#dedcd6',
    control: '#807d76',
    text: '#1d1c1a',
    muted: '#5c5a55',
    accent: '#1d5fa8',
    'accent-strong': '#174d89',
    'on-accent': '#ffffff',
    tint: '#e8f0f9',
    good: '#1c6b3c',
    'good-tint': '#e5f3ea',
    attention: '#8a4b08',
    'attention-tint': '#fbf1e2',
  },
  dark: {
    page: '#191918',
    card: '#242423',
    inset: '#2c2c2a',
    line: '#3f3e3b',
    control: '#8f8d86',
    text: '#f1f0ec',
    muted: '#b5b3ac',
    accent: '#8dbcf0',
    'accent-strong': '#abcef5',
    'on-accent': '#0c2440',
    tint: '#23303e',
    good: '#7fd39f',
    'good-tint': '#20342a',
    attention: '#f0b96c',
    'attention-tint': '#382d1c',
  },
} as const;

const declarations = (colors: Readonly<Record<string, string>>): string =>
  Object.entries(colors)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');

/** Fonts for what the system's own font may lack, by the language of the document. */
const scriptFonts: Readonly<Record<string, string>> = {
  ja: 'Hiragino Sans, Yu Gothic UI, Meiryo, Noto Sans CJK JP, Noto Sans JP',
  ko: 'Apple SD Gothic Neo, Malgun Gothic, Noto Sans CJK KR, Noto Sans KR',
  'zh-Hans': 'PingFang SC, Microsoft YaHei UI, Noto Sans CJK SC, Noto Sans SC',
  'zh-Hant': 'PingFang TC, Microsoft JhengHei UI, Noto Sans CJK TC, Noto Sans TC',
  ar: 'SF Arabic, Geeza Pro, Noto Sans Arabic, Noto Kufi Arabic',
};

const fontRules = Object.entries(scriptFonts)
  .map(([language, fonts]) => `:root:lang(${language}) { --script-fonts: ${fonts}; }`)
  .join('\n');

/**
 * Document, card, and headings, for a page without controls. Goes inline, so it must not contain quotes, `<`, `>`, or
 * `&`. Borders that only forced colors show are transparent.
 */
export const noticeStyle = `
:root { color-scheme: light dark; ${declarations(palette.light)} }
@media screen and (prefers-color-scheme: dark) { :root { ${declarations(palette.dark)} } }
@media print { :root { color-scheme: light; } }
${fontRules}
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, Segoe UI Variable Text, Segoe UI, Roboto, Noto Sans, Helvetica Neue, Arial, var(--script-fonts, sans-serif), sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; padding: 1.5rem 1rem; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1rem; background: var(--page); color: var(--text); overflow-wrap: anywhere; }
:lang(ja) { line-break: strict; word-break: normal; word-break: auto-phrase; }
:lang(zh) { line-break: strict; }
:lang(ko) { word-break: keep-all; }
:lang(ar) { line-height: 1.65; }
.card { width: 100%; max-width: 32rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; box-shadow: 0 1px 2px rgb(0 0 0 / 0.04), 0 12px 32px rgb(0 0 0 / 0.07); }
main { padding: 1.5rem 2rem 1.75rem; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
h1:focus { outline: none; }
h1:not(:lang(ar)):not(:lang(ja)):not(:lang(ko)):not(:lang(zh)) { letter-spacing: -0.01em; }
h1:lang(ar) { line-height: 1.45; }
p { margin: 0.75rem 0 0; text-wrap: pretty; }
.lead { margin-top: 0.5rem; color: var(--muted); }
.icon { flex: none; display: block; width: 1.25em; height: 1.25em; }
.hero { display: grid; place-items: center; flex: none; width: 3.25rem; height: 3.25rem; margin-bottom: 1.125rem; border: 1px solid transparent; border-radius: 50%; font-size: 1.375rem; color: var(--accent); background: var(--tint); }
.hero.good { color: var(--good); background: var(--good-tint); }
.hero.attention { color: var(--attention); background: var(--attention-tint); }
.hero.quiet { color: var(--muted); background: var(--inset); }
@media (max-width: 30rem) { body { padding: 0.75rem; justify-content: flex-start; } main { padding: 1.25rem 1.25rem 1.5rem; } h1 { font-size: 1.375rem; } }
@media (max-height: 44rem) {
  body { padding-block: 0.75rem; justify-content: flex-start; }
  main { padding-block: 1rem 1.25rem; }
  h1 { font-size: 1.375rem; }
  .headline { display: flex; align-items: center; gap: 0.75rem; }
  .hero { width: 2.25rem; height: 2.25rem; margin: 0; font-size: 1.125rem; }
}
@media (max-height: 32rem) { .card { max-width: 42rem; } h1 { font-size: 1.25rem; } p { margin-top: 0.5rem; } .lead { margin-top: 0.375rem; } main { padding-top: 0.75rem; } }
`;

/** The stylesheet of the sign-in page. */
export const style = `${noticeStyle}
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; user-select: none; -webkit-user-select: none; }
.without-script { display: none; }
@media (scripting: none) { .needs-script { display: none !important; } .without-script { display: revert; } }

.asker { display: flex; align-items: center; gap: 0.875rem; padding: 0.875rem 2rem; border-bottom: 1px solid var(--line); }
.asker p { margin: 0; line-height: 1.35; }
.asker .logo { flex: none; max-width: 7.5rem; height: 2.5rem; padding: 0.25rem; object-fit: contain; background: #fff; border-radius: 0.5rem; }
.asker .badge { display: grid; place-items: center; flex: none; width: 2.5rem; height: 2.5rem; border: 1px solid transparent; border-radius: 0.75rem; color: var(--on-accent); background: var(--accent); font-size: 1.25rem; }
.organization { font-weight: 600; }
.purpose { font-size: 0.875rem; color: var(--muted); }

.hint { margin-top: 0.375rem; font-size: 0.875rem; color: var(--muted); }
.address { color: var(--text); }
form + .hint { margin-top: 1.25rem; }

.button { display: inline-flex; align-items: center; justify-content: center; gap: 0.5rem; min-height: 2.75rem; padding: 0.5rem 1.125rem; border: 1px solid var(--control); border-radius: 0.625rem; font: inherit; font-weight: 600; line-height: 1.25; text-align: center; text-decoration: none; color: var(--text); background: var(--card); cursor: pointer; transition: background-color 120ms, border-color 120ms; }
.button:hover { background: var(--inset); }
.button.primary { width: 100%; padding-inline: 1.375rem; color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
.button.second { width: 100%; margin-top: 0.625rem; }
.button.plain { padding-inline: 0.75rem; border-color: transparent; color: var(--muted); background: none; }
.button.plain:hover { color: var(--text); background: var(--inset); }
.button[aria-disabled="true"] { opacity: 0.6; cursor: default; }
.button.copy { padding-inline: 0.875rem; }
.button.copy .when-copied, .button.copy.copied .when-idle { display: none; }
.button.copy.copied .when-copied { display: block; color: var(--good); }
form .button.primary { margin-top: 1.25rem; }
[dir="rtl"] #open .icon { transform: scaleX(-1); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.go { margin-top: 1rem; }
.go .button { width: 100%; min-height: 3rem; }
.go .hint { margin-top: 0.5rem; }

.code-box { margin-top: 1.25rem; padding: 0.875rem 1rem 0.875rem 1.125rem; background: var(--inset); border: 1px solid var(--line); border-radius: 0.75rem; }
.code-line { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
.code { margin: 0; line-height: 1.2; }
.code-label { display: block; margin-bottom: 0.25rem; font-size: 0.875rem; color: var(--muted); }
.user-code { display: inline-block; font: 600 clamp(1.375rem, 1.1rem + 2vw, 1.75rem)/1.2 ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; font-variant-numeric: slashed-zero; letter-spacing: 0.04em; word-break: normal; user-select: all; -webkit-user-select: all; }
.user-code span { display: inline-block; }
.user-code span + span { margin-inline-start: 0.4em; }
.code-note { margin: 0 0 0.75rem; font-weight: 600; }
.code-box[data-noted] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.code-box[data-noted="copied"] .code-note { color: var(--good); }
.code-box[data-noted="not-copied"] .code-note { color: var(--attention); }
.code-box[data-noted] .user-code { color: var(--accent); }

.account { padding: 0.625rem 0.875rem; font-size: 0.9375rem; background: var(--inset); border: 1px solid transparent; border-radius: 0.625rem; }
.accounts { display: grid; gap: 0.5rem; margin-top: 0.75rem; }
.accounts .account { margin: 0; }
.account bdi { font-weight: 600; }
.account-label { color: var(--muted); }
.account-label::after { content: ":"; }
.account-label:lang(fr)::after { content: "\\a0:"; }
.account-label:lang(ja)::after, .account-label:lang(zh)::after { content: "\\ff1a"; }

.live { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.5rem; margin-top: 1rem; font-size: 0.9375rem; }
.live .remaining { color: var(--muted); }
.live .remaining::before { content: "\\b7"; margin-inline-end: 0.5rem; }
.live.when-offline { flex-wrap: nowrap; align-items: flex-start; color: var(--attention); font-weight: 600; }
.live.when-offline .icon { margin-block-start: 0.125rem; }
[data-offline] .when-online, :not([data-offline]) > [data-live] .when-offline { display: none; }
.dot { flex: none; width: 0.625rem; height: 0.625rem; border-radius: 50%; background: var(--accent); animation: breathe 2.4s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: 0.3; } }
.progress { direction: ltr; height: 0.25rem; margin-top: 1.5rem; border-radius: 1rem; overflow: hidden; background: var(--tint); }
.hint + .progress { margin-top: 0.75rem; }
.progress::after { content: ""; display: block; width: 35%; height: 100%; border-radius: inherit; background: var(--accent); animation: slide 1.6s ease-in-out infinite alternate; }
@keyframes slide { from { transform: translateX(-30%); } to { transform: translateX(215%); } }

.warning { display: flex; gap: 0.75rem; margin-top: 1rem; padding: 0.75rem 1rem; font-size: 0.875rem; color: var(--text); background: var(--attention-tint); border: 1px solid transparent; border-radius: 0.75rem; }
.warning .icon { color: var(--attention); font-size: 1.125rem; }
.warning p { margin: 0; }
.warning-title { font-weight: 600; }
.cancel { margin: 0.75rem 0 -0.75rem; text-align: center; }

.details { margin-top: 1.25rem; border: 1px solid var(--line); border-radius: 0.75rem; }
.details summary { min-height: 2.75rem; padding-block: 0.625rem; padding-inline: 1rem; list-style-position: inside; font-size: 0.9375rem; color: var(--muted); cursor: pointer; border-radius: 0.75rem; }
.details summary:hover { color: var(--text); background: var(--inset); }
.details-box { padding: 0.25rem 1rem 1rem; }
.details pre { margin: 0 0 0.875rem; font: inherit; font-size: 0.875rem; white-space: pre-wrap; border-radius: 0.25rem; }
footer { max-width: 32rem; padding: 0 1rem; font-size: 0.8125rem; text-align: center; color: var(--muted); text-wrap: balance; }

@media (max-width: 30rem) {
  .asker { padding: 0.75rem 1.25rem; }
  .button.primary { padding-inline: 0.75rem; }
  .live .remaining::before { content: none; }
  .live .remaining { flex-basis: 100%; padding-inline-start: 1.125rem; }
  .code-box { padding-inline: 0.875rem; }
  .button { width: 100%; }
}
@media (max-height: 44rem) {
  .asker { padding-block: 0.5rem; gap: 0.75rem; }
  .asker .badge { width: 2rem; height: 2rem; border-radius: 0.625rem; font-size: 1rem; }
  .asker .logo { height: 2rem; }
  .asker div { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.625rem; }
  .go { margin-top: 0.75rem; }
  form .button.primary { margin-top: 0.875rem; }
}
@media (max-height: 44rem) and (min-width: 36rem) { .accounts { grid-template-columns: 1fr 1fr; } .accounts .account-label { display: block; } .accounts .account-label::after { content: none; } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media (forced-colors: active) {
  .button.primary { border: 2px solid ButtonText; }
  .code-box[data-noted] { border-color: Highlight; outline: 2px solid Highlight; }
  .dot, .progress::after { forced-color-adjust: none; background: Highlight; }
  .progress { border: 1px solid CanvasText; }
}
@media print {
  body { background: none; }
  .card { border: none; box-shadow: none; }
  .button, .cancel, .live, .progress, .warning, .details, .needs-script, .go { display: none !important; }
  .without-script { display: revert; }
}
`;
