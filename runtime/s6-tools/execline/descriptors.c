/* Commands that change descriptors: fdblock, fdclose, fdmove, fdreserve, fdswap, piperw, redirfd. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

bool move_descriptor(int to, int from) {
  int flags = to == from ? fcntl(from, F_GETFD) : 0;
  if (to == from) return flags < 0 || fcntl(from, F_SETFD, flags & ~FD_CLOEXEC) == 0;
  int done;
  do
    done = dup2(from, to);
  while (done < 0 && errno == EINTR);
  if (done < 0) return false;
  close(from);
  return true;
}

static bool set_blocking(int fd, bool blocks) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == 0;
}

int el_fdblock(int argc, char **argv) {
  static const char usage[] = "fdblock [ -n ] fd prog...";
  struct options at = { 0 };
  bool blocks = true;
  unsigned int fd;
  for (int letter; (letter = next_option(argc, argv, "n", &at)) != -1; blocks = false)
    if (letter == '?') die_usage(usage);
  if (argc - at.index < 2 || !read_number(argv[at.index], &fd)) die_usage(usage);
  if (!set_blocking((int)fd, blocks)) die_system(blocks ? "unable to ndelay_off" : "unable to ndelay_on");
  go_on_with(argv + at.index + 1);
}

int el_fdclose(int argc, char **argv) {
  unsigned int fd;
  if (argc < 3 || !read_number(argv[1], &fd)) die_usage("fdclose fd prog...");
  close((int)fd);
  go_on_with(argv + 2);
}

int el_fdmove(int argc, char **argv) {
  static const char usage[] = "fdmove [ -c ] to from prog...";
  struct options at = { 0 };
  bool copies = false;
  unsigned int to, from;
  for (int letter; (letter = next_option(argc, argv, "c", &at)) != -1; copies = true)
    if (letter == '?') die_usage(usage);
  argv += at.index;
  if (argc - at.index < 3 || !read_number(argv[0], &to) || !read_number(argv[1], &from)) die_usage(usage);
  bool done = copies ? dup2((int)from, (int)to) >= 0 : move_descriptor((int)to, (int)from);
  if (copies && to == from) {
    errno = EINVAL; /* fd_copy of skalibs fails with this error */
    done = false;
  }
  if (!done) die_system("unable to move fd %s to fd %s", argv[1], argv[0]);
  go_on_with(argv + 2);
}

int el_fdswap(int argc, char **argv) {
  unsigned int a, b;
  if (argc < 4 || !read_number(argv[1], &a) || !read_number(argv[2], &b)) die_usage("fdswap fd1 fd2 prog...");
  if (a != b) {
    int spare = dup((int)a);
    if (spare < 0 || dup2((int)b, (int)a) < 0 || dup2(spare, (int)b) < 0) die_system("unable to swap fds");
    close(spare);
  }
  go_on_with(argv + 3);
}

/* Sets FD0, FD1 … to numbers of descriptors that are free now. */
int el_fdreserve(int argc, char **argv) {
  struct rlimit limit;
  unsigned int count;
  if (argc < 3 || !read_number(argv[1], &count)) die_usage("fdreserve n prog...");
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die_system("unable to getrlimit");
  if (count > limit.rlim_cur) die(EXIT_USAGE, "too many requested fds");
  int *fds = allocate(count, sizeof *fds);
  for (unsigned int i = 0; i < count; i++) {
    fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fds[i] < 0) die_system("unable to reserve fds");
  }
  for (unsigned int i = 0; i < count; i++) {
    char name[16];
    close(fds[i]);
    snprintf(name, sizeof name, "FD%u", i);
    set_next_number(name, (unsigned int)fds[i]);
  }
  free(fds);
  go_on_with(argv + 2);
}

int el_piperw(int argc, char **argv) {
  unsigned int reads, writes;
  int ends[2];
  if (argc < 4 || !read_number(argv[1], &reads) || !read_number(argv[2], &writes) || reads == writes)
    die_usage("piperw fdr fdw prog...");
  if (pipe(ends) < 0) die_system("unable to create pipe");
  if (ends[1] == (int)reads) ends[1] = dup(ends[1]);
  if (ends[1] < 0 || !move_descriptor((int)reads, ends[0]) || !move_descriptor((int)writes, ends[1]))
    die_system("unable to move fds");
  go_on_with(argv + 3);
}

/* ---- redirfd ----------------------------------------------------------------------------------------------- */

struct redirection {
  int access, flags;       /* for open(); access -1: no option has set it */
  bool changes_mode;       /* after the file is open: blocking becomes non-blocking, or the other way round */
  bool takes_any, imports; /* any free number is used; it is exported as a variable, or substituted in the words */
};

static bool is_redirection_option(int letter, struct redirection *how) {
  enum { KINDS = O_APPEND | O_CREAT | O_TRUNC | O_EXCL };
  switch (letter) {
    case 'r': how->access = O_RDONLY, how->flags &= ~KINDS; break;
    case 'u': how->access = O_RDWR, how->flags &= ~KINDS; break;
    case 'w': how->access = O_WRONLY, how->flags = (how->flags & ~KINDS) | O_CREAT | O_TRUNC; break;
    case 'a': how->access = O_WRONLY, how->flags = (how->flags & ~KINDS) | O_CREAT | O_APPEND; break;
    case 'x': how->access = O_WRONLY, how->flags = (how->flags & ~KINDS) | O_CREAT | O_EXCL; break;
    case 'n': how->flags |= O_NONBLOCK; break;
    case 'b': how->changes_mode = true; break;
    case 'N': how->flags &= ~O_NONBLOCK; break; /* this option and the next ones: since 2.9.9 */
    case 'f': how->takes_any = true; break;
    case 'E':
    case 'e': how->imports = letter == 'E'; break;
    default: return false;
  }
  return true;
}

/*
 * Opens the file. A FIFO without a reader refuses a writer that does not wait (ENXIO). So this process first opens the FIFO
 * for reading, and closes that descriptor when the writing end is open.
 */
static int open_target(const char *file, const struct redirection *how) {
  int fd = open(file, how->access | how->flags, 0666);
  if (fd < 0 && how->access == O_WRONLY && errno == ENXIO) {
    int reader = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (reader < 0) die_system("unable to open_read %s", file);
    fd = open(file, how->access | how->flags, 0666);
    int error = errno;
    close(reader);
    errno = error;
  }
  if (fd < 0) die_system("unable to open %s", file);
  return fd;
}

int el_redirfd(int argc, char **argv) {
  static const char usage[] = "redirfd -[ r | w | u | a | x ] [ -n ] [ -b ] fd file prog...";
  struct options at = { 0 };
  struct redirection how = { .access = -1 };
  unsigned int place = 0;
  for (int letter; (letter = next_option(argc, argv, "rwuaxnbNfEe", &at)) != -1;)
    if (!is_redirection_option(letter, &how)) die_usage(usage);
  argv += at.index;
  if (argc - at.index < 3 || how.access < 0) die_usage(usage);
  if (!how.takes_any && !read_number(argv[0], &place)) die_usage(usage);
  int fd = open_target(argv[1], &how);
  if (!how.takes_any && !move_descriptor((int)place, fd)) die_system("unable to move fd %d to fd %s", fd, argv[0]);
  if (!how.takes_any) fd = (int)place;
  if (how.changes_mode && !set_blocking(fd, how.flags & O_NONBLOCK)) die_system("unable to change blocking mode");
  if (!how.takes_any) go_on_with(argv + 2);
  char number[16];
  snprintf(number, sizeof number, "%d", fd);
  go_on_having(argv + 2, argv[0], number, how.imports);
}
