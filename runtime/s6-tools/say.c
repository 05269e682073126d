/* Messages: one line on stderr, written at once, in the form of the messages of s6. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program = "kahi-s6";

/* Prints a line of any length. The end of a long line is lost only when there is no memory. */
static void say(const char *kind, const char *format, va_list values, int error) {
  char small[512], *line = small;
  va_list again;
  va_copy(again, values);
  const char *reason = error == 0 ? "" : strerror(error), *colon = error == 0 ? "" : ": ";
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  size_t size = strlen(program) + strlen(kind) + strlen(reason) + (size_t)(length < 0 ? 0 : length) + 8;
  if (size > sizeof small) line = malloc(size);
  if (line == NULL) {
    line = small;
    size = sizeof small;
  }
  int used = snprintf(line, size, "%s: %s: ", program, kind);
  if ((size_t)used < size) used += vsnprintf(line + used, size - (size_t)used, format, values);
  if ((size_t)used < size) used += snprintf(line + used, size - (size_t)used, "%s%s", colon, reason);
  if ((size_t)used >= size) used = (int)size - 1;
  line[used++] = '\n';
  if (write(2, line, (size_t)used) < 0) return;
  if (line != small) free(line);
}

#define SAY(kind, error)              \
  do {                                \
    int saved = (error);              \
    va_list values;                   \
    va_start(values, format);         \
    say(kind, format, values, saved); \
    va_end(values);                   \
  } while (0)

void warn(const char *format, ...) {
  SAY("warning", 0);
}

void warn_system(const char *format, ...) {
  SAY("warning", errno);
}

void inform(const char *format, ...) {
  SAY("info", 0);
}

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
