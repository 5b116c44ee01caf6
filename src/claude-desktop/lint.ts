// The one rule book for Claude Desktop's settings: `config validate` applies it to files, `doctor` to what is in force.
// Rules: https://claude.com/docs/third-party/claude-desktop/configuration and .../credential-helper
import { type DesktopDocument, DesktopValues, flatDocument } from './document.ts';
import type { Examination, LintOptions } from './examination.ts';
import { type Finding, finding } from './finding.ts';
import { checkCredential } from './rules/credential.ts';
import { checkEndpoint } from './rules/endpoint.ts';
import { checkForms } from './rules/forms.ts';
import { checkHeaderHelpers } from './rules/header-helpers.ts';
import { checkHelper } from './rules/helper.ts';
import { checkModels } from './rules/models.ts';
import { checkNames } from './rules/names.ts';
import { checkTypes } from './rules/types.ts';

/** Everything that prevents the settings from working or isn't as people expect, in the order of the rules. */
export function lintDesktop(given: DesktopDocument, options: LintOptions = {}): readonly Finding[] {
  const document = flatDocument(given);
  const findings: Finding[] = [];
  const examination: Examination = {
    document,
    values: new DesktopValues(document),
    options,
    report: (id, key, details = {}) => {
      findings.push(finding(id, document.file, { key: key?.slice(0, 60), ...details }));
    },
  };
  checkNames(examination);
  checkForms(examination);
  checkTypes(examination);
  checkHeaderHelpers(examination);
  if (!isAboutInference(document)) return findings;
  if (deliversByBootstrap(examination.values)) {
    examination.report('bootstrap-delivery', 'bootstrapUrl');
    return findings;
  }
  checkEndpoint(examination);
  checkModels(examination);
  checkCredential(examination);
  checkHelper(examination);
  return findings;
}

/** A file with only update settings, for example, doesn't need a provider. */
export const isAboutInference = ({ entries }: DesktopDocument): boolean =>
  entries.some(({ key }) => /^(?:inference|bootstrap)/i.test(key));

/** The organization's server sends the inference settings at start. */
export const deliversByBootstrap = (values: DesktopValues): boolean =>
  values.has('bootstrapUrl') && values.flag('bootstrapEnabled') !== false && !values.has('inferenceProvider');
