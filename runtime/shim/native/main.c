/*
 * kahi-shim: the parent of every service that kahi runs.
 *
 * The daemon process (Node) decides which programs run. This program, the helper, does what Node cannot do: it starts
 * processes with all their attributes, makes real pipes, reaps every process, and knows how each process ended. The
 * helper makes no decisions: it restarts only a daemon process, and only if that daemon process asked for it.
 *
 * Mode `child`: the daemon process starts kahi-shim with a unix stream socket on descriptor 3. Both send the frames of
 * protocol.md over this socket. kahi-shim is two processes, the helper and a guard above the helper (guard.c). The helper
 * is the subreaper: processes that services leave behind become its children. When the daemon process exits, descriptor 3
 * reaches its end. Then the helper kills all its descendants.
 *
 * Mode `parent`: the helper is PID 1 of a container, or a user starts it. The helper starts the daemon process, which gets
 * the other end of the socket as its descriptor 3. The helper passes on every signal, reaps every orphan, and exits with
 * the exit code of the daemon process. When the socket is closed (the daemon process uses its fallback, or will exit
 * soon), the helper continues as a plain init.
 *
 * A daemon process in mode `parent` may send SURVIVE. If this daemon process dies without a QUIT, the helper keeps all
 * processes and starts the daemon process again. The new daemon process asks with LIST which slots exist. The helper
 * keeps signals until the new daemon process is ready to handle them.
 *
 * Memory: the helper handles a request inside the receive buffer (argv and environment point into it). So a spawn copies
 * only what fork() copies. The main loop never waits for one process: children report through pipes (pending.c).
 */
#include "shim.h"

#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int null_fd = -1, signal_fd = -1;

/* Closes all descriptors from `first` on, which the helper inherited from the process that started it. */
static void close_inherited(int first) {
  if (close_between(first, INT32_MAX)) return;
  long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < (limit > 0 && limit < 65536 ? limit : 65536); fd++)
    close(fd);
}

const char *start_step = "open /dev/null";

/* Gives whether descriptor 3 is a unix stream socket and the descriptors 0 to 2 are open. */
static bool check_link(void) {
  int type = 0;
  socklen_t size = sizeof type;
  start_step = "open /dev/null";
  while ((null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && null_fd < LINK)
    if (fcntl(null_fd, F_SETFD, 0) < 0) return false;
  if (null_fd < 0) return false;
  start_step = "use descriptor 3, which must be the socket to kahi";
  if (getsockopt(LINK, SOL_SOCKET, SO_TYPE, &type, &size) < 0) return false;
  errno = EPROTOTYPE;
  return type == SOCK_STREAM && fcntl(LINK, F_SETFD, FD_CLOEXEC) == 0 && fcntl(LINK, F_SETFL, O_NONBLOCK) == 0;
}

bool set_up(void) {
  if (!check_link()) return false;
  start_step = "set up the helper";
  if (!open_watches() || !open_notices() || !has_room()) return false;
  if (!link_to_daemon.is_parent) {
    daemon_pid = getppid();
    if (!start_guard()) return false;
  }
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && set_up_signals();
}

/* Waits for the next events and handles them. */
static void serve_once(void) {
  bool is_up = link_to_daemon.is_up;
  short events = (short)((unsent() > 0 ? POLLOUT : 0) | (unsent() < PAUSE_OUT && has_room() ? POLLIN : 0));
  struct pollfd wait[4] = { { .fd = is_up ? LINK : -1, .events = events },
                            { .fd = signal_fd, .events = POLLIN },
                            { .fd = watch_epoll, .events = POLLIN },
                            { .fd = is_up ? notify_epoll : -1, .events = POLLIN } };
  if (poll(wait, 4, pending_timeout()) < 0) {
    if (errno != EINTR) finish(1);
    return;
  }
  if (wait[3].revents) take_notices(); /* before the exit of the sender is reported */
  if (wait[2].revents) call_watches();
  if (wait[1].revents) {
    drain_signals();
    reap(link_to_daemon.is_up);
  }
  check_pending();
  if (link_to_daemon.has_ended || !link_to_daemon.is_up) return;
  if (wait[0].revents & (POLLHUP | POLLERR)) cut_link(1);
  else if (wait[0].revents & POLLIN && !receive()) cut_link(1);
}

static _Noreturn void serve(void) {
  greet();
  for (;;) {
    if (link_to_daemon.is_up && !(flush() && work())) cut_link(1);
    if (link_to_daemon.is_up) tell_untold();
    if (link_to_daemon.has_ended)
      replace_daemon(); /* not in serve_once(): cut_link() may reap the daemon process too */
    serve_once();
  }
}

/* Prints the user id of the process at the other end of the unix socket on descriptor 3. Node.js has no call for this. */
static int print_peer(void) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(LINK, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid == 0) return 1;
  printf("%lu\n", (unsigned long)peer.uid);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("kahi-shim protocol %d\n", PROTOCOL);
    return 0;
  }
  if (argc == 2 && strcmp(argv[1], "peer") == 0) return print_peer();
  bool is_parent = link_to_daemon.is_parent = argc > 2 && strcmp(argv[1], "parent") == 0;
  if (!is_parent && (argc != 2 || strcmp(argv[1], "child") != 0)) {
    fprintf(stderr, "usage: kahi-shim parent PROGRAM [ARGUMENT ...]\n"
                    "Runs PROGRAM (kahi daemon) as its parent, for instance as PID 1: passes on signals, reaps "
                    "orphans, ends with its code.\n"
                    "kahi itself starts kahi-shim child, with a unix stream socket on descriptor 3.\n");
    return 2;
  }
  close_inherited(is_parent ? LINK : LINK + 1);
  if (is_parent ? !start_daemon(argv + 2) : !set_up()) {
    complain("cannot %s: %s", start_step, strerror(errno));
    return 2;
  }
  serve();
}
