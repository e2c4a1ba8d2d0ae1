# The completion of migrate-container for fish.
function __migrate_container_complete
    set -l words (commandline -opc)
    set -l lines (migrate-container __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$lines[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $lines
    end
end
complete -c migrate-container -f -a '(__migrate_container_complete)'
