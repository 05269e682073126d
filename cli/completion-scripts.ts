// The scripts of shells that ask kahi for the words that may come next. Each calls `kahi __complete` with the words that were
// typed; an answer is a line: the word, a tab, what it means.

const BASH = `# kahi completion bash: put it into /etc/bash_completion.d/kahi, or: source <(kahi completion bash)
_kahi() {
  local line words current answers word
  line=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  current=\${words[\${#words[@]} - 1]}
  COMPREPLY=()
  answers=$("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null) || return
  while IFS=$'\\t' read -r word _; do
    [ -n "$word" ] && COMPREPLY+=("$word")
  done <<<"$answers"
  # bash begins a new word at a colon
  case $current in *:*) COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}") ;; esac
}
complete -o default -F _kahi kahi
`

const ZSH = `#compdef kahi
# kahi completion zsh: put it into a folder of $fpath as _kahi, or: source <(kahi completion zsh)
_kahi() {
  local -a answers
  local line
  for line in "\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && answers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#answers} )); then _describe kahi answers; else _files; fi
}
if [[ $funcstack[1] == _kahi ]]; then _kahi "$@"; else compdef _kahi kahi; fi
`

const FISH = `# kahi completion fish: put it into ~/.config/fish/completions/kahi.fish, or: kahi completion fish | source
function __kahi_answers
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c kahi -a '(__kahi_answers)'
`

/** Shell → script. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const
