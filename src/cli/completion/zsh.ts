import { type Case, singleQuoted } from './cases.ts';

export function zshScript(cases: readonly Case[]): string {
  const paths = cases.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  return `#compdef foundry-credential-helper
# zsh completion for foundry-credential-helper
# For good, into a folder of $fpath:  foundry-credential-helper completion zsh > "\${fpath[1]}/_foundry-credential-helper"
# Or in ~/.zshrc, after compinit:     source <(foundry-credential-helper completion zsh)
_foundry_credential_helper() {
  local where= word previous
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${where:+$where }$word" in
      (${paths.join('|')}) where="\${where:+$where }$word" ;;
    esac
  done
  previous="\${words[CURRENT-1]}"
  if [[ "$PREFIX" == --*=* ]]; then
    previous="\${PREFIX%%=*}"
    compset -P '*='
  fi
  case "$where $previous" in
${cases.flatMap(valueLines).join('\n')}
  esac
  case "$where" in
${cases.map(wordLines).join('\n')}
  esac
  _describe 'foundry-credential-helper' entries
}
if [[ "$funcstack[1]" == _foundry-credential-helper ]]; then
  _foundry_credential_helper "$@"
else
  compdef _foundry_credential_helper foundry-credential-helper
fi
`;
}

function valueLines({ path, values }: Case): readonly string[] {
  return values.map(({ flag, value }) => {
    if (value === 'text') return `    ('${path} ${flag}') return 1 ;;`;
    if (value === 'file') return `    ('${path} ${flag}') _files; return ;;`;
    return `    ('${path} ${flag}') compadd -- ${value.join(' ')}; return ;;`;
  });
}

function wordLines({ path, words, takesFiles }: Case): string {
  // A colon ends the word that is described.
  const entries = words.map(({ word, description }) => singleQuoted(`${word}:${description}`, `'\\''`)).join(' ');
  const files = takesFiles ? ' [[ "$PREFIX" == -* ]] || { _files; return; };' : '';
  return `    ('${path}')${files} entries=(${entries}) ;;`;
}
