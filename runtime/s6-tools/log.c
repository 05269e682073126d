/*
 * s6-log reads lines and writes each line to the outputs that the script names. s6-log must not lose a line, and must not
 * stop its producer for long. So it keeps lines that cannot be written and tries again. While more than MAX_PENDING bytes
 * wait (with -b: any byte), s6-log does not read stdin.
 */
#define _GNU_SOURCE
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const char USAGE[] =
  "s6-log [ -d notif ] [ -q | -v ] [ -b ] [ -p ] [ -l linelimit ] [ -t lastlinetimeout ] [ -- ] logging_script";

enum { SHORTEST_LIMIT = 48, MAX_PENDING = 1 << 20, STDOUT_PIECE = 4096 /* a writable pipe takes this many bytes */ };

static struct script script;
static struct text line, to_stdout;
static bool stdout_is_closed, is_last_line, is_over;
static unsigned int line_limit = 8192;

/* ---- input ------------------------------------------------------------------------------------------------- */

static void end_line(void) {
  append(&line, "", 1); /* regexec() needs a NUL */
  log_line(&script, stdout_is_closed ? NULL : &to_stdout, line.bytes, line.length - 1);
  line.length = 0;
}

static void end_input(void) {
  if (line.length > 0) end_line();
  close(0);
  is_over = true;
}

static void take_bytes(const char *bytes, size_t length) {
  while (length > 0) {
    size_t part = 0, room = line_limit == 0 ? length : line_limit - line.length;
    while (part < length && part < room && bytes[part] != '\n' && bytes[part] != '\0')
      part++;
    append(&line, bytes, part);
    bool ends = part < length && (bytes[part] == '\n' || bytes[part] == '\0');
    if (ends || part == room) end_line();
    bytes += part + ends;
    length -= part + ends;
    if (ends && is_last_line) end_input();
  }
}

/* Reads input. For the last line it reads byte by byte: the bytes after that line belong to the next logger. */
static void read_input(void) {
  static char buffer[65536];
  ssize_t count = read(0, buffer, is_last_line ? 1 : sizeof buffer);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0 && !is_quiet) warn_system("unable to read from stdin");
  if (count <= 0) end_input();
  else take_bytes(buffer, (size_t)count);
}

/* ---- output ------------------------------------------------------------------------------------------------ */

/*
 * Writes to stdout. Other processes may share descriptor 1, so it must stay blocking. One call writes no more bytes than a
 * writable pipe takes.
 */
static void write_stdout(void) {
  ssize_t count = write(1, to_stdout.bytes, to_stdout.length < STDOUT_PIECE ? to_stdout.length : STDOUT_PIECE);
  if (count >= 0) {
    drop_first(&to_stdout, (size_t)count);
    return;
  }
  if (errno == EINTR || errno == EAGAIN) return;
  warn_system("unable to write to stdout, closing the stream - error was");
  close(1);
  stdout_is_closed = true;
  to_stdout.length = 0;
}

/* Writes pending lines to all directories. Gives the highest number of bytes that still wait for one output. */
static size_t write_directories(int64_t *wake) {
  size_t most = to_stdout.length;
  for (unsigned int i = 0; i < script.directory_count; i++) {
    struct log_directory *log = &script.directories[i];
    write_log(log);
    if (log->pending.length > most) most = log->pending.length;
    *wake = earlier(*wake, earlier(log->retry_at, log->rotate_at));
  }
  return most;
}

static void close_all(void) {
  for (bool done = false; !done;) {
    done = true;
    for (unsigned int i = 0; i < script.directory_count; i++)
      done = close_log(&script.directories[i]) && done;
    if (!done) poll(NULL, 0, 2000);
  }
}

/* ---- signals ----------------------------------------------------------------------------------------------- */

static void reap_processors(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    for (unsigned int i = 0; i < script.directory_count; i++) {
      struct log_directory *log = &script.directories[i];
      bool succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      if (log->processor != pid) continue;
      if (!succeeded && !is_quiet) warn("processor %s in %s", WIFEXITED(status) ? "failed" : "crashed", log->name);
      processor_ended(log, succeeded);
    }
}

/* Handles signals. Gives the deadline for the end of the last line. */
static int64_t take_signals(int signals, bool is_protected, int64_t give_up, unsigned int patience) {
  struct signalfd_siginfo seen;
  while (read(signals, &seen, sizeof seen) == sizeof seen) {
    if (seen.ssi_signo == SIGCHLD) reap_processors();
    if (seen.ssi_signo == SIGALRM)
      for (unsigned int i = 0; i < script.directory_count; i++)
        rotate_log(&script.directories[i]);
    bool ends = seen.ssi_signo == SIGHUP || (seen.ssi_signo == SIGTERM && !is_protected);
    if (!ends || is_over) continue;
    is_last_line = true;
    give_up = deadline_after(patience);
    if (line.length == 0) end_input();
  }
  return give_up;
}

static int open_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGALRM);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) die_system("unable to selfpipe_init");
  return fd;
}

/* ---- main -------------------------------------------------------------------------------------------------- */

struct mode {
  bool blocks, is_protected;
  unsigned int patience, notify;
};

static void run(const struct mode *mode) {
  int signals = open_signals();
  int64_t give_up = NEVER;
  if (mode->notify > 0) {
    if (write((int)mode->notify, "\n", 1) < 0) warn_system("unable to notify");
    close((int)mode->notify);
  }
  for (;;) {
    int64_t wake = give_up;
    size_t most = write_directories(&wake);
    bool reads = !is_over && most <= (mode->blocks ? 0 : MAX_PENDING);
    if (is_over && most == 0) break;
    struct pollfd list[] = {
      { .fd = signals, .events = POLLIN },
      { .fd = to_stdout.length > 0 ? 1 : -1, .events = POLLOUT },
      { .fd = reads ? 0 : -1, .events = POLLIN },
    };
    int count = poll(list, 3, poll_time(wake));
    if (count < 0 && errno != EINTR) die_system("unable to iopause");
    if (give_up != NEVER && clock_ms() >= give_up && !is_over) end_input();
    for (unsigned int i = 0; i < script.directory_count; i++)
      log_timer(&script.directories[i]);
    if (count <= 0) continue;
    if (list[0].revents != 0) give_up = take_signals(signals, mode->is_protected, give_up, mode->patience);
    if (list[1].revents != 0) write_stdout();
    if (list[2].revents != 0 && !is_over) read_input();
  }
  close_all();
}

int s6_log(int argc, char **argv) {
  struct options at = { 0 };
  struct mode mode = { .patience = 2000 };
  for (int letter; (letter = next_option(argc, argv, "qvbpl:d:t:", &at)) != -1;)
    switch (letter) {
      case 'q': is_quiet = true; break;
      case 'v': is_quiet = false; break;
      case 'b': mode.blocks = true; break;
      case 'p': mode.is_protected = true; break;
      case 'l':
        if (!read_number(at.word, &line_limit)) die_usage(USAGE);
        break;
      case 't':
        if (!read_number(at.word, &mode.patience)) die_usage(USAGE);
        break;
      case 'd':
        if (!read_number(at.word, &mode.notify)) die_usage(USAGE);
        if (mode.notify < 3) die(EXIT_USAGE, "notification fd must be 3 or more");
        if (fcntl((int)mode.notify, F_GETFD) < 0) die_system_with(EXIT_USAGE, "invalid notification fd");
        break;
      default: die_usage(USAGE);
    }
  if (at.index >= argc) die_usage(USAGE);
  if (line_limit > 0 && line_limit < SHORTEST_LIMIT) line_limit = SHORTEST_LIMIT;
  read_script(argv + at.index, &script);
  run(&mode);
  return 0;
}
