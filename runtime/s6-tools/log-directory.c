/*
 * A log directory contains `current`, `lock` and archives. The name of an archive has the time when the file was closed:
 * `@….s`, or `@….u` after a crash. A rotation is a list of steps. A step that fails is tried again, and earlier steps are
 * not repeated. The files show the next logger which steps are done: `current` and `previous` are executable when they are
 * complete and on the disk.
 */
#define _GNU_SOURCE
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t file_mode; /* the mode of files that are not complete */

bool is_quiet;

/* ---- the steps of a rotation ------------------------------------------------------------------------------- */

static bool told(const struct log_directory *log, bool done, const char *what, const char *file) {
  if (!done && !is_quiet) warn_system("unable to %s %s/%s", what, log->name, file);
  return done;
}

static bool sync_file(const struct log_directory *log, const char *name, bool complete) {
  int fd = openat(log->directory, name, O_WRONLY | O_APPEND | O_CLOEXEC);
  bool done = fd >= 0 && fsync(fd) == 0 && (!complete || fchmod(fd, file_mode | S_IXUSR) == 0);
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return told(log, done, "fd_sync", name);
}

static bool sync_current(struct log_directory *log) {
  return told(log, fsync(log->current) == 0, "fd_sync", "current");
}

static bool rename_current(struct log_directory *log) {
  return told(log, renameat(log->directory, "current", log->directory, "previous") == 0, "rename", "current");
}

static bool open_current(struct log_directory *log) {
  int fd = openat(log->directory, "current", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (!told(log, fd >= 0, "open_append", "current")) return false;
  if (log->current >= 0) close(log->current);
  log->current = fd;
  log->written = 0;
  return true;
}

static bool mark_previous(struct log_directory *log) {
  return told(log, fchmodat(log->directory, "previous", file_mode | S_IXUSR, 0) == 0, "chmod", "previous");
}

static bool keep_previous(struct log_directory *log) {
  return told(log, keep_archive(log, "previous", 's'), "finish", "previous");
}

/* Runs in the child: the processor reads `previous` and `state`, and writes `processed` and `newstate`. */
static _Noreturn void become_processor(const struct log_directory *log) {
  int from = fchdir(log->directory) < 0 ? -1 : open("previous", O_RDONLY);
  int to = open("processed", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  int state = open("state", O_RDONLY), next = open("newstate", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  bool ready = from >= 0 && to >= 0 && state >= 0 && next >= 0;
  /* First moves the descriptors to high numbers, so that dup2() does not overwrite one of them. */
  from = fcntl(from, F_DUPFD_CLOEXEC, 10);
  to = fcntl(to, F_DUPFD_CLOEXEC, 10);
  state = fcntl(state, F_DUPFD_CLOEXEC, 10);
  next = fcntl(next, F_DUPFD_CLOEXEC, 10);
  if (!ready || dup2(from, 0) < 0 || dup2(to, 1) < 0 || dup2(state, 4) < 0 || dup2(next, 5) < 0)
    die_system("unable to spawn processor for logdir %s", log->name);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  char *shell[] = { "/bin/sh", "-c", (char *)log->keeping.processor, NULL };
  char *execline[] = { "execlineb", "-Pc", (char *)log->keeping.processor, NULL };
  become(log->keeping.by_shell ? shell : execline);
}

static bool run_processor(struct log_directory *log) {
  pid_t pid = fork();
  if (pid == 0) become_processor(log);
  log->processor = pid;
  if (pid < 0 && !is_quiet) warn_system("unable to spawn processor for logdir %s", log->name);
  return pid > 0;
}

static bool sync_processed(struct log_directory *log) {
  return sync_file(log, "processed", true);
}
static bool sync_state(struct log_directory *log) {
  return sync_file(log, "newstate", false);
}

static bool drop_previous(struct log_directory *log) {
  return told(log, unlinkat(log->directory, "previous", 0) == 0 || errno == ENOENT, "unlink", "previous");
}

static bool keep_state(struct log_directory *log) {
  return told(log, renameat(log->directory, "newstate", log->directory, "state") == 0, "rename", "newstate");
}

static bool keep_processed(struct log_directory *log) {
  return told(log, keep_archive(log, "processed", 's'), "finish", "processed");
}

/* Gives the next step. A file with a processor is processed instead of kept. */
static enum stage after(const struct log_directory *log) {
  if (log->stage == MARK_PREVIOUS && log->keeping.processor != NULL) return RUN_PROCESSOR;
  return log->stage == KEEP_PREVIOUS || log->stage == KEEP_PROCESSED ? WRITABLE : log->stage + 1;
}

/* Continues a rotation until it is done, must wait for the processor, or a step fails. */
static void go_on(struct log_directory *log) {
  static bool (*const STEPS[])(struct log_directory *) = {
    [SYNC_CURRENT] = sync_current,     [RENAME_CURRENT] = rename_current, [OPEN_CURRENT] = open_current,
    [MARK_PREVIOUS] = mark_previous,   [KEEP_PREVIOUS] = keep_previous,   [RUN_PROCESSOR] = run_processor,
    [SYNC_PROCESSED] = sync_processed, [SYNC_STATE] = sync_state,         [DROP_PREVIOUS] = drop_previous,
    [KEEP_STATE] = keep_state,         [KEEP_PROCESSED] = keep_processed,
  };
  log->retry_at = NEVER;
  while (log->stage != WRITABLE && log->stage != AWAIT_PROCESSOR) {
    if (!STEPS[log->stage](log)) {
      log->retry_at = deadline_after(log->keeping.retry_ms);
      return;
    }
    log->stage = after(log);
  }
}

void rotate_log(struct log_directory *log) {
  if (log->stage != WRITABLE) return;
  log->stage = SYNC_CURRENT;
  go_on(log);
}

void processor_ended(struct log_directory *log, bool succeeded) {
  log->processor = 0;
  log->stage = succeeded ? SYNC_PROCESSED : RUN_PROCESSOR;
  if (succeeded) go_on(log);
  else log->retry_at = deadline_after(log->keeping.retry_ms);
}

static int64_t next_rotation(const struct log_directory *log) {
  return log->keeping.every_seconds == 0 ? NEVER : clock_ms() + (int64_t)log->keeping.every_seconds * 1000;
}

void log_timer(struct log_directory *log) {
  int64_t now = clock_ms();
  if (log->retry_at != NEVER && now >= log->retry_at) go_on(log);
  if (log->rotate_at == NEVER || now < log->rotate_at) return;
  log->rotate_at = next_rotation(log);
  rotate_log(log);
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

/* Gives how many pending bytes are written to this file before it is full. The result ends after a complete line. */
static size_t portion(const struct log_directory *log) {
  const struct keeping *keeping = &log->keeping;
  /* If a later directive `s` sets a size below that of `l`, every line fills a file. */
  uint64_t full = keeping->file_bytes > keeping->early_bytes ? keeping->file_bytes - keeping->early_bytes : 0;
  size_t room = log->written < full ? (size_t)(full - log->written) : 1;
  if (room >= log->pending.length) return log->pending.length;
  const char *end = memchr(log->pending.bytes + room - 1, '\n', log->pending.length - room + 1);
  return (size_t)(end - log->pending.bytes) + 1;
}

void write_log(struct log_directory *log) {
  while (log->pending.length > 0 && log->stage == WRITABLE && log->retry_at == NEVER) {
    ssize_t count = write(log->current, log->pending.bytes, portion(log));
    if (count <= 0) {
      log->retry_at = deadline_after(log->keeping.retry_ms);
      return;
    }
    bool at_end = log->pending.bytes[count - 1] == '\n';
    drop_first(&log->pending, (size_t)count);
    log->written += (uint64_t)count;
    if (at_end && log->written + log->keeping.early_bytes >= log->keeping.file_bytes) rotate_log(log);
  }
}

/* ---- beginning and end ------------------------------------------------------------------------------------- */

static bool is_complete(const struct log_directory *log, const char *name) {
  struct stat found;
  if (fstatat(log->directory, name, &found, 0) == 0) return found.st_mode & S_IXUSR;
  if (errno != ENOENT) die_system("unable to stat %s/%s", log->name, name);
  return false;
}

static void must_keep(const struct log_directory *log, const char *name, char suffix) {
  if (!keep_archive(log, name, suffix)) die_system("unable to finish %s .%c for logdir %s", name, suffix, log->name);
}

/* Finishes or removes the files of a logger that crashed. */
static void clean_up_after_crash(const struct log_directory *log) {
  unlinkat(log->directory, "state", 0);
  unlinkat(log->directory, "newstate", 0);
  bool processed = is_complete(log, "processed");
  unlinkat(log->directory, processed ? "previous" : "processed", 0);
  if (processed) must_keep(log, "processed", 's');
  else must_keep(log, "previous", 'u');
  must_keep(log, "current", 'u');
  int state = openat(log->directory, "state", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (state < 0) die_system("unable to open_trunc %s/state", log->name);
  close(state);
}

static void lock_directory(struct log_directory *log) {
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  log->lock = openat(log->directory, "lock", O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
  if (log->lock < 0) die_system("unable to open %s/lock", log->name);
  if (fcntl(log->lock, F_SETLK, &lock) == 0) return;
  if (errno == EACCES || errno == EAGAIN) errno = EBUSY;
  die_system("unable to lock %s/lock", log->name);
}

void open_log(struct log_directory *log, const char *name, const struct keeping *keeping) {
  mode_t mask = umask(0);
  umask(mask);
  file_mode = ~mask & 0666;
  *log = (struct log_directory){ .name = name, .keeping = *keeping, .current = -1, .retry_at = NEVER };
  if (mkdir(name, S_IRWXU | S_ISGID) < 0 && errno != EEXIST) die_system("unable to mkdir %s", name);
  log->directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (log->directory < 0) die_system("unable to open %s", name);
  lock_directory(log);
  if (!is_complete(log, "current")) clean_up_after_crash(log);
  struct stat found;
  log->current = openat(log->directory, "current", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (log->current < 0) die_system("unable to open_append %s/current", name);
  if (fchmod(log->current, file_mode) < 0) die_system("unable to fd_chmod %s/current", name);
  if (fstat(log->current, &found) == 0) log->written = (uint64_t)found.st_size;
  log->rotate_at = next_rotation(log);
}

bool close_log(struct log_directory *log) {
  if (log->current < 0) return true;
  if (!sync_current(log)) return false;
  if (!told(log, fchmod(log->current, file_mode | S_IXUSR) == 0, "fd_chmod", "current")) return false;
  close(log->current);
  log->current = -1;
  return true;
}
