/* How tools speak: one line on stderr, in one write, in the form that scripts and logs know from s6. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program = "kahi-s6";

static void say(const char *kind, const char *format, va_list values, int error) {
  char line[8192];
  size_t used = (size_t)snprintf(line, sizeof line - 2, "%s: %s: ", program, kind);
  if (used > 256) used = 256;
  size_t space = sizeof line - 2 - used;
  int wrote = vsnprintf(line + used, space, format, values);
  used += wrote < 0 ? 0 : (size_t)wrote < space ? (size_t)wrote : space - 1;
  if (error != 0) {
    space = sizeof line - 2 - used;
    wrote = snprintf(line + used, space, ": %s", strerror(error));
    used += (size_t)wrote < space ? (size_t)wrote : space - 1;
  }
  line[used++] = '\n';
  if (write(2, line, used) < 0) return;
}

#define SAY(kind, error)            \
  do {                              \
    int saved = (error);            \
    va_list values;                 \
    va_start(values, format);       \
    say(kind, format, values, saved); \
    va_end(values);                 \
  } while (0)

void warn(const char *format, ...) { SAY("warning", 0); }

void warn_system(const char *format, ...) { SAY("warning", errno); }

void die(int code, const char *format, ...) {
  SAY("fatal", 0);
  _exit(code);
}

void die_system(const char *format, ...) {
  SAY("fatal", errno);
  _exit(EXIT_SYSTEM);
}

void die_system_with(int code, const char *format, ...) {
  SAY("fatal", errno);
  _exit(code);
}

void die_usage(const char *usage) {
  char line[2048];
  int length = snprintf(line, sizeof line, "%s: usage: %s\n", program, usage);
  if (write(2, line, (size_t)length) < 0) _exit(EXIT_SYSTEM);
  _exit(EXIT_USAGE);
}

void flush_output(void) {
  if (fflush(stdout) != 0) die_system("unable to write to stdout");
}
