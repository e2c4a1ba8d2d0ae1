#compdef migrate-container
# The completion of migrate-container for zsh.
_migrate_container() {
  local -a lines described
  local line
  lines=("${(@f)$(migrate-container __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${lines[1]} == :files ]]; then
    _files
    return
  fi
  for line in "${lines[@]}"; do
    [[ -n $line ]] && described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe migrate-container described
}
if [[ ${funcstack[1]} == _migrate_container ]]; then
  _migrate_container "$@"
else
  compdef _migrate_container migrate-container
fi
