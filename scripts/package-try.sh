#!/usr/bin/env bash
# Installs the deb into a clean root, as on a machine that has nothing: lists its files, starts both programs as an ordinary
# person (the window on a virtual display), removes it again. Needs root and debootstrap; uses about 1.5 GB for its time.
# The picture of the window is kept in target/package-try.png. Another suite or mirror: SUITE, MIRROR in the environment.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

deb=$(ls -t target/release/bundle/deb/*.deb 2>/dev/null | head -1 || true)
if [[ -z $deb ]]; then
    printf 'package-try: no deb; make package makes one\n' >&2
    exit 1
fi
for program in debootstrap Xvfb xdotool import; do
    if [[ $(id -u) != 0 ]] || ! command -v "$program" >/dev/null; then
        printf 'package-try: needs root and %s: apt-get install debootstrap xvfb xdotool imagemagick\n' "$program" >&2
        exit 1
    fi
done

root=$(mktemp -d)
chmod 755 "$root"
display=:97
clear_up() {
    kill "${server:-}" 2>/dev/null || true
    for place in dev sys proc; do umount -l "$root/$place" 2>/dev/null || true; done
    rm -rf --one-file-system "$root"
}
trap clear_up EXIT

inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
person() { chroot --userspec=person "$root" env -i HOME=/home/person PATH=/usr/bin:/bin LANG=C.UTF-8 DISPLAY="$display" "$@"; }

debootstrap --variant=minbase "${SUITE:-bookworm}" "$root" ${MIRROR:+"$MIRROR"} >"target/package-try.log"
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/"
# How this machine reaches its packages holds inside as well.
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
cp "$deb" "$root/root/countersign.deb"
inside apt-get update -qq 2>>"target/package-try.log"
inside apt-get install -y -qq --no-install-recommends /root/countersign.deb >>"target/package-try.log" 2>&1
inside useradd -m person

printf '%s: in a root of %s\n' "$(basename "$deb")" "$(. "$root/etc/os-release" && printf '%s' "$PRETTY_NAME")"
inside dpkg -L countersign | while read -r file; do [[ -d $root$file ]] || stat -c '  %s %n' "$root$file"; done | sed "s#$root##"
printf 'Libraries that are missing: %s\n' "$(inside ldd /usr/bin/countersign /usr/bin/countersign-desktop | grep -c 'not found' || true)"
cat "$root/usr/share/applications/Countersign.desktop"
person countersign --version
Xvfb "$display" -screen 0 1280x860x24 -ac >/dev/null 2>&1 &
server=$!
person timeout 60 countersign-desktop &
window=$!
for _ in $(seq 60); do
    sleep 1
    kill -0 "$window"
    if DISPLAY=$display xdotool search --onlyvisible --name Countersign >/dev/null 2>&1; then found=yes; sleep 4; break; fi
done
DISPLAY=$display import -window root target/package-try.png
printf 'A window: %s (target/package-try.png)\n' "${found:-no}"
kill "$window" 2>/dev/null || true
inside apt-get purge -y -qq countersign >>"target/package-try.log" 2>&1
printf 'Files left after removing it: %s\n' "$(inside find /usr /etc -iname '*countersign*' | wc -l)"
[[ ${found:-no} == yes ]]
