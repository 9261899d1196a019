#!/usr/bin/env bash
# Makes the deb and the rpm: the window, the command line, the desktop file, the icons. Lists what is in the deb.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh app
rm -rf ui/dist
scripts/app-ui.sh
if [[ ! -x node_modules/.bin/tauri ]]; then
    printf 'package: node packages are missing; run scripts/setup.sh app with node 20 or newer\n' >&2
    exit 1
fi
began=$SECONDS
cargo build --release --locked -p countersign-cli -p countersign-desktop --bin countersign --bin countersign-desktop
printf 'package: release build %d s\n' $((SECONDS - began))
# The bundler only packs what was built just now.
node_modules/.bin/tauri bundle --ci --bundles deb,rpm

printf '\n'
ls -l target/release/countersign target/release/countersign-desktop
for package in target/release/bundle/deb/*.deb; do
    printf '\n%s\n' "$package"
    dpkg-deb --info "$package" | sed -n 's/^ \(Package\|Version\|Architecture\|Depends\|Recommends\|Installed-Size\|Section\|Description\): /&/p'
    dpkg-deb --contents "$package" | awk '{ print $1, $3, $6 }'
done
ls -l target/release/bundle/rpm/*.rpm
