/* TAI64N labels, deadlines, and names of signals. */
#define _GNU_SOURCE
#include "tool.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* TAI is ahead of UTC by 10 seconds and the 27 leap seconds since 1972. TAI64 labels add 2^62. */
static const uint64_t EPOCH = (UINT64_C(1) << 62) + 37;

struct stamp stamp_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (struct stamp){ EPOCH + (uint64_t)now.tv_sec, (uint32_t)now.tv_nsec };
}

struct stamp stamp_unpack(const unsigned char *bytes) {
  struct stamp stamp = { 0, 0 };
  for (int i = 0; i < 8; i++)
    stamp.seconds = stamp.seconds << 8 | bytes[i];
  for (int i = 8; i < 12; i++)
    stamp.nanoseconds = stamp.nanoseconds << 8 | bytes[i];
  return stamp;
}

void stamp_format(struct stamp stamp, char text[STAMP_TEXT + 1]) {
  snprintf(text, STAMP_TEXT + 1, "@%016llx%08lx", (unsigned long long)stamp.seconds, (unsigned long)stamp.nanoseconds);
}

bool stamp_before(struct stamp a, struct stamp b) {
  return a.seconds < b.seconds || (a.seconds == b.seconds && a.nanoseconds < b.nanoseconds);
}

uint64_t stamp_seconds_between(struct stamp from, struct stamp to) {
  return to.seconds - from.seconds - (to.nanoseconds < from.nanoseconds);
}

int64_t clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t deadline_after(unsigned int ms) {
  return ms == 0 ? NEVER : clock_ms() + ms;
}

int64_t earlier(int64_t a, int64_t b) {
  return a == NEVER ? b : b == NEVER || a < b ? a : b;
}

int poll_time(int64_t deadline) {
  if (deadline == NEVER) return -1;
  int64_t rest = deadline - clock_ms();
  return rest < 0 ? 0 : rest > 86400000 ? 86400000 : (int)rest;
}

static const struct {
  const char *name;
  int number;
} SIGNALS[] = {
  { "HUP", SIGHUP },   { "INT", SIGINT },     { "QUIT", SIGQUIT }, { "ILL", SIGILL },   { "TRAP", SIGTRAP },
  { "ABRT", SIGABRT }, { "BUS", SIGBUS },     { "FPE", SIGFPE },   { "KILL", SIGKILL }, { "USR1", SIGUSR1 },
  { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },   { "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM },
  { "CHLD", SIGCHLD }, { "CONT", SIGCONT },   { "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },
  { "TTOU", SIGTTOU }, { "URG", SIGURG },     { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM },
  { "PROF", SIGPROF }, { "WINCH", SIGWINCH }, { "POLL", SIGPOLL }, { "PWR", SIGPWR },   { "SYS", SIGSYS },
};

enum { SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS };

const char *signal_name(int number) {
  for (int i = 0; i < SIGNAL_COUNT; i++)
    if (SIGNALS[i].number == number) return SIGNALS[i].name;
  return "???";
}

bool signal_number(const char *word, int *number) {
  unsigned int value;
  if (strncasecmp(word, "SIG", 3) == 0) word += 3;
  if (read_number(word, &value)) {
    *number = (int)value;
    return true;
  }
  for (int i = 0; i < SIGNAL_COUNT; i++)
    if (strcasecmp(SIGNALS[i].name, word) == 0) {
      *number = SIGNALS[i].number;
      return true;
    }
  return false;
}
