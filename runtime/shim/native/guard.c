/*
 * The guard: a process above the helper. In mode `child` the daemon process starts the guard, and the guard starts the
 * helper. When the helper ends in any way, its descendants become descendants of the guard. The guard kills them and ends
 * as the helper did. So no process is left when the helper is killed, even together with the daemon process. When the
 * guard is killed, the helper notices it, kills all descendants and exits. A helper that is PID 1 needs no guard: the
 * kernel then kills all processes of the container.
 */
#include "shim.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

pid_t guard_pid;
static struct watch guard_watch = { .fd = -1 };

static void wait_ms(long milliseconds) {
  struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
  nanosleep(&time, NULL);
}

/* Kills all processes that the helper left behind, then ends with the exit code or the signal of the helper. */
static _Noreturn void end_as(int status) {
  for (long long deadline = now_ms() + END_MS; kill_descendants(0) && now_ms() < deadline; wait_ms(5))
    while (waitpid(-1, NULL, WNOHANG) > 0)
      continue;
  if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
  struct rlimit none = { 0, 0 };
  setrlimit(RLIMIT_CORE, &none);
  reset_signals();
  raise(WTERMSIG(status));
  _exit(128 + WTERMSIG(status));
}

/*
 * Waits until the helper ends. All signals are blocked. The guard passes signals on to the daemon process, as the helper
 * does. When the daemon process has ended, the kernel sends SIGALRM to the guard. A helper that does not end soon after
 * that is stopped or hangs, so the guard kills it.
 */
static _Noreturn void be_guard(pid_t helper) {
  const struct timespec patience = { END_MS / 1000 + 2, 0 };
  sigset_t all;
  siginfo_t info;
  sigfillset(&all);
  prctl(PR_SET_PDEATHSIG, SIGALRM, 0, 0, 0);
  for (;;) {
    bool is_alone = getppid() != daemon_pid;
    int status, number = is_alone ? sigtimedwait(&all, &info, &patience) : sigwaitinfo(&all, &info);
    if (is_alone && number < 0 && errno == EAGAIN) kill(helper, SIGKILL);
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == helper) end_as(status);
    bool is_for_daemon = number == SIGTERM || number == SIGINT || number == SIGQUIT || number == SIGHUP ||
                         number == SIGUSR1 || number == SIGUSR2;
    if (is_for_daemon && info.si_pid != daemon_pid && getppid() == daemon_pid) kill(daemon_pid, number);
  }
}

static void guard_ended(struct watch *watch) {
  stop_watch(watch);
  finish(1);
}

/* Forks: the parent becomes the guard, and the child returns as the helper. If fork() fails, there is no guard. */
bool start_guard(void) {
  int ends[2];
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || pipe2(ends, O_CLOEXEC) < 0) return false;
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all,
              &before); /* the helper may end at once: from here on SIGCHLD stays pending until the guard reads it */
  guard_pid = getpid();
  pid_t helper = fork();
  if (helper > 0) {
    close(LINK);
    close(ends[0]);
    be_guard(helper);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (helper == 0) return start_watch(&guard_watch, ends[0], guard_ended);
  guard_pid = 0;
  close(ends[0]);
  return true;
}

/* False while the guard is stopped: a crash of the helper would then leave processes behind. */
bool is_guard_well(void) {
  struct process process;
  return guard_pid == 0 || !read_process(guard_pid, &process) || (process.state != 'T' && process.state != 't');
}
