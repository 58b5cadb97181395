import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { UsageFailure } from '../terminal/failure.js';

// Each script hands the words before the cursor to `waygate __complete`, which answers with one candidate a line.

const BASH = `_waygate() {
  # Bash breaks words at colons; the route key GET:/x is one word here.
  local line="\${COMP_LINE:0:COMP_POINT}" words=() last=""
  read -r -a words <<< "\${line#* }"
  [[ "$line" == *" " ]] && words+=("")
  [[ \${#words[@]} -gt 0 ]] && last="\${words[\${#words[@]}-1]}"
  local IFS=$'\\n'
  COMPREPLY=($(waygate __complete -- "\${words[@]}" 2>/dev/null))
  if [[ "$last" == *:* ]]; then
    local prefix="\${last%"\${last##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
  fi
}
complete -o default -F _waygate waygate
`;

const ZSH = `#compdef waygate
_waygate() {
  local -a found
  found=(\${(f)"$(waygate __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -- $found
}
if [ "$funcstack[1]" = "_waygate" ]; then _waygate; else compdef _waygate waygate; fi
`;

const FISH = `function __waygate_complete
  set -l words (commandline -opc)
  waygate __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c waygate -f -a '(__waygate_complete)'
`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export function completion({ out }: Cli, input: Input): Promise<void> {
  const shell = input.argument('shell');
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined)
    throw new UsageFailure(`there is no completion for '${shell}'; there is for ${Object.keys(SCRIPTS).join(', ')}`);
  out.raw(script);
  return Promise.resolve();
}
