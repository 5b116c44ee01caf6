import type { Case } from './cases.ts';

/** For bash 3.2 (macOS) and later, without the bash-completion package. */
export function bashScript(cases: readonly Case[]): string {
  const paths = cases.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  return `# bash completion for foundry-credential-helper
# Load it now:   eval "$(foundry-credential-helper completion bash)"
# For good:      foundry-credential-helper completion bash >
# ~/.local/share/bash-completion/completions/foundry-credential-helper
_foundry_credential_helper() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path='' words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${path:+$path }\${COMP_WORDS[index]}" in
      ${paths.join(' | ')}) path="\${path:+$path }\${COMP_WORDS[index]}" ;;
    esac
  done
  # Bash treats --option=value as three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$path $previous" in
${cases.flatMap(valueLines).join('\n')}
  esac
  case "$path" in
${cases.map(wordLines).join('\n')}
  esac
  # If there are no words, bash offers files. The words have no blanks.
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _foundry_credential_helper foundry-credential-helper
`;
}

function valueLines({ path, values }: Case): readonly string[] {
  return values.map(({ flag, value }) => {
    const words = typeof value === 'string' ? '' : value.join(' ');
    return `    '${path} ${flag}') words='${words}' path='(value)' ;;`;
  });
}

function wordLines({ path, words, takesFiles }: Case): string {
  const list = words.map(({ word }) => word).join(' ');
  return takesFiles ? `    '${path}') [[ $current != -* ]] || words='${list}' ;;` : `    '${path}') words='${list}' ;;`;
}
