/* Tools that change one attribute of the process and then execute another program. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- s6-setsid --------------------------------------------------------------------------------------------- */

/* Handles a failed step: -i exits, -I (the default) warns, -q prints no message. */
static void judge(int result, const char *what, bool strict, bool quiet) {
  if (result >= 0) return;
  if (strict) die_system("unable to %s", what);
  if (!quiet) warn_system("unable to %s", what);
}

int s6_setsid(int argc, char **argv) {
  static const char usage[] = "s6-setsid [ -s | -b | -f | -g ] [ -i | -I | -q ] [ -d ctty ] prog...";
  struct options at = { 0 };
  int mode = 's';
  bool strict = false, quiet = false, has_terminal = false;
  unsigned int terminal = 0;
  for (int letter; (letter = next_option(argc, argv, "sbfgiIqd:", &at)) != -1;)
    switch (letter) {
      case 's':
      case 'b':
      case 'f':
      case 'g': mode = letter; break;
      case 'i': strict = true; break;
      case 'I': strict = false; break;
      case 'q': quiet = true; break;
      case 'd':
        if (!read_number(at.word, &terminal)) die_usage(usage);
        has_terminal = true;
        break;
      default: die_usage(usage);
    }
  if (at.index >= argc) die_usage(usage);
  bool in_front = mode == 'f' || mode == 'g';
  int fd = has_terminal || !in_front ? (int)terminal : open("/dev/tty", O_RDONLY | O_CLOEXEC);
  if (fd < 0) die_system("unable to open /dev/tty");
  if (mode == 's') judge(setsid(), "setsid", strict, quiet);
  else judge(setpgid(0, 0), "setpgid", strict, quiet);
  if (in_front) {
    if (mode == 'g') signal(SIGTTOU, SIG_IGN);
    judge(tcsetpgrp(fd, getpid()), "tcsetpgrp", strict, quiet);
    if (mode == 'g') signal(SIGTTOU, SIG_DFL);
  }
  become(argv + at.index);
}

/* ---- s6-softlimit ------------------------------------------------------------------------------------------ */

static const char LIMIT_USAGE[] =
  "s6-softlimit [ -H | -h ] [ -a allbytes ] [ -c corebytes ] [ -d databytes ] [ -f filebytes ] [ -l lockbytes ] "
  "[ -m membytes ] [ -o openfiles ] [ -p processes ] [ -r residentbytes ] [ -s stackbytes ] [ -t cpusecs ] prog...";

/* Sets the soft limit, the hard limit or both. `=` means the highest possible value. */
static void limit(int resource, const char *word, bool soft, bool hard) {
  struct rlimit now;
  uint64_t value;
  if (getrlimit(resource, &now) < 0) die_system("unable to getrlimit");
  if (strcmp(word, "=") == 0) value = hard ? RLIM_INFINITY : now.rlim_max;
  else if (!read_large(word, &value)) die_usage(LIMIT_USAGE);
  if (hard) now.rlim_max = value;
  if (soft) now.rlim_cur = value > now.rlim_max ? now.rlim_max : value;
  if (setrlimit(resource, &now) < 0) die_system("unable to setrlimit");
}

int s6_softlimit(int argc, char **argv) {
  static const struct {
    char letter;
    int resource;
  } LIMITS[] = {
    { 'a', RLIMIT_AS },      { 'c', RLIMIT_CORE },   { 'd', RLIMIT_DATA },  { 'f', RLIMIT_FSIZE },
    { 'l', RLIMIT_MEMLOCK }, { 'm', RLIMIT_DATA },   { 'm', RLIMIT_STACK }, { 'm', RLIMIT_MEMLOCK },
    { 'm', RLIMIT_AS },      { 'o', RLIMIT_NOFILE }, { 'p', RLIMIT_NPROC }, { 'P', RLIMIT_RTPRIO },
    { 'r', RLIMIT_RSS },     { 's', RLIMIT_STACK },  { 't', RLIMIT_CPU },
  };
  struct options at = { 0 };
  bool soft = true, hard = false;
  for (int letter; (letter = next_option(argc, argv, "hHa:c:d:f:l:m:o:P:p:r:s:t:", &at)) != -1;) {
    if (letter == '?') die_usage(LIMIT_USAGE);
    if (letter == 'h' || letter == 'H') {
      hard = true;
      soft = letter == 'H';
      continue;
    }
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++)
      if (LIMITS[i].letter == letter) limit(LIMITS[i].resource, at.word, soft, hard);
  }
  if (at.index >= argc) die_usage(LIMIT_USAGE);
  become(argv + at.index);
}

/* ---- s6-setlock -------------------------------------------------------------------------------------------- */

static const char *lock_file;

static void end_waiting(int number) {
  (void)number;
  die(1, "lock %s: timed out", lock_file);
}

static int open_lock(const char *file, bool exclusive) {
  int fd = open(file, exclusive ? O_WRONLY | O_CREAT | O_NONBLOCK : O_RDONLY | O_NONBLOCK, 0666);
  if (fd < 0 && !exclusive && errno == ENOENT) {
    int made = open(file, O_WRONLY | O_CREAT, 0666);
    if (made < 0) die_system("unable to create %s", file);
    close(made);
    fd = open(file, O_RDONLY | O_NONBLOCK);
  }
  if (fd < 0) die_system("unable to open %s for %s", file, exclusive ? "writing" : "reading");
  return fd;
}

int s6_setlock(int argc, char **argv) {
  static const char usage[] = "s6-setlock [ -r | -w ] [ -n | -N ] [ -t timeout ] [ -d fd ] lockfile prog...";
  struct options at = { 0 };
  bool exclusive = true, wait = true, has_place = false;
  unsigned int timeout = 0, place = 0;
  for (int letter; (letter = next_option(argc, argv, "nNrwt:d:", &at)) != -1;)
    switch (letter) {
      case 'n':
      case 'N': wait = letter == 'N'; break;
      case 'r':
      case 'w': exclusive = letter == 'w'; break;
      case 't':
        if (!read_number(at.word, &timeout)) die_usage(usage);
        break;
      case 'd':
        if (!read_number(at.word, &place)) die_usage(usage);
        has_place = true;
        break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  lock_file = argv[at.index];
  int fd = open_lock(lock_file, exclusive), done;
  struct flock lock = { .l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET };
  struct itimerval clock = { .it_value = { timeout / 1000, timeout % 1000 * 1000 } }, none = { 0 };
  if (timeout > 0) signal(SIGALRM, end_waiting);
  setitimer(ITIMER_REAL, &clock, NULL);
  do
    done = fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock);
  while (done < 0 && errno == EINTR);
  setitimer(ITIMER_REAL, &none, NULL);
  if (done < 0) {
    if (errno == EACCES || errno == EAGAIN) errno = EBUSY;
    die_system_with(1, "unable to lock %s", lock_file);
  }
  if (has_place && (int)place != fd && dup2(fd, (int)place) < 0) die_system("unable to move lock descriptor");
  if (has_place && (int)place != fd) close(fd);
  become(argv + at.index + 1);
}

/* ---- s6-nice, s6-sleep, s6-pause --------------------------------------------------------------------------- */

int s6_nice(int argc, char **argv) {
  static const char usage[] = "s6-nice [ -I | -i ] [ -n value ] prog...";
  struct options at = { 0 };
  int increment = 10;
  bool strict = false;
  for (int letter; (letter = next_option(argc, argv, "Iin:", &at)) != -1;) {
    if (letter == '?' || (letter == 'n' && !read_integer(at.word, &increment))) die_usage(usage);
    if (letter != 'n') strict = letter == 'i';
  }
  if (at.index >= argc) die_usage(usage);
  char what[32];
  snprintf(what, sizeof what, "nice to %d", increment);
  errno = 0;
  int level = nice(increment);
  judge(level < 0 && errno != 0 ? -1 : 0, what, strict, false);
  become(argv + at.index);
}

int s6_sleep(int argc, char **argv) {
  static const char usage[] = "s6-sleep [ -m ] duration prog...";
  struct options at = { 0 };
  unsigned int count, units = 1;
  for (int letter; (letter = next_option(argc, argv, "m", &at)) != -1;) {
    if (letter == '?') die_usage(usage);
    units = 1000;
  }
  if (at.index >= argc || !read_number(argv[at.index], &count)) die_usage(usage);
  struct timespec rest = { count / units, (long)(count % units) * 1000000 };
  while (nanosleep(&rest, &rest) < 0)
    continue;
  if (at.index + 1 < argc) become(argv + at.index + 1);
  return 0;
}

int s6_pause(int argc, char **argv) {
  static const char usage[] = "s6-pause [ -t ] [ -h ] [ -a ] [ -q ] [ -b ] [ -i ] [ -p signal,signal... ]";
  struct options at = { 0 };
  for (int letter; (letter = next_option(argc, argv, "thaqbip:", &at)) != -1;)
    switch (letter) {
      case 't': signal(SIGTERM, SIG_IGN); break;
      case 'h': signal(SIGHUP, SIG_IGN); break;
      case 'a': signal(SIGALRM, SIG_IGN); break;
      case 'q': signal(SIGQUIT, SIG_IGN); break;
      case 'b': signal(SIGABRT, SIG_IGN); break;
      case 'i': signal(SIGINT, SIG_IGN); break;
      case 'p':
        for (const char *word = at.word; *word != '\0'; word += strspn(word, ",")) {
          size_t length = strcspn(word, ",");
          char text[16];
          unsigned int number;
          snprintf(text, sizeof text, "%.*s", (int)length, word);
          if (length >= sizeof text || !read_number(text, &number)) die_usage(usage);
          signal((int)number, SIG_IGN);
          word += length;
        }
        break;
      default: die_usage(usage);
    }
  pause();
  return 0;
}
