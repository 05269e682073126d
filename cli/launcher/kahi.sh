#!/bin/sh
# The launcher of an npm package, which is for every processor: it executes the native launcher for this one. Where no compiler
# could build a native launcher, this script starts kahi.js itself; then there is no native helper either.
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -h "$self" ]; do
  target=$(readlink "$self") || break
  case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
here=${self%/*}
# The names are those of process.arch in Node.js.
case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  armv*) arch=arm ;;
  i?86) arch=ia32 ;;
  ppc64*) arch=ppc64 ;;
  *) arch=$(uname -m) ;;
esac
for native in "$here/../../native/linux-$arch/kahi" "$here/../../dist/kahi"; do
  if [ -x "$native" ]; then
    export KAHI_CALLED_AS="$0"
    exec "$native" "$@"
  fi
done

bundle=$here/kahi.js
[ -e "$bundle" ] || bundle=$here/../../dist/kahi.js
node=${KAHI_NODE:-$here/node}
[ -n "${KAHI_NODE-}" ] || [ -x "$node" ] || node=node
if ! command -v "$node" >/dev/null; then
  if [ -n "${KAHI_NODE-}" ]; then
    echo "kahi: KAHI_NODE names $node, which cannot be run: set it to the path of Node.js 20.19 or newer, or unset it" >&2
  else
    echo 'kahi: there is no program "node" in PATH: install Node.js 20.19 or newer, or set KAHI_NODE to its path' >&2
  fi
  exit 111
fi
flags=
# As in start.c, which says why.
case ${0##*/}:${1-} in
  supervisord:* | init:* | manager:* | *:daemon | *:supervisord | *:init-s6 | *:run | *:manager)
    if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then
      export KAHI_NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"
      unset NODE_EXTRA_CA_CERTS
    fi
    KAHI_NOFILE=$(ulimit -Sn)
    export KAHI_NOFILE
    flags='--no-memory-reducer --v8-pool-size=1'
    ;;
esac
export KAHI_ARGV0="$0"
exec "$node" $flags "$bundle" "$@"
