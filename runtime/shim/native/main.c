/*
 * kahi-shim: the parent of every service that kahi runs.
 *
 * The brain (a Node process) decides what runs; this program does what Node cannot: spawn quickly and
 * completely, make real pipes, reap everything, know exactly how a process ended. It holds no policy:
 * it restarts nothing but a brain that wanted it, and has no timers but for that and for its own end.
 *
 * Mode `child`: the brain starts us with a unix stream socket on descriptor 3 and speaks the frames of
 * protocol.md over it. We are the subreaper of all that the services leave behind. When the brain is
 * gone, so that descriptor 3 reaches its end, every process group that we started is killed.
 *
 * Mode `parent`: we start the brain, as PID 1 of a container or by hand, with its end of the socket on its
 * descriptor 3. We pass on every signal, reap every orphan and end with the brain's exit code. Without the
 * link (a brain that uses its fallback, or is about to end) we go on as a plain init.
 *
 * A parent that was told to SURVIVE keeps everything when its brain dies without a QUIT and starts the brain again, which
 * then asks for the LIST of what we hold. Signals that come before the new brain says that it hears them wait for it.
 *
 * Memory: a request is worked on inside the receive buffer (argv and environment point into it), so
 * spawning copies nothing. The child runs on a stack of its own in our memory until it has executed
 * its program (CLONE_VM | CLONE_VFORK), hence it may only make system calls and must not change a global.
 */
#include "shim.h"

#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

int null_fd = -1, signal_fd = -1;

/* Closes what a careless starter left open from `first` on; everything of ours closes itself on exec. */
static void close_inherited(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < (limit > 0 && limit < 65536 ? limit : 65536); fd++) close(fd);
}

/* All signals but those by which the kernel tells us of our own mistakes. */
static void fill_forwarded(sigset_t *set) {
  static const int faults[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE, SIGTTIN, SIGTTOU};
  sigfillset(set);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(set, faults[i]);
}

/*
 * Signals: all default, then those ignored that are meant for the brain; SIGCHLD comes as a readable descriptor. The
 * brain's parent ignores only what a terminal and pipes send, and reads all others from that descriptor.
 */
static bool set_up_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t set;
  for (int number = 1; number <= 64; number++) sigaction(number, &action, NULL);
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  if (link_to_brain.is_parent) fill_forwarded(&set);
  ignore_signals(&set);
  if (sigprocmask(SIG_SETMASK, &set, NULL) < 0) return false;
  signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signal_fd >= 0;
}

bool set_up(void) {
  int type = 0;
  socklen_t size = sizeof type;
  while ((null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && null_fd < BRAIN) /* 0, 1 and 2 must be taken */
    if (fcntl(null_fd, F_SETFD, 0) < 0) return false;
  if (getsockopt(BRAIN, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM) return false;
  if (!open_notices()) return false;
  if (null_fd < 0 || fcntl(BRAIN, F_SETFD, FD_CLOEXEC) < 0 || fcntl(BRAIN, F_SETFL, O_NONBLOCK) < 0) return false;
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && set_up_signals();
}

static _Noreturn void serve(void) {
  greet();
  for (;;) {
    if (link_to_brain.is_up && !flush()) cut_link(1);
    if (link_to_brain.has_ended) replace_brain(); /* here, because cutting the link may have reaped it already */
    struct pollfd wait[3] = {
      {.fd = link_to_brain.is_up ? BRAIN : -1}, {.fd = signal_fd, .events = POLLIN}, {.fd = link_to_brain.is_up ? notify_epoll : -1, .events = POLLIN}};
    wait[0].events = (short)((unsent() > 0 ? POLLOUT : 0) | (unsent() < PAUSE_OUT ? POLLIN : 0));
    if (poll(wait, 3, -1) < 0) {
      if (errno != EINTR) finish(1);
      continue;
    }
    if (wait[2].revents) take_notices(); /* before the end of who said it is told */
    if (wait[1].revents) {
      drain_signals();
      reap(link_to_brain.is_up);
    }
    if (link_to_brain.has_ended) continue;
    if (wait[0].revents & (POLLHUP | POLLERR)) cut_link(1);
    else if (wait[0].revents & POLLIN && !receive()) cut_link(1);
  }
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("kahi-shim protocol %d\n", PROTOCOL);
    return 0;
  }
  bool is_parent = link_to_brain.is_parent = argc > 2 && strcmp(argv[1], "parent") == 0;
  if (!is_parent && (argc != 2 || strcmp(argv[1], "child") != 0)) {
    fprintf(stderr, "usage: kahi-shim parent PROGRAM [ARGUMENT ...]\n"
      "Runs PROGRAM (kahi daemon) as its parent, for instance as PID 1: passes on signals, reaps orphans, ends with its code.\n"
      "kahi itself starts kahi-shim child, with a unix stream socket on descriptor 3.\n");
    return 2;
  }
  close_inherited(is_parent ? BRAIN : BRAIN + 1);
  if (is_parent ? !start_brain(argv + 2) : !set_up()) {
    perror("kahi-shim: cannot start");
    return 2;
  }
  serve();
}
