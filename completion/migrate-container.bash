# The completion of migrate-container for bash.
_migrate_container() {
  # Not COMP_WORDS: bash splits it at colons too, which addresses have.
  local line="${COMP_LINE:0:COMP_POINT}" words current kept sign
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  mapfile -t COMPREPLY < <(migrate-container __complete -- "${words[@]:1}" 2>/dev/null)
  if [[ ${COMPREPLY[0]-} == :files ]]; then
    COMPREPLY=()
    compopt -o default
    return
  fi
  # What follows the tab is a description.
  COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
  # readline replaces only what stands after the last sign that breaks words.
  kept=$current
  for sign in : = @; do
    [[ $COMP_WORDBREAKS == *"$sign"* ]] && kept=${kept##*"$sign"}
  done
  COMPREPLY=("${COMPREPLY[@]#"${current%"$kept"}"}")
}
complete -F _migrate_container migrate-container
