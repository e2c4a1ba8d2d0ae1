#compdef migrate-container
# The completion of migrate-container for zsh.
_migrate_container() {
  local -a lines described
  local line word tab=$'\t'
  lines=("${(@f)$(migrate-container __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${lines[1]} == :files ]]; then
    _files
    return
  fi
  for line in "${lines[@]}"; do
    word=${line%%$tab*}
    [[ -n $word ]] || continue
    # `_describe` takes what follows a colon for the description.
    word=${word//:/\\:}
    [[ $line == *$tab* ]] && word+=":${line#*$tab}"
    described+=("$word")
  done
  _describe migrate-container described
}
if [[ ${funcstack[1]} == _migrate_container ]]; then
  _migrate_container "$@"
else
  compdef _migrate_container migrate-container
fi
