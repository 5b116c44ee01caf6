import { type Case, singleQuoted } from './cases.ts';

/** For Windows PowerShell 5.1 and PowerShell 7. */
export function powershellScript(cases: readonly Case[]): string {
  return `# PowerShell completion for foundry-credential-helper
# Load it now:  foundry-credential-helper completion powershell | Out-String | Invoke-Expression
# For good:     add that line to the file that $PROFILE names
Register-ArgumentCompleter -Native -CommandName 'foundry-credential-helper', 'foundry-credential-helper.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{
${cases.map(wordLines).join('\n')}
    }
    $values = @{
${cases.flatMap(valueLines).join('\n')}
    }
    $path = ''
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
        $previous = $element.ToString()
        $longer = "$path $previous".Trim()
        if ($words.ContainsKey($longer)) { $path = $longer }
    }
    $option = ''
    $typed = $wordToComplete
    if ($typed -match '^(--[^=]+)=(.*)$') { $previous = $Matches[1]; $option = "$previous="; $typed = $Matches[2] }
    $key = "$path $previous".Trim()
    $candidates = if ($values.ContainsKey($key)) { $values[$key] } elseif ($option -eq '') { $words[$path] }
    $candidates | Where-Object { $_.Word.StartsWith($typed, 'OrdinalIgnoreCase') } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$option$($_.Word)", $_.Word, 'ParameterValue', $_.Text)
    }
}
`;
}

function wordLines({ path, words }: Case): string {
  const list = words.map(({ word, description }) => entry(word, description)).join(', ');
  return `        ${quoted(path)} = @(${list})`;
}

function valueLines({ path, values }: Case): readonly string[] {
  return values.map(({ flag, value }) => {
    const list = typeof value === 'string' ? '' : value.map((word) => entry(word, word)).join(', ');
    return `        ${quoted(`${path} ${flag}`.trim())} = @(${list})`;
  });
}

function entry(word: string, text: string): string {
  return `@{ Word = ${quoted(word)}; Text = ${quoted(text)} }`;
}

function quoted(text: string): string {
  return singleQuoted(text, "''");
}
