/*
 * The tally of deaths of a service. Its supervisor writes the tally. s6-svdt shows it, and s6-svdt-clear empties it.
 * s6-permafailon, in a finish script, stops a service permanently when it died too often.
 */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEATHS = 4096, DEATH_BYTES = STAMP_BYTES + 2 }; /* a stamp, the exit code, the signal */

static const char TALLY[] = "supervise/death_tally";

static void print_death(const unsigned char *record, bool by_number) {
  char text[STAMP_TEXT + 1];
  stamp_format(stamp_unpack(record), text);
  int code = record[STAMP_BYTES], number = record[STAMP_BYTES + 1];
  if (number == 0) printf("%s exitcode %d\n", text, code);
  else if (by_number) printf("%s signal %d\n", text, number);
  else printf("%s signal SIG%s\n", text, signal_name(number));
}

/* Opens the tally for reading. Makes an empty tally when the file is missing or incomplete. */
static int open_tally(const char *directory, off_t *size) {
  char file[strlen(directory) + sizeof "/supervise/death_tally"];
  sprintf(file, "%s/supervise/death_tally", directory);
  struct stat found;
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, &found) < 0) die_system("unable to read death tally for service %s", directory);
  if ((fd >= 0 && found.st_size % DEATH_BYTES != 0) || (fd < 0 && errno == ENOENT)) {
    if (fd >= 0) close(fd);
    fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    found.st_size = 0;
  }
  if (fd < 0) die_system("unable to read death tally for service %s", directory);
  *size = found.st_size;
  return fd;
}

int s6_svdt(int argc, char **argv) {
  static const char usage[] = "s6-svdt [ -S | -s ] [ -n maxentries ] servicedir";
  struct options at = { 0 };
  unsigned int limit = MAX_DEATHS;
  bool by_number = false;
  for (int letter; (letter = next_option(argc, argv, "Ssn:", &at)) != -1;) {
    if (letter == '?' || (letter == 'n' && !read_number(at.word, &limit))) die_usage(usage);
    if (letter != 'n') by_number = letter == 's';
  }
  if (at.index >= argc) die_usage(usage);
  if (limit == 0) return 0;
  off_t size;
  int fd = open_tally(argv[at.index], &size);
  off_t wanted = (off_t)(limit > MAX_DEATHS ? MAX_DEATHS : limit) * DEATH_BYTES;
  unsigned char record[DEATH_BYTES];
  for (off_t offset = size > wanted ? size - wanted : 0; offset < size; offset += DEATH_BYTES) {
    if (pread(fd, record, sizeof record, offset) != DEATH_BYTES)
      die_system("unable to read death tally for service %s", argv[at.index]);
    print_death(record, by_number);
  }
  flush_output();
  return 0;
}

int s6_svdt_clear(int argc, char **argv) {
  if (argc < 2) die_usage("s6-svdt-clear servicedir");
  char file[strlen(argv[1]) + sizeof "/supervise/death_tally.new"], fresh[sizeof file];
  sprintf(file, "%s/supervise/death_tally", argv[1]);
  sprintf(fresh, "%s.new", file);
  int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0 || rename(fresh, file) < 0) die_system("unable to clear death tally for service %s", argv[1]);
  return 0;
}

/* ---- s6-permafailon ---------------------------------------------------------------------------------------- */

/* The exit codes and signals that s6-permafailon counts. */
struct deaths {
  bool codes[256];
  sigset_t signals;
};

/* Reads the exit code at the start of the text and moves the text after it. False when there is no exit code. */
static bool take_code(const char **text, unsigned int *code) {
  const char *start = *text;
  for (*code = 0; **text >= '0' && **text <= '9'; ++*text) {
    *code = *code * 10 + (unsigned int)(**text - '0');
    if (*code > 255) die(EXIT_USAGE, "invalid exit code");
  }
  return *text != start;
}

static void take_signal(const char **text, sigset_t *signals) {
  size_t length = strcspn(*text, ",; \n\r\t");
  char *word = strndup(*text, length);
  int number;
  if (word == NULL) die_system("unable to read the status list");
  if (!signal_number(word, &number)) die(EXIT_USAGE, "invalid status list specification");
  if (sigaddset(signals, number) < 0) die(EXIT_USAGE, "invalid signal");
  free(word);
  *text += length;
}

/* Reads exit codes, ranges of exit codes (`1-9`) and names of signals. */
static void read_statuses(const char *text, struct deaths *deaths) {
  sigemptyset(&deaths->signals);
  while (*text != '\0') {
    unsigned int first, last;
    if (take_code(&text, &first)) {
      last = first;
      if (*text == '-' && (text++, !take_code(&text, &last))) die(EXIT_USAGE, "invalid interval specification");
      if (last < first) die(EXIT_USAGE, "invalid interval");
      for (unsigned int code = first; code <= last; code++)
        deaths->codes[code] = true;
    } else take_signal(&text, &deaths->signals);
    text += strspn(text, ",; \n\r\t");
  }
}

static bool counts(const struct deaths *deaths, const unsigned char *record) {
  int number = record[STAMP_BYTES + 1];
  return (number != 0 && sigismember(&deaths->signals, number) == 1) || deaths->codes[record[STAMP_BYTES]];
}

/* Finds the death number `most` since the time `since`. False when there were fewer deaths. */
static bool find_failure(int fd, off_t size, struct stamp since, unsigned int most, const struct deaths *deaths,
                         unsigned char *record) {
  unsigned int found = 0;
  for (off_t at = 0; at < size; at += DEATH_BYTES) {
    if (pread(fd, record, DEATH_BYTES, at) != DEATH_BYTES) {
      warn_system("unable to read %s", TALLY);
      return false;
    }
    if (!stamp_before(stamp_unpack(record), since) && counts(deaths, record) && ++found >= most) return true;
  }
  return false;
}

/* Source: s6 2.15.1, s6-permafailon. After exit code 125 the supervisor does not restart the service. */
int s6_permafailon(int argc, char **argv) {
  static const char usage[] = "s6-permafailon seconds deathcount statuslist prog...";
  struct deaths deaths = { 0 };
  unsigned int seconds, most;
  unsigned char record[DEATH_BYTES];
  struct stat found;
  if (argc < 4 || !read_number(argv[1], &seconds) || !read_number(argv[2], &most) || most == 0) die_usage(usage);
  if (most > MAX_DEATHS) most = MAX_DEATHS;
  read_statuses(argv[3], &deaths);
  struct stamp since = stamp_now();
  since.seconds -= seconds;
  int fd = open(TALLY, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  bool is_over = false;
  if (fd < 0 || fstat(fd, &found) < 0) warn_system("unable to stat %s", TALLY);
  else if (found.st_size % DEATH_BYTES != 0 || found.st_size > (off_t)DEATH_BYTES * MAX_DEATHS)
    warn("invalid %s", TALLY);
  else is_over = find_failure(fd, found.st_size, since, most, &deaths, record);
  if (fd >= 0) close(fd);
  if (is_over) {
    int code = record[STAMP_BYTES], number = record[STAMP_BYTES + 1];
    inform("PERMANENT FAILURE triggered after %u events involving %s %d in the last %u seconds", most,
           number != 0 ? "signal" : "exit code", number != 0 ? number : code, seconds);
    return 125;
  }
  if (argv[4] == NULL) return 0;
  become(argv + 4);
}
