// Charts as SVG. Written here since the libraries that draw them need a browser or an imitation of one.
import { escapeXml } from '../scripts/xml.ts';

const WIDTH = 760;
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';
const COLOURS = ['#1d5fad', '#c4622d', '#5a5a52', '#3a7d44'];
/** Readable on white and on GitHub's dark page. */
const INK = '#7a7a72';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly label: string;
  readonly isOurs: boolean;
}

/** Horizontal bars, in the given order. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const left = 300;
  const rowHeight = 26;
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (WIDTH - left - 110) / most;
  const rows = bars.map(({ name, value, label, isOurs }, index) => {
    const y = 40 + index * rowHeight;
    const width = Math.max(1, value * scale);
    return `<text x="${left - 10}" y="${y + 14}" text-anchor="end" fill="${INK}"${isOurs ? ' font-weight="bold"' : ''}>${escapeXml(name)}</text>
<rect x="${left}" y="${y}" width="${width.toFixed(1)}" height="18" rx="3" fill="${isOurs ? COLOURS[0] : '#a9a9a0'}"/>
<text x="${(left + width + 6).toFixed(1)}" y="${y + 14}" fill="${INK}">${escapeXml(label)}</text>`;
  });
  return document(title, 50 + bars.length * rowHeight, rows);
}

/** Per-second counts over a day, as the busiest second of each minute, on a logarithmic scale. */
export function lineChart(
  title: string,
  series: readonly { readonly name: string; readonly perSecond: readonly number[] }[],
  startHour: number,
): string {
  const height = 300;
  const [left, top, bottom] = [60, 60, height - 30];
  const minutes = series.map(({ perSecond }) => busiestOfMinutes(perSecond));
  const count = Math.max(...minutes.map(({ length }) => length));
  const decades = Math.ceil(Math.log10(Math.max(10, ...minutes.flat())));
  const x = (minute: number): number => left + (minute / count) * (WIDTH - left - 20);
  const y = (value: number): number => bottom - (Math.log10(Math.max(1, value)) / decades) * (bottom - top);
  const grid = Array.from({ length: decades + 1 }, (_, decade) => {
    const at = y(10 ** decade).toFixed(1);
    return `<line x1="${left}" y1="${at}" x2="${WIDTH - 20}" y2="${at}" stroke="${INK}" stroke-opacity="0.25"/>
<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end" fill="${INK}">${(10 ** decade).toLocaleString('en')}</text>`;
  });
  const hours = Array.from({ length: Math.floor(count / 120) + 1 }, (_, index) => {
    const at = x(index * 120).toFixed(1);
    return `<text x="${at}" y="${height - 10}" text-anchor="middle" fill="${INK}">${startHour + index * 2}:00</text>`;
  });
  const lines = minutes.map((values, index) => {
    const points = values.map((value, minute) => `${x(minute).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[index]}" stroke-width="1.5"/>
<text x="${left + index * 320}" y="44" fill="${COLOURS[index]}">${escapeXml(series[index]?.name ?? '')}</text>`;
  });
  return document(`${title}: requests a second, busiest second of each minute`, height, [...grid, ...hours, ...lines]);
}

function busiestOfMinutes(perSecond: readonly number[]): readonly number[] {
  return Array.from({ length: Math.ceil(perSecond.length / 60) }, (_, minute) =>
    Math.max(...perSecond.slice(minute * 60, (minute + 1) * 60)),
  );
}

function document(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ${FONT} role="img" aria-label="${escapeXml(title)}">
<text x="10" y="22" fill="${INK}" font-size="14" font-weight="bold">${escapeXml(title)}</text>
${parts.join('\n')}
</svg>
`;
}
