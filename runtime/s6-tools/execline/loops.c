/* Commands that run the rest several times: forx, forstdin, forbacktickx, loopwhilex. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A loop with a variable: its options and its running rounds. */
struct loop {
  const char *codes; /* exit codes; NULL: none */
  bool breaks;       /* true: a listed code ends the loop; false: every other code ends it */
  bool imports;      /* the value is substituted in the words instead of exported */
  unsigned int most; /* rounds that run at the same time; 0: no limit */
  bool crunches, keeps_ends;
  const char *delimiters; /* NULL: the NUL byte; empty: netstrings */
  const char *name;
  char **argv;
  pid_t *running;
  size_t count, capacity;
  bool has_own_stdin; /* forbacktickx: each round gets a copy of the first stdin; copy -1: it was closed */
  int stdin_copy;
  bool has_failed; /* a round in the background ended with a code that ends the loop */
};

enum { READ_END = -1, READ_FAILED = -2 };

#define NEW_LOOP \
  { .breaks = true, .most = 1, .delimiters = "\n" }

static bool is_loop_option(int letter, const char *word, struct loop *loop) {
  switch (letter) {
    case 'p': loop->most = 0; break;
    case 'P': /* since 2.9.7 */
      if (!read_number(word, &loop->most)) return false;
      if (loop->most == 0) loop->most = 1;
      break;
    case 'o':
    case 'x':
      loop->codes = word;
      loop->breaks = letter == 'x';
      return first_code(word) >= 0;
    case 'E':
    case 'e': loop->imports = letter == 'E'; break;
    case 'N':
    case 'n': loop->keeps_ends = letter == 'N'; break;
    case 'C':
    case 'c': loop->crunches = letter == 'C'; break;
    case '0': loop->delimiters = NULL; break;
    case 'd': loop->delimiters = word; break;
    default: return false;
  }
  return true;
}

static bool ends_at(const struct loop *loop, int status) {
  return has_code(loop->codes, code_of(status)) == loop->breaks;
}

/* Gives a round of forbacktickx the stdin that the loop had before it opened the pipe. Errors are those of fdmove or fdclose. */
static void take_stdin_back(const struct loop *loop, char **words) {
  bool was_closed = loop->stdin_copy < 0;
  program = was_closed ? "fdclose" : "fdmove";
  if (*words == NULL) die_usage(was_closed ? "fdclose fd prog..." : "fdmove [ -c ] to from prog...");
  if (was_closed) close(0);
  else if (dup2(loop->stdin_copy, 0) < 0) die_system("unable to move fd %d to fd 0", loop->stdin_copy);
}

/* Runs in the child process of a round. Errors have the texts and effects of importas, fdmove and fdclose. */
static _Noreturn void become_round(const struct loop *loop, const char *value) {
  char **words = loop->argv;
  if (loop->imports) {
    struct substitution all = { 0 };
    substitute_for(&all, loop->name, value, 1);
    words = substituted(words, &all);
    program = "importas";
  }
  set_next(loop->name, loop->imports ? NULL : value);
  if (loop->has_own_stdin) take_stdin_back(loop, words);
  go_on_or_end(words);
}

static pid_t start_round(struct loop *loop, const char *value) {
  if (loop->imports || loop->has_own_stdin) {
    pid_t pid = fork();
    if (pid == 0) become_round(loop, value);
    return pid < 0 ? 0 : pid;
  }
  set_next(loop->name, value);
  char **environment = next_environment();
  pid_t pid = start_process(&(struct start){ loop->argv, environment, -1, -1 });
  int error = errno;
  free(environment);
  errno = error;
  return pid;
}

static void forget(struct loop *loop, pid_t pid, int status) {
  for (size_t i = 0; i < loop->count; i++)
    if (loop->running[i] == pid) {
      loop->running[i] = loop->running[--loop->count];
      if (ends_at(loop, status)) loop->has_failed = true;
      return;
    }
}

/* Waits until fewer than `most` rounds run. Also reaps children that an earlier program of this process left. */
static void wait_until_fewer(struct loop *loop, size_t most) {
  while (loop->count > 0 && loop->count >= most) {
    int status;
    pid_t pid = wait(&status);
    if (pid > 0) forget(loop, pid, status);
    else if (errno == ECHILD) loop->count = 0;
    else if (errno != EINTR) die_system("unable to wait for %s", loop->argv[0]);
  }
}

/* Runs one round. Exits when the code of the round ends the loop. */
static void run_round(struct loop *loop, const char *value) {
  pid_t pid = start_round(loop, value);
  if (pid == 0) die_system("unable to spawn %s", loop->argv[0]);
  if (loop->most == 1) {
    int status = wait_for(pid, loop->argv[0]);
    if (ends_at(loop, status)) _exit(code_of(status)); /* the next program can read the rest of stdin */
    return;
  }
  if (loop->count == loop->capacity) {
    loop->capacity = loop->capacity * 2 + 16;
    loop->running = allocate_again(loop->running, loop->capacity, sizeof *loop->running);
  }
  loop->running[loop->count++] = pid;
  if (loop->most > 1) wait_until_fewer(loop, loop->most);
}

int el_forx(int argc, char **argv) {
  static const char usage[] =
    "forx [ -E | -e ] [ -p ] [ -o okcode,okcode,... | -x breakcode,breakcode,... ] var { values... } command...";
  struct options at = { 0 };
  struct loop loop = NEW_LOOP;
  for (int letter; (letter = next_option(argc, argv, "pP:o:x:Ee", &at)) != -1;)
    if (!is_loop_option(letter, at.word, &loop)) die_usage(usage);
  if (argc - at.index < 2) die_usage(usage);
  loop.name = argv[at.index];
  check_name(loop.name);
  char **values = argv + at.index + 1;
  int count = need_block(values, MAY_BE_EMPTY);
  loop.argv = values + count + 1;
  if (count == 0 || *loop.argv == NULL) return 0;
  for (int i = 0; i < count; i++)
    run_round(&loop, values[i]);
  wait_until_fewer(&loop, 1);
  return loop.most == 0 && loop.has_failed;
}

/* ---- forstdin ---------------------------------------------------------------------------------------------- */

/* Reads stdin in pieces of the same size as the original. So a round that reads stdin too finds the same bytes. */
static int next_byte(void) {
  static unsigned char bytes[8191];
  static ssize_t count, position;
  if (position < count) return bytes[position++];
  do
    count = read(0, bytes, sizeof bytes);
  while (count < 0 && errno == EINTR);
  if (count < 0) return READ_FAILED;
  position = 1;
  return count == 0 ? READ_END : bytes[0];
}

/* Reads a value with its delimiter. Gives 1 for a value, 0 at the end of input, -1 for a value without delimiter. */
static int read_value(struct text *value, const char *delimiters) {
  int c;
  value->length = 0;
  while ((c = next_byte()) >= 0) {
    append_byte(value, (char)c);
    if (delimiters == NULL ? c == '\0' : c != '\0' && strchr(delimiters, c) != NULL) return 1;
  }
  if (c == READ_FAILED) die_system("unable to skagetlnsep");
  return value->length == 0 ? 0 : -1;
}

/* Reads `LENGTH:VALUE,`. False at the end of input. Source: skalibs 2.13.1, netstring_get: at most 20 digits. */
static bool read_netstring(struct text *value) {
  uint64_t length = 0;
  char digits[21];
  int c, count = 0;
  value->length = 0;
  while ((c = next_byte()) >= 0 && c != ':' && count < 20)
    digits[count++] = (char)c;
  digits[count] = '\0';
  if (c == READ_END && count == 0) return false;
  bool is_good = c == ':' && read_large(digits, &length);
  for (; is_good && length > 0 && (c = next_byte()) >= 0; length--)
    append_byte(value, (char)c);
  if (is_good && length == 0 && (c = next_byte()) == ',') return true;
  if (c != READ_FAILED) errno = c == READ_END ? EPIPE : EPROTO;
  die_system("unable to netstring_get");
}

/* Runs a round for each value of stdin. Gives the exit code. */
static int run_rounds(struct loop *loop) {
  struct text value = { 0 };
  int code = 1; /* the exit code if there is no round */
  bool has_netstrings = loop->delimiters != NULL && *loop->delimiters == '\0';
  for (int found = 1; found > 0;) {
    found = has_netstrings ? read_netstring(&value) : read_value(&value, loop->delimiters);
    if (found == 0 || (found < 0 && !loop->keeps_ends)) break;
    if (!has_netstrings && loop->crunches && value.length == 1) continue;
    if (!has_netstrings && !loop->keeps_ends) value.length--;
    append_byte(&value, '\0');
    code = 0;
    run_round(loop, value.bytes);
  }
  wait_until_fewer(loop, 1);
  return code;
}

int el_forstdin(int argc, char **argv) {
  static const char usage[] = "forstdin [ -E | -e ] [ -p | -o okcode,okcode,... | -x breakcode,breakcode,... ] [ -N | "
                              "-n ] [ -C | -c ] [ -0 | -d delim ] "
                              "var command...";
  struct options at = { 0 };
  struct loop loop = NEW_LOOP;
  for (int letter; (letter = next_option(argc, argv, "pP:NnCc0d:o:x:Ee", &at)) != -1;)
    if (!is_loop_option(letter, at.word, &loop)) die_usage(usage);
  if (argc - at.index < 2) die_usage(usage);
  loop.name = argv[at.index];
  loop.argv = argv + at.index + 1;
  check_name(loop.name);
  return run_rounds(&loop);
}

/*
 * Runs the block, whose output the loop reads through a pipe. The original executes pipeline, unexport and forstdin, and each
 * round executes fdmove. Here one process does all of it, and its messages name those commands.
 */
int el_forbacktickx(int argc, char **argv) {
  static const char usage[] = "forbacktickx [ -p | -o okcode,okcode,... | -x breakcode,breakcode,... ] [ -E | -e ] [ "
                              "-N | -n ] [ -C | -c ] [ -0 | -d "
                              "delim ] var { backtickcmd... } command...";
  struct options at = { 0 };
  struct loop loop = NEW_LOOP;
  for (int letter; (letter = next_option(argc, argv, "pP:NnCc0d:o:x:Ee", &at)) != -1;)
    if (!is_loop_option(letter, at.word, &loop)) die_usage(usage);
  if (argc - at.index < 2 || argv[at.index][0] == '\0') die_usage(usage);
  loop.name = argv[at.index];
  loop.has_own_stdin = true;
  char **block = argv + at.index + 1;
  if (**block == '\0') die(EXIT_USAGE, "empty block");
  loop.stdin_copy = fcntl(0, F_DUPFD_CLOEXEC, 3);
  if (loop.stdin_copy < 0 && errno != EBADF) die_system("unable to dup stdin");
  for (loop.argv = block; *loop.argv == NULL || **loop.argv != '\0'; loop.argv++)
    if (*loop.argv == NULL) die(EXIT_USAGE, "unterminated block");
  program = "pipeline";
  need_block(block, NOT_EMPTY);
  loop.argv++;
  start_into_pipe(block, 0, false);
  program = "forstdin";
  check_name(loop.name);
  set_next("!", NULL);
  return run_rounds(&loop);
}

int el_loopwhilex(int argc, char **argv) {
  static const char usage[] = "loopwhilex [ -n ] [ -o okcode,okcode,... | -x exitcode,exitcode,... ] prog...";
  struct options at = { 0 };
  const char *codes = NULL;
  bool is_negated = false, is_reversed = false;
  for (int letter; (letter = next_option(argc, argv, "no:x:", &at)) != -1;) {
    if (letter == 'n') is_negated = true;
    else if (letter != '?' && first_code(at.word) >= 0) {
      codes = at.word;
      is_reversed = letter == 'x';
    } else die_usage(usage);
  }
  if (at.index >= argc) die_usage(usage);
  bool ends_with = codes != NULL && is_reversed ? !is_negated : is_negated;
  for (;;) {
    int code = code_of(wait_for(start_question(argv + at.index, "loop body"), argv[at.index]));
    if (has_code(codes == NULL ? "0" : codes, code) == ends_with) return code;
  }
}
