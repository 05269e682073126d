/* Commands that run a block at the same time as the rest: background, pipeline, backtick, heredoc; exec, tryexec, exit. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_block(const struct start *how, bool is_detached) {
  pid_t pid = is_detached ? start_detached(how) : start_process(how);
  if (pid == 0 && is_detached) die_system("unable to doublefork");
  if (pid == 0) die_system("unable to spawn %s", how->argv[0]);
  return pid;
}

int el_background(int argc, char **argv) {
  struct options at = { 0 };
  bool is_detached = false;
  for (int letter; (letter = next_option(argc, argv, "d", &at)) != -1; is_detached = true)
    if (letter == '?') die_usage("background [ -d ] { command... }");
  argv += at.index;
  char **rest = argv + need_block(argv, NOT_EMPTY) + 1;
  pid_t pid = start_block(&(struct start){ argv, environ, -1, -1 }, is_detached && *rest != NULL);
  set_next_number("!", (unsigned int)pid);
  go_on_or_end(rest);
}

pid_t start_into_pipe(char **argv, int ours, bool is_detached) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) die_system("unable to create pipe");
  pid_t pid = start_block(&(struct start){ argv, environ, ends[!ours], !ours }, is_detached);
  close(ends[!ours]);
  if (ends[ours] == ours) fcntl(ours, F_SETFD, 0);
  else {
    if (dup2(ends[ours], ours) < 0) die_system("unable to fd_move");
    close(ends[ours]);
  }
  return pid;
}

int el_pipeline(int argc, char **argv) {
  struct options at = { 0 };
  bool is_detached = false;
  int ours = 0;
  for (int letter; (letter = next_option(argc, argv, "drw", &at)) != -1;)
    switch (letter) {
      case 'd': is_detached = true; break;
      case 'r':
      case 'w': ours = letter == 'w'; break;
      default: die_usage("pipeline [ -d ] [ -r | -w ] { command... } command...");
    }
  argv += at.index;
  char **rest = argv + need_block(argv, MAY_BE_EMPTY) + 1;
  if (*rest == NULL) die(EXIT_USAGE, "empty remainder");
  set_next_number("!", (unsigned int)start_into_pipe(argv, ours, is_detached));
  go_on_with(rest);
}

/* ---- backtick, withstdinas --------------------------------------------------------------------------------- */

/* How backtick makes a value, and what it does when the block fails or its output contains a NUL. */
struct capture {
  enum { ACCEPTS, REPLACES, INSISTS } mode;
  const char *otherwise; /* NULL: the variable is unset */
  bool keeps_end;        /* keeps the newline at the end of the output */
  bool imports;
};

/* Makes a value of the text. `seen` is the length up to the first NUL; a newline at that end is removed. */
static const char *value_of(struct text *text, size_t seen, const struct capture *how) {
  append_byte(text, '\0');
  if (!how->keeps_end && seen > 0 && text->bytes[seen - 1] == '\n') text->bytes[seen - 1] = '\0';
  return text->bytes;
}

static int capture_output(char **argv, struct text *output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) die_system("unable to spawn %s", argv[0]);
  pid_t pid = start_block(&(struct start){ argv, environ, ends[1], 1 }, false);
  close(ends[1]);
  if (append_all_of(output, ends[0]) < 0) die_system("unable to slurp");
  close(ends[0]);
  return wait_for(pid, argv[0]);
}

static const char *judge(struct text *output, int status, const struct capture *how) {
  static const char zero[] = "child process output contained a null character";
  size_t length = strnlen(output->bytes == NULL ? "" : output->bytes, output->length);
  bool failed = number_of(status) != 0, has_zero = length < output->length;
  if (failed && how->mode == INSISTS)
    die(code_of(status), WIFSIGNALED(status) ? "child process crashed" : "child process exited non-zero");
  if (!failed && has_zero && how->mode == INSISTS) die(124, "%s", zero);
  if ((failed || has_zero) && how->mode == REPLACES) {
    if (!failed) warn("%s", zero);
    return how->otherwise;
  }
  return value_of(output, failed ? output->length : length, how);
}

int el_backtick(int argc, char **argv) {
  static const char usage[] =
    "backtick [ -i | -I | -x | -D default ] [ -N | -n ] [ -E | -e ] var { prog... } remainder...";
  struct options at = { 0 };
  struct capture how = { .mode = INSISTS };
  for (int letter; (letter = next_option(argc, argv, "iINnxD:Ee", &at)) != -1;)
    switch (letter) {
      case 'i':
      case 'I': how.mode = letter == 'i' ? INSISTS : ACCEPTS; break;
      case 'x':
      case 'D':
        how.mode = REPLACES;
        how.otherwise = letter == 'D' ? at.word : NULL;
        break;
      case 'N':
      case 'n': how.keeps_end = letter == 'N'; break;
      case 'E':
      case 'e': how.imports = letter == 'E'; break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  const char *name = argv[at.index];
  check_name(name);
  argv += at.index + 1;
  int length = need_block(argv, NOT_EMPTY);
  struct text output = { 0 };
  int status = capture_output(argv, &output);
  go_on_having(argv + length + 1, name, judge(&output, status, &how), how.imports);
}

int el_withstdinas(int argc, char **argv) {
  static const char usage[] = "withstdinas [ -i | -I | -D default ] [ -N | -n ] [ -E | -e ] var remainder...";
  struct options at = { 0 };
  struct capture how = { .mode = ACCEPTS };
  struct text input = { 0 };
  for (int letter; (letter = next_option(argc, argv, "iINnD:Ee", &at)) != -1;)
    switch (letter) {
      case 'i':
      case 'I': how.mode = letter == 'i' ? INSISTS : REPLACES; break;
      case 'D': how.otherwise = at.word; break;
      case 'N':
      case 'n': how.keeps_end = letter == 'N'; break;
      case 'E':
      case 'e': how.imports = letter == 'E'; break;
      default: die_usage(usage);
    }
  if (at.index >= argc) die_usage(usage);
  const char *name = argv[at.index], *value;
  check_name(name);
  if (append_all_of(&input, 0) < 0) die_system("unable to slurp");
  bool has_zero = strnlen(input.bytes == NULL ? "" : input.bytes, input.length) < input.length;
  if (!has_zero) value = value_of(&input, input.length, &how);
  else if (how.mode == INSISTS) die(1, "stdin contained a null character");
  else if (how.mode == REPLACES) value = NULL;
  else if (how.otherwise == NULL) value = input.bytes;
  else {
    value = how.otherwise;
    warn("stdin contained a null character - using default instead");
  }
  go_on_having(argv + at.index + 1, name, value, how.imports);
}

/* ---- heredoc ----------------------------------------------------------------------------------------------- */

/* Writes the text in a child process, because the text may be larger than the buffer of the pipe. */
static _Noreturn void write_document(const char *text, int fd) {
  program = "heredoc (child)";
  for (size_t length = strlen(text); length > 0;) {
    ssize_t count = write(fd, text, length);
    if (count < 0 && errno != EINTR) die_system("unable to allwrite");
    if (count < 0) continue;
    text += count;
    length -= (size_t)count;
  }
  _exit(0);
}

int el_heredoc(int argc, char **argv) {
  static const char usage[] = "heredoc [ -d ] fd string command...";
  struct options at = { 0 };
  bool is_detached = false;
  unsigned int place;
  int ends[2];
  for (int letter; (letter = next_option(argc, argv, "d", &at)) != -1; is_detached = true)
    if (letter == '?') die_usage(usage);
  argv += at.index;
  if (argc - at.index < 3 || !read_number(argv[0], &place)) die_usage(usage);
  if (pipe2(ends, O_CLOEXEC) < 0) die_system("unable to pipe");
  pid_t pid = fork();
  if (pid < 0) die_system("unable to %sfork", is_detached ? "double" : "");
  if (pid == 0) {
    if (is_detached && fork() != 0) _exit(0);
    close(ends[0]);
    write_document(argv[1], ends[1]);
  }
  if (is_detached) wait_for(pid, "child");
  close(ends[1]);
  if (!move_descriptor((int)place, ends[0])) die_system("unable to read on fd %s", argv[0]);
  go_on_with(argv + 2);
}

/* ---- exec, tryexec, exit ----------------------------------------------------------------------------------- */

/* The options `-c` (empty environment), `-l` and `-a NAME` (another argv[0]) of exec and tryexec. */
struct costume {
  bool is_bare, has_dash;
  const char *name;
};

static bool is_costume_option(int letter, const char *word, struct costume *costume) {
  switch (letter) {
    case 'c': costume->is_bare = true; break;
    case 'l': costume->has_dash = true; break;
    case 'a': costume->name = word; break;
    default: return false;
  }
  return true;
}

/* Executes the words with these options. Returns when the system refuses. */
static void try_dressed(char **argv, const struct costume *costume) {
  static char *bare[] = { NULL };
  const char *file = argv[0], *name = costume->name == NULL ? file : costume->name;
  struct text text = { 0 };
  if (costume->has_dash) append_byte(&text, '-');
  append(&text, name, strlen(name) + 1);
  argv[0] = text.bytes;
  try_file(file, argv, costume->is_bare ? bare : environ);
}

int el_exec(int argc, char **argv) {
  static const char usage[] = "exec [ -c ] [ -l ] [ -a argv0 ] prog...";
  struct options at = { 0 };
  struct costume costume = { 0 };
  for (int letter; (letter = next_option(argc, argv, "cla:", &at)) != -1;)
    if (!is_costume_option(letter, at.word, &costume)) die_usage(usage);
  if (at.index >= argc) die_usage(usage);
  const char *file = argv[at.index];
  try_dressed(argv + at.index, &costume);
  die_exec(file);
}

int el_tryexec(int argc, char **argv) {
  struct options at = { 0 };
  struct costume costume = { 0 };
  bool is_reversed = false;
  for (int letter; (letter = next_option(argc, argv, "ncla:", &at)) != -1;) {
    if (letter == 'n') is_reversed = true;
    else if (!is_costume_option(letter, at.word, &costume))
      die_usage("tryexec [ -n ] [ -c ] [ -l ] [ -a argv0 ] { command... } remainder...");
  }
  argv += at.index;
  char **rest = argv + need_block(argv, NOT_EMPTY) + 1;
  if (is_reversed && *rest == NULL) die(EXIT_USAGE, "empty remainder not allowed with -n");
  try_dressed(is_reversed ? rest : argv, &costume);
  go_on_or_end(is_reversed ? argv : rest);
}

int el_exit(int argc, char **argv) {
  unsigned int code = 0;
  if (argc > 1 && !read_number(argv[1], &code)) die_usage("exit [ exitcode ]");
  _exit((int)code);
}
