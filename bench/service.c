/* The service that the bench runs many times. It notes that it was started, by appending one line of 64 bytes to a
 * file (monotonic nanoseconds, pid, name), and then waits for signals.
 *
 *   service MARKS NAME             waits
 *   service MARKS NAME flood MIB   waits for SIGUSR1, writes so many MiB of 100-byte lines to stdout, notes NAME-done
 *   service MARKS NAME forever     waits for SIGUSR1, writes lines until it is killed
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 100
#define LINES 64

static void mark(const char *path, const char *name) {
  struct timespec now;
  char line[128];
  clock_gettime(CLOCK_MONOTONIC, &now);
  int length = snprintf(line, sizeof line, "%-20lld %-10d %-31.31s\n", now.tv_sec * 1000000000LL + now.tv_nsec,
                        (int)getpid(), name);
  int fd = open(path, O_WRONLY | O_APPEND);
  if (fd < 0 || write(fd, line, (size_t)length) != length) _exit(9);
  close(fd);
}

/* Writes `bytes` bytes of lines, without end when negative. */
static void flood(long long bytes) {
  static char block[LINE * LINES];
  for (int i = 0; i < LINES; i++) {
    memset(block + i * LINE, 'a' + i % 26, LINE - 1);
    block[i * LINE + LINE - 1] = '\n';
  }
  while (bytes != 0) {
    size_t size = bytes > 0 && bytes < (long long)sizeof block ? (size_t)bytes : sizeof block;
    ssize_t written = write(1, block, size);
    if (written <= 0) _exit(3);
    if (bytes > 0) bytes -= written;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  sigset_t begin;
  int signal;
  sigemptyset(&begin);
  sigaddset(&begin, SIGUSR1);
  if (argc > 3) sigprocmask(SIG_BLOCK, &begin, NULL);
  mark(argv[1], argv[2]);
  if (argc > 3) {
    char done[64];
    sigwait(&begin, &signal);
    flood(strcmp(argv[3], "flood") == 0 && argc > 4 ? atoll(argv[4]) * 1048576LL : -1);
    snprintf(done, sizeof done, "%s-done", argv[2]);
    mark(argv[1], done);
  }
  for (;;) pause();
}
