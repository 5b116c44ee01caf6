// What Windows PowerShell 5.1, which every Windows has and Intune runs, lacks or does in another way than PowerShell 7,
// in which the tests run the scripts. The one place for it; powershell.test.ts looks for each in every script.
// https://learn.microsoft.com/powershell/scripting/whats-new/differences-from-windows-powershell
//
// Three more that no text shows:
//   - 5.1 doesn't escape quotes in an argument of a native program: pass none.
//   - A failed Invoke-RestMethod throws other types; both have `Exception.Response.StatusCode` and `ErrorDetails.Message`.
//   - 5.1 reads what a native program prints in the console's code page: ask for ASCII, or for JSON with escapes.
import type { Node } from 'web-tree-sitter';

export interface Script {
  readonly text: string;
  /** The same with comments and the insides of quoted texts left out. */
  readonly code: string;
  readonly root: Node;
}

export interface Difference {
  readonly name: string;
  /** In which PowerShell it came, or what 5.1 does instead. */
  readonly remark: string;
  /** Where it is found. */
  readonly example: string;
  isIn(script: Script): boolean;
}

const COMMENTS_AND_TEXTS =
  /<#[\s\S]*?#>|(?<![\w$`])#[^\n]*|@'\r?\n[\s\S]*?\n'@|@"\r?\n[\s\S]*?\n"@|'(?:''|[^'])*'|"(?:`[\s\S]|""|[^"`])*"/g;

export function readScript(text: string, root: Node): Script {
  const blank = (found: string): string => (/^[<#]/.test(found) ? '' : `${found.at(0)}${found.at(-1)}`);
  return { text, code: text.replaceAll('\r\n', '\n').replaceAll(COMMENTS_AND_TEXTS, blank), root };
}

const inCode = (name: string, remark: string, pattern: RegExp, example: string): Difference => ({
  ...{ name, remark, example },
  isIn: ({ code }) => pattern.test(code),
});

const syntax: readonly Difference[] = [
  inCode('ternary operator', '7.0', /\s\?\s/, '$a = $b ? 1 : 2'),
  inCode('null-coalescing operators', '7.0', /\?\?/, '$a ??= 1'),
  inCode('null-conditional operators', '7.1', /\?\.|\?\[/, '$' + '{a}?.Length'),
  inCode('pipeline chains', '7.0', /&&|\|\|/, 'Test-Path x && Get-Item x'),
  inCode('background operator', '6.0', /[^&\s]\s*&\s*(?:$|[;)}])/m, 'Start-Sleep 1 &'),
  inCode('pipeline that goes on in a line beginning with a bar', '7.0', /^\s*\|/m, 'Get-Item x\n  | Out-Null'),
  inCode('clean block', '7.3', /\bclean\s*\{/i, 'function Get-It { process { 1 } clean { 2 } }'),
  inCode('binary numbers and types of numbers', '6.2, 7.0', /\b(?:0b[01]+|\d+(?:n|s|us|u|ul|uy|y))\b/i, '$a = 0b101'),
  inCode(
    'ErrorMessage of a validation',
    '6.2',
    /ErrorMessage\s*=/,
    "param([ValidatePattern('a', ErrorMessage = 'b')] $a)",
  ),
  inCode('-replace with a script block', '6.1', /-replace\s[^,\n]+,\s*\{/i, "$a -replace 'b', { 'c' }"),
  {
    ...{ name: 'ranges of characters', remark: '6.0', example: "'a'..'z'" },
    isIn: ({ code }) => /['"]\s*\.\.\s*['"]/.test(code),
  },
  {
    ...{ name: 'escapes `e and `u{…}', remark: '6.0', example: '"`u{20ac}"' },
    isIn: ({ text }) => /(?<!`)`(?:e(?!\w)|u\{)/.test(text.replaceAll(/'(?:''|[^'\n])*'/g, '')),
  },
];

const variables: readonly Difference[] = [
  inCode(
    'automatic variables',
    '6.0 and later; strict mode throws',
    /\$(?:Is(?:Windows|Linux|MacOS|CoreCLR)|PSStyle|PSNativeCommand\w+|EnabledExperimentalFeatures)\b/i,
    'if ($IsWindows) { }',
  ),
];

/** Parameters by command, of versions after 5.1. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'Add-Content': 'AsByteStream',
  'ConvertFrom-Json': 'AsHashtable DateKind Depth NoEnumerate',
  'ConvertTo-Json': 'AsArray EnumsAsStrings EscapeHandling',
  'ForEach-Object': 'AsJob Parallel ThrottleLimit TimeoutSeconds UseNewRunspace',
  'Get-ChildItem': 'FollowSymlink',
  'Get-Command': 'UseAbbreviationExpansion UseFuzzyMatching',
  'Get-Content': 'AsByteStream',
  'Get-Date': 'AsUTC UnixTimeSeconds',
  'Get-Random': 'Shuffle',
  'Import-Module': 'SkipEditionCheck UseWindowsPowerShell',
  'Invoke-RestMethod':
    'AllowUnencryptedAuthentication Authentication ConnectionTimeoutSeconds CustomMethod FollowRelLink Form HttpVersion MaximumRetryCount NoProxy PreserveAuthorizationOnRedirect ResponseHeadersVariable Resume RetryIntervalSec SkipCertificateCheck SkipHeaderValidation SkipHttpErrorCheck SslProtocol StatusCodeVariable Token',
  'Join-Path': 'AdditionalChildPath Extension',
  'Measure-Object': 'AllStats StandardDeviation',
  'Read-Host': 'MaskInput',
  'Select-Object': 'CaseInsensitive SkipIndex',
  'Select-String': 'Culture NoEmphasis Raw',
  'Set-Content': 'AsByteStream',
  'Sort-Object': 'Bottom Stable Top',
  'Split-Path': 'Extension LeafBase',
  'Start-Process': 'Environment',
  'Start-Sleep': 'Duration',
  'Where-Object': 'Not',
};

/** Commands of versions after 5.1. powershell.test.ts also knows by name every command that a script may call. */
const COMMANDS =
  'ConvertFrom-Markdown Get-Error Get-MarkdownOption Get-SecureRandom Get-Uptime Join-String Remove-Alias Remove-Service Show-Markdown Switch-Process Test-Json';

interface Call {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly text: string;
}

/** Each command that is called. */
const callsOf = (root: Node): readonly Call[] =>
  root.descendantsOfType('command').flatMap((node) => {
    if (node === null) return [];
    const name = node.childForFieldName('command_name')?.text ?? '';
    const parameters = node.descendantsOfType('command_parameter').map((one) => one?.text ?? '');
    return [{ name, parameters: parameters.map((one) => one.replace(/^-/, '').replace(/:$/, '')), text: node.text }];
  });

const includes = (words: string, word: string): boolean => words.toLowerCase().split(' ').includes(word.toLowerCase());

const commands: readonly Difference[] = [
  {
    ...{ name: 'newer commands', remark: '6.0 and later', example: "Test-Json -Json '{}'" },
    isIn: ({ root }) => callsOf(root).some(({ name }) => includes(COMMANDS, name)),
  },
  {
    ...{ name: 'newer parameters', remark: '6.0 and later', example: '1..3 | ForEach-Object -Parallel { $_ }' },
    isIn: ({ root }) =>
      callsOf(root).some(({ name, parameters }) =>
        parameters.some((parameter) => includes(PARAMETERS[name] ?? '', parameter)),
      ),
  },
  {
    ...{
      name: 'JSON in a pipeline',
      remark: '5.1 passes a list on as one object',
      example: "'[1]' | ConvertFrom-Json",
    },
    isIn: ({ code }) => /\|\s*Convert(?:From|To)-Json\b/i.test(code),
  },
  {
    ...{ name: 'JSON of a pipeline', remark: '5.1 wraps a list of one', example: '1, 2 | ConvertTo-Json' },
    isIn: ({ root }) =>
      callsOf(root).some(
        ({ name, parameters }) => /^Convert(From|To)-Json$/i.test(name) && !parameters.includes('InputObject'),
      ),
  },
  {
    ...{
      name: 'requests without -UseBasicParsing',
      remark: '5.1 starts Internet Explorer',
      example: 'Invoke-RestMethod x',
    },
    isIn: ({ root, code }) =>
      callsOf(root).some(({ name }) => /^Invoke-(RestMethod|WebRequest)$/i.test(name)) && !/UseBasicParsing/.test(code),
  },
  {
    ...{ name: 'requests without TLS 1.2', remark: '5.1 may offer TLS 1.0 only', example: 'Invoke-RestMethod x' },
    isIn: ({ root, code }) =>
      callsOf(root).some(({ name }) => /^Invoke-(RestMethod|WebRequest)$/i.test(name)) && !/::Tls12\b/.test(code),
  },
  {
    ...{ name: 'Join-Path of three parts', remark: '6.0', example: "Join-Path $a 'b' 'c'" },
    isIn: ({ code }) => /Join-Path(?:[ \t]+(?:''|""|[$][\w:.]+)){3}/i.test(code),
  },
  {
    ...{ name: '`#requires` of a later version', remark: '', example: '#requires -Version 7.0' },
    isIn: ({ text }) => /^\s*#requires\s+-Version\s+(?:[6-9]|5\.[2-9]|\d\d)/im.test(text),
  },
];

const encodings: readonly Difference[] = [
  {
    ...{ name: 'text that is not ASCII', remark: '5.1 reads it in the code page', example: "'Zürich'" },
    isIn: ({ text }) => !/^[\r\n\x20-\x7e]*$/.test(text),
  },
  inCode('redirection to a file', '5.1 writes UTF-16', />(?!\s*[$]null|&|=)/i, "'a' > b.txt"),
  {
    ...{
      name: "a native program's stderr under Stop",
      remark: '5.1 throws at the first line of it',
      example: "$ErrorActionPreference = 'Stop'\n& $Binary 2>$null",
    },
    isIn: ({ root, text }) =>
      root
        .descendantsOfType('command')
        .some((node) => node !== null && /\s2>/.test(node.text) && preferenceAt(node, text) !== 'Continue'),
  },
];

/** What `$ErrorActionPreference` was last set to before the node: in its function, or otherwise in the script. */
function preferenceAt(node: Node, text: string): string | undefined {
  let scope: Node | null = node;
  while (scope !== null && scope.type !== 'function_statement') scope = scope.parent;
  const settings = (from: number): string | undefined =>
    [...text.slice(from, node.startIndex).matchAll(/\$ErrorActionPreference = '(\w+)'/g)].at(-1)?.[1];
  return settings(scope?.startIndex ?? 0) ?? 'Continue';
}

/**
 * Types of .NET Framework 4.5, which 5.1 runs on, that the scripts use; PowerShell's own; and those of the classes'
 * members.
 */
const TYPES = [
  ...[
    'array',
    'bool',
    'char',
    'CmdletBinding',
    'hashtable',
    'int',
    'ordered',
    'Parameter',
    'string',
    'string[]',
    'switch',
  ],
  ...['ValidatePattern', 'ValidateRange', 'void'],
  ...['Console', 'Exception', 'Net.SecurityProtocolType', 'Net.ServicePointManager', 'Security.Cryptography.SHA256'],
  ...['Microsoft.Win32.RegistryKey', 'Security.Principal.WindowsIdentity', 'Text.Encoding', 'Uri', 'UriPartial'],
  ...['System.Management.Automation.CompletionResult'],
];
const METHODS = [
  ...[
    'AddMinutes',
    'ComputeHash',
    'Contains',
    'ContainsKey',
    'Create',
    'CreateSubKey',
    'DeleteSubKeyTree',
    'DeleteValue',
  ],
  ...[
    'Dispose',
    'Equals',
    'EscapeDataString',
    'GetBytes',
    'GetCurrent',
    'GetLeftPart',
    'GetSubKeyNames',
    'GetType',
    'GetValue',
  ],
  ...['GetValueKind', 'GetValueNames', 'OpenBaseKey', 'OpenSubKey', 'Replace', 'SetValue', 'Split', 'StartsWith'],
  ...['Substring', 'ToString', 'Trim', 'TrimEnd', 'WriteLine', 'new'],
];

const dotNet: readonly Difference[] = [
  {
    ...{
      name: 'types that .NET Framework 4.5 may lack',
      remark: 'known ones only',
      example: '[Text.Json.JsonDocument]::Parse(1)',
    },
    isIn: ({ root }) => textsOf(root, 'type_literal').some((type) => !TYPES.includes(type.replace(/^\[|\]$/g, ''))),
  },
  {
    ...{
      name: 'methods that .NET Framework 4.5 may lack',
      remark: 'known ones only',
      example: '[Convert]::ToHexString($a)',
    },
    isIn: ({ root }) => methodsOf(root).some((method) => !METHODS.includes(method)),
  },
];

const textsOf = (root: Node, type: string): readonly string[] =>
  root.descendantsOfType(type).map((node) => node?.text ?? '');

const methodsOf = (root: Node): readonly string[] =>
  root.descendantsOfType('invokation_expression').flatMap((node) => {
    const member = node?.children.find((child) => child?.type === 'member_name');
    return member === undefined || member === null ? [] : [member.text];
  });

export const DIFFERENCES: readonly Difference[] = [...syntax, ...variables, ...commands, ...encodings, ...dotNet];
