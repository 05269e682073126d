/*
 * Reads and controls a service directory. It uses three files. The supervisor holds a POSIX write lock on supervise/lock
 * while it runs. It reads commands from the FIFO supervise/control. It writes its state to supervise/status: 35 bytes, or
 * 43 bytes since s6 2.13, of which the first 35 have the same meaning.
 */
#define _GNU_SOURCE
#include "directory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_BYTES = 35 };

/* Writes DIRECTORY/NAME to a buffer in the scope of the caller. */
#define PATH_OF(buffer, directory, name)             \
  char buffer[strlen(directory) + strlen(name) + 2]; \
  sprintf(buffer, "%s/%s", directory, name)

int is_supervised(const char *directory) {
  PATH_OF(file, directory, "supervise/lock");
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  int asked = fcntl(fd, F_GETLK, &lock);
  close(fd);
  return asked < 0 ? -1 : lock.l_type != F_UNLCK;
}

static enum reached write_fifo(const char *fifo, const char *letters) {
  int fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENXIO) return NO_READER;
    return errno == ENOENT || errno == ENOTDIR || errno == EISDIR ? BROKEN : FAILED;
  }
  fcntl(fd, F_SETFL, 0);
  size_t length = strlen(letters);
  ssize_t wrote = length == 0 ? 0 : write(fd, letters, length);
  close(fd);
  return wrote < 0 ? FAILED : SENT;
}

enum reached send_commands(const char *directory, const char *part, const char *letters) {
  char fifo[strlen(directory) + strlen(part) + 10];
  sprintf(fifo, "%s/%s/control", directory, part);
  enum reached reached = write_fifo(fifo, letters);
  if (reached != BROKEN) return reached;
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FAILED;
  int inner = openat(fd, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = errno;
  close(fd);
  if (inner < 0 && error == ENOENT) return NO_READER;
  if (inner >= 0) {
    close(inner);
    error = ENOENT; /* the directory exists, but the FIFO does not */
  }
  errno = error;
  return BROKEN;
}

bool read_status(const char *directory, struct status *status) {
  PATH_OF(file, directory, "supervise/status");
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  unsigned char bytes[STATUS_BYTES];
  ssize_t count = read(fd, bytes, sizeof bytes);
  close(fd);
  if (count < 0) return false;
  if (count < STATUS_BYTES) {
    errno = EPIPE;
    return false;
  }
  uint64_t pid = 0;
  for (int i = 24; i < 32; i++)
    pid = pid << 8 | bytes[i];
  *status = (struct status){
    .changed = stamp_unpack(bytes),
    .ready_changed = stamp_unpack(bytes + 12),
    .pid = (pid_t)pid,
    .wait_status = bytes[32] << 8 | bytes[33],
    .paused = bytes[34] & 1,
    .finishing = bytes[34] & 2,
    .wants_up = bytes[34] & 4,
    .ready = bytes[34] & 8,
  };
  return true;
}

bool is_up(const struct status *status) {
  return status->pid != 0 && !status->finishing;
}

bool was_never_started(const struct status *status) {
  return status->pid == 0 && !status->finishing && status->paused;
}

bool has_file(const char *directory, const char *name) {
  PATH_OF(file, directory, name);
  if (access(file, F_OK) == 0) return true;
  if (errno != ENOENT) die_system("unable to access %s", file);
  return false;
}
