// `npm run bench:fleet`: what a whole fleet asks of Entra in a working day, and when all of it comes at the same time.
//   npm run bench:fleet -- docs      writes docs/explanation/fleet.md and its pictures too
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../installers/build/bundle.ts';
import { lineChart } from '../chart.ts';
import { fixed, ours, type Policy } from './policies.ts';
import { DAY_START_MS, type Incident, type Outcome, simulate } from './simulation.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SEED = 20_261_123;
const FLEETS = [10_000, 100_000];
const POLICIES = [ours, fixed];

const incidents: readonly (Incident | undefined)[] = [
  undefined,
  { name: '10-minute outage of Entra', kind: 'outage', from: 11 * HOUR_MS, to: 11 * HOUR_MS + 10 * MINUTE_MS },
  { name: 'VPN back after two hours', kind: 'unreachable', from: 11 * HOUR_MS, to: 13 * HOUR_MS },
  { name: 'new version pushed within a minute', kind: 'restart', from: 11 * HOUR_MS, to: 11 * HOUR_MS + MINUTE_MS },
];

/** The hours that "mean" is the mean of: everyone is at work, and on a plain day nothing happens. */
const MEAN_FROM_MS = 10 * HOUR_MS;
const MEAN_TO_MS = 16 * HOUR_MS;
/** After an incident. The morning has its own peak. */
const AFTERMATH_MS = 30 * MINUTE_MS;

interface Row {
  readonly endpoints: number;
  readonly incident: string;
  readonly policy: string;
  /** Requests a second that reached Entra; the peak is that of ten seconds, since with few it is chance in one. */
  readonly mean: number;
  readonly peak: number;
  readonly ratio: number;
  readonly grants: number;
  readonly recoveredSeconds: number | undefined;
  /** Turns whose token had to be fetched first, which takes a moment, or for which there was none. */
  readonly turnsWithoutToken: number;
}

function slice(counts: Uint32Array, fromMs: number, toMs: number): Uint32Array {
  return counts.subarray((fromMs - DAY_START_MS) / 1000, (toMs - DAY_START_MS) / 1000);
}

const sum = (counts: Uint32Array): number => counts.reduce((all, count) => all + count, 0);

/** The mean of the busiest ten seconds. */
function busiest(counts: Uint32Array): number {
  const spans = Array.from({ length: Math.floor(counts.length / 10) }, (_, span) =>
    sum(counts.subarray(span * 10, span * 10 + 10)),
  );
  return Math.max(...spans) / 10;
}

function rowOf(policy: Policy, endpoints: number, incident: Incident | undefined, plain: Outcome, day: Outcome): Row {
  const quiet = slice(plain.requests, MEAN_FROM_MS, MEAN_TO_MS);
  const mean = sum(quiet) / quiet.length;
  const from = incident === undefined ? MEAN_FROM_MS : incident.kind === 'restart' ? incident.from : incident.to;
  const to = incident === undefined ? MEAN_TO_MS : from + AFTERMATH_MS;
  const peak = busiest(slice(day.requests, from, to));
  return {
    endpoints,
    incident: incident?.name ?? 'working day',
    policy: policy.name,
    mean,
    peak,
    ratio: peak / mean,
    grants: sum(day.grants),
    recoveredSeconds: day.recoveredMs === undefined ? undefined : day.recoveredMs / 1000,
    turnsWithoutToken: day.waited,
  };
}

const rows: Row[] = [];
const charts = new Map<string, { readonly name: string; readonly perSecond: readonly number[] }[]>();
for (const endpoints of FLEETS) {
  for (const policy of POLICIES) {
    const plain = simulate(policy, endpoints, SEED);
    for (const incident of incidents) {
      const startedAt = performance.now();
      const day = incident === undefined ? plain : simulate(policy, endpoints, SEED, incident);
      rows.push(rowOf(policy, endpoints, incident, plain, day));
      process.stderr.write(
        `${endpoints} endpoints, ${incident?.name ?? 'working day'}, ${policy.name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`,
      );
      if (endpoints === FLEETS.at(-1)) {
        const title = incident?.name ?? 'working day';
        charts.set(title, [...(charts.get(title) ?? []), { name: policy.name, perSecond: [...day.requests] }]);
      }
    }
  }
}

const text = table(rows);
console.log(text);
const raw = join(projectFolder, 'build/bench');
mkdirSync(raw, { recursive: true });
writeFileSync(join(raw, 'fleet.json'), `${JSON.stringify({ seed: SEED, rows }, undefined, 2)}\n`);
if (process.argv[2] === 'docs') writeDocs();

function table(all: readonly Row[]): string {
  const head =
    '| endpoints | what happens | policy | mean /s | peak /s | peak : mean | all have a token after | turns that waited |\n|---|---|---|---|---|---|---|---|';
  const lines = all.map((row) =>
    [
      '',
      row.endpoints.toLocaleString('en'),
      row.incident,
      row.policy,
      row.mean.toFixed(1),
      row.peak.toFixed(1),
      row.ratio.toFixed(1),
      row.recoveredSeconds === undefined ? '' : `${row.recoveredSeconds.toFixed(0)} s`,
      row.turnsWithoutToken.toLocaleString('en'),
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return [head, ...lines].join('\n');
}

function writeDocs(): void {
  const images = join(projectFolder, 'docs/images/performance');
  mkdirSync(images, { recursive: true });
  const pictures = [...charts].map(([title, series]) => {
    const file = `fleet-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
    writeFileSync(join(images, file), lineChart(title, series, DAY_START_MS / HOUR_MS));
    return `![Requests a second at Entra, ${title}, 100,000 endpoints](../images/performance/${file})`;
  });
  writeFileSync(
    join(projectFolder, 'docs/explanation/fleet.md'),
    `# What a fleet asks of Entra

Simulated by \`npm run bench:fleet\`: each endpoint has its own working day (arrives at 8:45, leaves at 17:00, give or take), tokens of 60 to 90 minutes, and a user who asks Claude something every four minutes. "This agent" runs the product's own functions (\`src/agent/tokens/schedule.ts\`) on a simulated clock; the other policy is what a program does that tries again every five seconds and refreshes five minutes before the end. Requests that fail count too. The mean is that of the plain day from 10:00 to 16:00; the peak is the busiest ten seconds of those hours, or of the half hour after the incident.

${text}

${pictures.join('\n')}

How the constants follow from this:

- **Refresh at 70 to 90 % of a token's life**, at random: endpoints that started in the same minute are spread out by the afternoon, and in a ten-minute outage no one has a token with less than that left.
- **Back-off of 1 to 5 minutes while the current token has ten minutes left**: no one waits for these attempts, and after the outage Entra sees less than five times its mean. With 5 s to 5 min there too, the peak was 9.4 times the mean.
- **Back-off with full jitter from 5 s to 5 min without such a token**: after a long loss of the network, requests come back over five minutes, and those of users who wait come first.
- **A random pause of 2 s to 2 min on a new network**: after a long loss of it, all computers notice within half a minute, and the last one has a token in half the time that the back-off alone takes. Entra's peak is a third higher, and still lower than that of a new version.
- **A random pause of 2 to 60 s at the start**, whatever starts the agent: what a push restarts within a minute comes back over two.
- **People who wait are served ahead of the back-off**, every five seconds at most: these are few, since tokens outlive short outages.
`,
  );
}
