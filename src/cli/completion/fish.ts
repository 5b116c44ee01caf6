import { type Case, singleQuoted } from './cases.ts';

const COMPLETE = 'complete -c foundry-credential-helper';

export function fishScript(cases: readonly Case[]): string {
  const paths = cases.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]));
  return `# fish completion for foundry-credential-helper
# Load it now:  foundry-credential-helper completion fish | source
# For good:     foundry-credential-helper completion fish > ~/.config/fish/completions/foundry-credential-helper.fish
function __foundry_credential_helper_at
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- (string join -- ' ' $path $word) ${paths.join(' ')}
            set path $path $word
        end
    end
    set -l joined (string join -- ' ' $path)
    test "$joined" = "$argv"
end
${COMPLETE} -f
${cases.flatMap(caseLines).join('\n')}
`;
}

function caseLines({ path, words, takesFiles, values }: Case): readonly string[] {
  const here = `${COMPLETE} -n ${quoted(`__foundry_credential_helper_at ${path}`.trim())}`;
  return [
    ...(takesFiles ? [`${here} -F`] : []),
    ...words.map(({ word, description }) => {
      const value = values.find(({ flag }) => flag === word)?.value;
      const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${quoted(word)}`;
      return `${here} ${name}${argument(value)} -d ${quoted(description)}`;
    }),
  ];
}

function argument(value: Case['values'][number]['value'] | undefined): string {
  if (value === undefined) return '';
  if (value === 'file') return ' -r -F';
  return value === 'text' ? ' -x' : ` -x -a ${quoted(value.join(' '))}`;
}

function quoted(text: string): string {
  return singleQuoted(text, "\\'");
}
