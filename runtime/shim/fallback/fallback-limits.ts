// What does not work without the native helper, as sentences for the daemon's log.

/** What the fallback cannot do. */
export const FALLBACK_LIMITS: readonly string[] = [
  'Supplementary groups of users are lost.',
  'Every process gets a session of its own, not only a process group.',
  'A process killed by a real-time signal looks as if it had ended with exit status 0; core dumps are not noticed.',
  'Processes that lost their parent are not reaped when kahi is PID 1.',
  'Descriptors that kahi itself was started with stay open in the processes.',
  'Programs with nice, oom_score_adj, limits, capabilities, no_new_privs or pdeathsig are not started.',
  'FastCGI programs, and programs with ready = { notify = true }, are not started: only the helper can make their socket.',
  'Pipes are made with the program mkfifo in the directory for temporary files, where kahi must be able to write.',
  'Limits of open files and processes are those of Node: minfds and minprocs have no effect.',
  'Nothing is sent to syslog.',
  'There is no scan directory for the tools of s6.',
  'Starting a process takes several times as long, and blocks the daemon meanwhile.',
]
