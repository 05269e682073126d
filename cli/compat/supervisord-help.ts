// The output of `supervisord -h`: the options of the original, with texts of kahi.

/** The help text. */
export const SUPERVISORD_HELP = `supervisord: runs the programs of a supervisord.conf (kahi in its place).

Usage: supervisord [options]

  -c, --configuration FILE      the configuration; searched for when not given
  -n, --nodaemon                stay in the foreground
  -s, --silent                  no log on standard output
  -h, --help                    print this and exit
  -v, --version                 print the version of supervisord that is stood in for
  -u, --user USER               switch to this user, by name or number
  -m, --umask UMASK             umask when going into the background (022)
  -d, --directory DIRECTORY     directory to change to when going into the background
  -l, --logfile FILE            activity log
  -y, --logfile_maxbytes BYTES  size at which it is rotated
  -z, --logfile_backups NUMBER  rotated logs to keep
  -e, --loglevel LEVEL          critical, error, warn, info, debug, trace or blather
  -j, --pidfile FILE            file that holds the process id
  -i, --identifier NAME         name of this daemon in the names of AUTO logs
  -q, --childlogdir DIRECTORY   directory of AUTO logs
  -k, --nocleanup               keep AUTO logs of earlier runs
  -a, --minfds NUMBER           least number of open files
      --minprocs NUMBER         least number of processes
  -t, --strip_ansi              take terminal escape sequences out of logs
`
