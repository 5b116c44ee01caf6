// Drawn for this product; not a vendor's mark. Uses only presentation attributes, because the CSP allows no inline
// style.
import { type Html, html } from './html.ts';

const icon = (paths: Html): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${paths}</svg>`;

export const icons = {
  key: icon(html`<circle cx="8" cy="15" r="4.2"/><path d="M11.2 12 19.5 3.7M16 7.2l2.6 2.6M13.4 9.8l1.8 1.8"/>`),
  copy: icon(
    html`<rect x="9" y="9" width="11" height="11" rx="2.2"/><path d="M5.5 15H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v.5"/>`,
  ),
  check: icon(html`<path d="m5 12.8 4.6 4.7L19.5 7"/>`),
  outside: icon(
    html`<path d="M14 4.5h5.5V10M19 5l-8 8M17.5 14v4a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 18V8A1.5 1.5 0 0 1 6 6.5h4"/>`,
  ),
  shield: icon(
    html`<path d="M12 3.5 5 6v5.5c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6z"/><path d="M12 8.5v4M12 15.8v.1"/>`,
  ),
  clock: icon(html`<circle cx="12" cy="12" r="8.3"/><path d="M12 7.5V12l3 2"/>`),
  stop: icon(html`<circle cx="12" cy="12" r="8.3"/><path d="M12 7.8v5M12 16.1v.1"/>`),
  cross: icon(html`<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>`),
  lock: icon(html`<rect x="5" y="10.5" width="14" height="9.5" rx="2.2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>`),
  person: icon(html`<circle cx="12" cy="8" r="4"/><path d="M4.5 20c.8-3.8 3.8-6 7.5-6s6.7 2.2 7.5 6"/>`),
  cloud: icon(
    html`<path d="M4 4l16 16M8.5 8.1A5.5 5.5 0 0 1 17.3 11 4 4 0 0 1 19.8 17M16 18.5H7.5a4.5 4.5 0 0 1-1.6-8.7"/>`,
  ),
} as const;
