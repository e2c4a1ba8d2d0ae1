import { beginSections } from "../compatibility/reading/sections.ts";

/**
 * Prints what a machine's system is, as sections that begin with `<marker> title`. It must run under any POSIX shell with busybox's or
 * toybox's tools; what is missing leaves its section empty. Parameters: the marker, the work folders.
 */
export const systemScript = `${beginSections}
section android; [ -e /system/build.prop ] && echo "$(getprop ro.build.version.release)"
section release; cat /etc/os-release || cat /usr/lib/os-release
section init
if [ -d /run/systemd/system ]; then echo systemd
elif [ -d /run/openrc ]; then echo openrc
elif [ -d /data/adb/service.d ]; then echo service.d
elif [ -e /etc/inittab ] && [ -d /etc/init.d ] && command -v update-rc.d >/dev/null && grep -q '^init$' /proc/1/comm; then echo sysv
fi
section programs; for program in apt-get dockerd modprobe; do command -v "$program" >/dev/null && echo "$program"; done
section crun; apt-cache policy crun | sed -n 's/^ *Candidate: *//p'
section podman; podman --version
section docker-script; [ -x /etc/init.d/docker ] && echo yes
section binfmt; [ -e /proc/sys/fs/binfmt_misc/register ] && echo yes
section boot
cat /etc/binfmt.d/*.conf /run/binfmt.d/*.conf /usr/local/lib/binfmt.d/*.conf /usr/lib/binfmt.d/*.conf
for file in /var/lib/binfmts/*; do [ -e "$file" ] && tr '\\n' ':' <"$file" && echo; done
for file in /etc/init.d/migrate-container-binfmt /etc/local.d/migrate-container-binfmt.start /data/adb/service.d/migrate-container-binfmt.sh; do
  [ -x "$file" ] && cat "$file"
done
for folder in "$@"; do section "folder $folder"; stat -c '%a %u' "$folder"; done
exit 0
`;
