#!/bin/sh
# Builds the files of s6-overlay 3 from clones of the public repositories, for KAHI_S6_OVERLAY: needs make and musl-gcc.
#   build-s6-overlay.sh CLONES TAG OUT     CLONES has skalibs, execline, s6, …, s6-overlay-helpers and s6-overlay; TAG: v3.2.3.0
# The options are those of s6-overlay's own Makefile. Networking and DNS are left out: services do not need them.
set -eu
clones=$(realpath "$1") tag=$2 out=$(realpath -m "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/headers"
# musl has no headers of the kernel.
ln -s /usr/include/linux /usr/include/asm-generic "$work/headers/"
ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$work/headers/asm"
git -C "$clones/s6-overlay" show "$tag:conf/versions" >"$work/versions"
for name in skalibs execline s6 s6-rc s6-linux-init s6-portable-utils s6-linux-utils s6-overlay-helpers; do
  variable=$(echo "$name" | tr a-z- A-Z_)_VERSION
  version=$(sed -n "s/^$variable=//p" "$work/versions")
  case $name in
    skalibs) set -- --with-default-path=/command:/usr/bin:/bin --with-sysdep-devurandom=yes \
      --with-sysdep-grndinsecure=no --with-sysdep-posixspawnearlyreturn=no --with-sysdep-procselfexe=/proc/self/exe ;;
    execline) set -- --disable-pedantic-posix --enable-multicall ;;
    s6-portable-utils | s6-linux-utils) set -- --enable-multicall ;;
    *) set -- ;;
  esac
  echo "$name $version"
  mkdir "$work/$name"
  git -C "$clones/$name" archive "$version" | tar x -C "$work/$name"
  cd "$work/$name"
  CC="musl-gcc -idirafter $work/headers" DESTDIR=$out ./configure --enable-slashpackage --enable-static-libc \
    --disable-shared "$@" >log
  make >>log 2>&1
  make -L install update global-links "DESTDIR=$out" >>log 2>&1
done
rm -rf "$out"/package/*/*/include "$out"/package/*/*/library
mkdir "$work/overlay"
git -C "$clones/s6-overlay" archive "$tag" layout/rootfs-overlay | tar x -C "$work/overlay"
cd "$work/overlay/layout/rootfs-overlay"
find . -type f -name .empty -delete
mv "package/admin/s6-overlay-@VERSION@" "package/admin/s6-overlay-${tag#v}"
find . -type f -size +0c -exec sed -i "s|@SHEBANGDIR@|/command|g; s/@VERSION@/${tag#v}/g" {} +
ln -s "s6-overlay-${tag#v}" package/admin/s6-overlay
cp -a . "$out/"
