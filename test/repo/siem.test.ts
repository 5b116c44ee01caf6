// The rules in docs/how-to/siem.md use fields that the audit log has, and columns that Microsoft's tables have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectFolder } from '../../installers/build/bundle.ts';
import { AUDIT_EVENTS, type AuditFields, auditLine } from '../../src/log/audit-log.ts';

const page = readFileSync(join(projectFolder, 'docs/how-to/siem.md'), 'utf8');
const blocksOf = (language: string): readonly string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, block = '']) =>
    name === language ? [block] : [],
  );

const everyField: Required<AuditFields> = {
  client: 'token',
  context: 'background',
  program: '/a',
  parent: '/b',
  resource: 'g',
  tokenId: 'c',
  expiresOn: 'd',
  code: 'e',
  correlationId: 'f',
  pid: 1,
  parentPid: 2,
  lost: 3,
};
const auditFields = Object.keys(JSON.parse(auditLine('token-issued', everyField, new Date(0))) as object);

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs and …/aadnoninteractiveusersigninlogs */
const entraColumns = [
  'AppId',
  'AuthenticationProtocol',
  'CorrelationId',
  'IPAddress',
  'Location',
  'ResultType',
  'TimeGenerated',
  'UniqueTokenIdentifier',
  'UserId',
  'UserPrincipalName',
];
/** Columns that a collector adds to each line of the audit log. */
const collected = ['TimeGenerated', 'Computer'];

const KQL_WORDS =
  /^(?:let|where|and|or|not|in|has|by|on|kind|inner|leftouter|join|union|project|summarize|count|dcount|make_set|bin|ago|set_has_element|left|right)$/;

/** Words of a query outside of quotes, numbers, and its own names. */
function namesIn(query: string): readonly string[] {
  const own = [...query.matchAll(/\b(\w+) = /g)].map(([, name = '']) => name);
  const bare = query.replace(/"[^"]*"/g, '').replace(/\b\d\w*/g, '');
  const names = [...bare.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !KQL_WORDS.test(name) && !own.includes(name) && !/Logs$|_CL$/.test(name));
}

describe('the rules in docs/how-to/siem.md', () => {
  it.each(blocksOf('kql'))('use fields and columns that exist: %s', (query) => {
    const fromAudit = query.includes('FoundryCredentialHelperAudit_CL') ? [...auditFields, ...collected] : [];
    const fromEntra = /SigninLogs|AADNonInteractiveUserSignInLogs/.test(query) ? entraColumns : [];
    const known = [...fromAudit, ...fromEntra];
    expect(known).not.toEqual([]);
    expect(namesIn(query).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('use numbers and clients of the audit log', () => {
    const rules = [...blocksOf('kql'), ...blocksOf('spl')].join('\n');
    const numbers = [...rules.matchAll(/\bid ?={1,2} ?(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter((number) => !Object.values<number>(AUDIT_EVENTS).includes(number))).toEqual([]);
  });

  it('have Splunk fields that the audit log has', () => {
    expect(blocksOf('spl')).toHaveLength(2);
    for (const search of blocksOf('spl')) {
      const used = [...search.matchAll(/\b(\w+)=|values\((\w+)\)|(?<=table _time host )(.*)$/gm)]
        .flatMap(([, equals, values, table]) => equals ?? values ?? table?.split(' ') ?? [])
        .filter((name) => !['index', 'sourcetype', 'span'].includes(name));
      expect(used.length).toBeGreaterThan(1);
      expect(used.filter((name) => !auditFields.includes(name))).toEqual([]);
    }
  });

  it('include a Sigma rule that parses', () => {
    const [text = ''] = blocksOf('yaml');
    const rule = parse(text) as { detection: Record<string, unknown> };
    const { condition, ...selections } = rule.detection;
    const used = Object.values(selections).flatMap((fields) => Object.keys(fields as object));
    expect(condition).toBe('issued and not desktop');
    expect(used.map((name) => name.split('|')[0]).filter((name = '') => !auditFields.includes(name))).toEqual([]);
  });
});
