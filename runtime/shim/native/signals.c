/* Signals for the daemon process: the helper passes them on, or keeps them while no daemon process handles signals. */
#include "shim.h"

#include <sys/signalfd.h>

static const int ignored[] = { SIGPIPE, SIGTTIN, SIGTTOU }; /* signals from terminals and pipes */
static const int of_child[] = { SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };
static const int not_of_parent[] = { SIGFPE,  SIGILL, SIGSEGV, SIGBUS,  SIGABRT,
                                     SIGTRAP, SIGSYS, SIGPIPE, SIGTTIN, SIGTTOU };

/* Whether the daemon process handles signals. A daemon process that was started again says so with SURVIVE. */
static bool hears = true;
static sigset_t kept; /* signals that wait until the daemon process handles signals */
static long long kept_since_ms[65];

/* Fills in the signals that the helper takes. Mode `parent`: all signals except those that the kernel sends for faults. */
static void fill_taken(sigset_t *set) {
  sigemptyset(set);
  if (link_to_daemon.is_parent) sigfillset(set);
  for (size_t i = 0; link_to_daemon.is_parent && i < sizeof not_of_parent / sizeof *not_of_parent; i++)
    sigdelset(set, not_of_parent[i]);
  for (size_t i = 0; i < sizeof of_child / sizeof *of_child; i++)
    sigaddset(set, of_child[i]);
}

/* Sets all signals to their default, and ignores some. The signals that the helper takes arrive through signal_fd. */
bool set_up_signals(void) {
  struct sigaction action = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
  sigset_t set;
  for (int number = 1; number <= 64; number++)
    sigaction(number, &action, NULL);
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    sigaction(ignored[i], &ignore, NULL);
  fill_taken(&set);
  if (sigprocmask(SIG_SETMASK, &set, NULL) < 0) return false;
  signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signal_fd >= 0;
}

/* Sets all signals as a new process expects them. Only those in `ignored` differ from the default in the helper. */
void reset_signals(void) {
  struct sigaction action = { .sa_handler = SIG_DFL };
  sigset_t none;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    sigaction(ignored[i], &action, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool asks_for_end(int number) {
  return number == SIGTERM || number == SIGINT || number == SIGQUIT;
}

/* Gives whether one of the kept signals asks the daemon process to exit. */
bool is_end_kept(void) {
  return sigismember(&kept, SIGTERM) == 1 || sigismember(&kept, SIGINT) == 1 || sigismember(&kept, SIGQUIT) == 1;
}

static void send_to_daemon(int number) {
  if (daemon_pid > 0 && (link_to_daemon.is_parent || link_to_daemon.is_up)) kill(daemon_pid, number);
}

/*
 * Sends the signal to the daemon process, or keeps it for the next one. A second signal that asks for the exit, while no
 * daemon process handles signals, ends the helper and all processes.
 */
static void pass_on(int number) {
  if (hears) {
    send_to_daemon(number);
    return;
  }
  long long now = now_ms();
  bool is_same = sigismember(&kept, number) == 1 && now - kept_since_ms[number] < SAME_SIGNAL_MS;
  if (is_same) return;
  if (asks_for_end(number) && is_end_kept()) {
    send_to_daemon(SIGKILL);
    finish(128 + number);
  }
  sigaddset(&kept, number);
  kept_since_ms[number] = now;
}

/* Keeps all signals from now on for the next daemon process. */
void keep_signals(void) {
  hears = false;
}

/* Sends the kept signals: the daemon process handles signals from now on. */
void deliver_kept_signals(void) {
  hears = true;
  for (int number = 1; number <= 64; number++)
    if (sigismember(&kept, number) == 1) send_to_daemon(number);
  sigemptyset(&kept);
}

/* Stops keeping signals: the helper is about to exit. */
void stop_keeping_signals(void) {
  hears = true;
}

/* Reads the signals that arrived. Does not pass on signals that the daemon process sent itself. reap() handles SIGCHLD. */
void drain_signals(void) {
  struct signalfd_siginfo info[16];
  ssize_t size;
  while ((size = read(signal_fd, info, sizeof info)) > 0)
    for (size_t i = 0; i < (size_t)size / sizeof *info; i++)
      if (info[i].ssi_signo != SIGCHLD && (pid_t)info[i].ssi_pid != daemon_pid) pass_on((int)info[i].ssi_signo);
}
