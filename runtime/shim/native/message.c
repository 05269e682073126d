/* Messages for people. A helper that is PID 1 must never wait for the reader of its standard error. */
#include "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

/*
 * Writes without waiting. Other processes share the flags of standard error, so O_NONBLOCK must not be set there. A pipe
 * or terminal is opened again with O_NONBLOCK instead.
 */
static void write_now(const char *text, size_t size) {
  struct stat status;
  if (fstat(STDERR_FILENO, &status) < 0) return;
  if (S_ISSOCK(status.st_mode)) {
    send(STDERR_FILENO, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return;
  }
  bool can_block = S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
  int fd = can_block ? open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : STDERR_FILENO;
  if (fd < 0) return;
  ssize_t written = write(fd, text, size); /* the rest of a message that does not fit is lost */
  (void)written;
  if (can_block) close(fd);
}

/* Writes one line to standard error, after `kahi-shim: `. The line is lost when the write would have to wait. */
void complain(const char *format, ...) {
  static const char prefix[] = "kahi-shim: ";
  char line[512];
  va_list arguments;
  size_t start = sizeof prefix - 1, room = sizeof line - start - 1;
  memcpy(line, prefix, start);
  va_start(arguments, format);
  int length = vsnprintf(line + start, room, format, arguments);
  va_end(arguments);
  if (length < 0) return;
  size_t size = start + ((size_t)length < room ? (size_t)length : room - 1);
  line[size++] = '\n';
  write_now(line, size);
}
