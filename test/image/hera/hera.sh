#!/bin/sh
# Stands in for Hera: does with tunnels exactly what its service code does, prints what it sees, then waits for its end.
# Source: hera 0.2, service.go and tunnel.go.

services=/var/run/s6/services
tunnels=$(seq -f 'tunnel-%g.example.com' 20)

fail() {
  echo "hera: failed: $*"
  exit 1
}

# Makes the files of a tunnel, or lets s6 start it again. Whether it is supervised is asked before its files are there: the scan
# for another tunnel may find them, and who then waits for the end of what has just begun waits without end.
start() {
  directory=$services/$1 known=
  [ ! -d "$directory/supervise" ] || known=yes
  mkdir -p "$directory" || fail mkdir
  printf 'hostname: %s\nurl: 10.0.0.1:80\n' "$1" > "$directory/config.yml"
  cp /tunnel "$directory/run" && chmod 755 "$directory/run" || fail run
  if [ -z "$known" ]; then
    s6-svscanctl -a $services || fail s6-svscanctl
  elif s6-svstat -u "$directory" | grep -q true; then
    s6-svwait -d "$directory" && s6-svc -u "$directory" || fail restart
  else
    s6-svc -u "$directory" || fail s6-svc
  fi
}

stop() {
  s6-svc -d "$services/$1" || fail stop
}

until_up() {
  until s6-svok "$services/$1"; do sleep 0.02; done
  s6-svwait -u "$services/$1" || fail "no $1"
}

until_down() {
  s6-svwait -d "$services/$1" || fail "$1 stays"
}

each() {
  for tunnel in $tunnels; do "$1" "$tunnel" & done
  wait
}

lives() {
  for _ in $(seq 25); do
    stop "$1"
    until_down "$1"
    start "$1"
    until_up "$1"
  done
}

count_up() {
  for tunnel in $tunnels; do s6-svstat -u "$services/$tunnel"; done | grep -c true
}

# Of PID 1 and its children, which are kahi.
count_files() {
  for pid in 1 $(cat /proc/1/task/*/children); do
    case $(tr '\0' ' ' < /proc/$pid/cmdline) in *kahi* | *init*) ls /proc/$pid/fd | wc -l ;; esac
  done | tr '\n' ' '
}

# The same, when it no longer changes.
settled_files() {
  last= same=0
  while [ $same -lt 5 ]; do
    now=$(count_files)
    [ "$now" = "$last" ] && same=$((same + 1)) || same=0
    last=$now
    sleep 0.1
  done
  echo "$now"
}

count_zombies() {
  grep -l '^State:.Z' /proc/[0-9]*/status 2> /dev/null | wc -l
}

each start
each until_up
echo "hera: $(count_up) up, config in $(wc -l < $services/tunnel-7.example.com/config.yml) lines"
before=$(settled_files)
each lives
echo "hera: $(count_up) up after 1000 events"
# a tunnel that restarts: Hera waits for its end first
stop tunnel-1.example.com && start tunnel-1.example.com
until_up tunnel-1.example.com
each stop
each until_down
echo "hera: $(count_up) up after the stop"
each start
each until_up
after=$(settled_files)
[ "$before" = "$after" ] && echo "hera: as many open files" || echo "hera: files were $before, are $after"
echo "hera: $(count_up) up, $(count_zombies) zombies"
exec sleep 1000
