#!/bin/sh
# Starts kahi.js, which lies beside this file; works through links. The name it was called with says which
# program it is (`supervisord`), so that name is handed on.
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -h "$self" ]; do
  target=$(readlink "$self") || break
  case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
if ! command -v node >/dev/null; then
  echo 'kahi: there is no program "node" in PATH: install Node.js 20.19 or newer' >&2
  exit 111
fi
flags=
# Node 20 reads extra certificates at start, which costs 55 ms; daemons hand them on to what they run instead.
case ${0##*/}:${1-} in
  supervisord:* | init:* | *:daemon | *:supervisord | *:init-s6)
    if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then
      export KAHI_NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"
      unset NODE_EXTRA_CA_CERTS
    fi
    # Node raises its soft limit of open files; programs get the one that was there.
    KAHI_NOFILE=$(ulimit -Sn)
    export KAHI_NOFILE
    # No looking after an idle heap, which would wake the daemon; one helper thread, because each of the usual four
    # costs memory. Unlike most flags these leave Node its compiled modules (runtime/system/heap.ts sets the others).
    flags='--no-memory-reducer --v8-pool-size=1'
    # Node reaps no orphans and cannot start itself again: as PID 1, and to survive, the native helper is Node's parent,
    # where it can be executed and is not our parent already.
    case "$$ $* " in
      "1 "* | *" --survive "*) parent=${KAHI_SHIM-} ;;
      *) parent=none ;;
    esac
    case ${KAHI_SHIM_PARENT-} in $PPID:*) parent=none ;; esac
    if [ "$parent" != none ]; then
      shim=${KAHI_SHIM:-${self%/*}/kahi-shim}
      if "$shim" --version >/dev/null 2>&1; then
        export KAHI_ARGV0="$0"
        exec "$shim" parent node $flags "${self%/*}/kahi.js" "$@"
      fi
    fi
    ;;
esac
export KAHI_ARGV0="$0"
exec node $flags "${self%/*}/kahi.js" "$@"
