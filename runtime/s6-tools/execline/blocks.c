/* Functions for most commands of execline: open a block, run it, check how it ended, continue with the rest. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

unsigned int strictness(void) {
  const char *word = getenv("EXECLINE_STRICT");
  unsigned int level = 0;
  if (word != NULL) read_number(word, &level);
  return level;
}

int open_block(char **argv) {
  static unsigned int block; /* the number of the block in this command, for messages */
  block++;
  for (int i = 0; argv[i] != NULL; i++) {
    if (argv[i][0] == '\0') return i;
    if (argv[i][0] == ' ') {
      argv[i]++;
      continue;
    }
    unsigned int strict = strictness();
    static const char text[] = "unquoted argument %s at block %u position %d";
    if (strict > 1) die(EXIT_USAGE, text, argv[i], block, i);
    if (strict == 1) warn(text, argv[i], block, i);
  }
  return -1;
}

int need_block(char **argv, enum emptiness emptiness) {
  int length = open_block(argv);
  if (length < 0) die(EXIT_USAGE, "unterminated block");
  if (length == 0 && emptiness == NOT_EMPTY) die(EXIT_USAGE, "empty block");
  argv[length] = NULL;
  return length;
}

void go_on_with(char **argv) {
  environ = next_environment();
  become(argv);
}

void go_on_or_end(char **argv) {
  if (argv[0] == NULL) _exit(0);
  go_on_with(argv);
}

int wait_for(pid_t pid, const char *name) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) die_system("unable to wait for %s", name);
  return status;
}

pid_t start_question(char **argv, const char *what) {
  pid_t pid = start_program(argv);
  if (pid == 0 && errno == ENOENT && argv[0][0] == ' ')
    die(EXIT_SYSTEM, "unable to spawn %s: name begins with a space, are you trying to spawn a block as your %s?",
        argv[0], what);
  if (pid == 0) die_system("unable to spawn %s", argv[0]);
  return pid;
}

int run_and_wait(char **argv) {
  pid_t pid = start_program(argv);
  if (pid == 0) die_system("unable to spawn %s", argv[0]);
  return wait_for(pid, argv[0]);
}

int code_of(int status) {
  if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  return WEXITSTATUS(status) > 128 ? 128 : WEXITSTATUS(status);
}

int number_of(int status) {
  return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

void refuse_crash(int status) {
  if (WIFSIGNALED(status)) die(128 + WTERMSIG(status), "child crashed with signal %d", WTERMSIG(status));
}

void add_to_list(struct list *list, const char *word) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity * 2 + 16;
    list->words = allocate_again(list->words, list->capacity, sizeof *list->words);
  }
  list->words[list->count++] = (char *)word;
}

/* ---- lists of codes ---------------------------------------------------------------------------------------- */

/* Reads a number, and moves `list` past it and past the separators after it. False where no digit follows. */
static bool next_code(const char **list, unsigned int *code) {
  const char *start = *list;
  for (*code = 0; **list >= '0' && **list <= '9'; ++*list) {
    unsigned int larger = *code * 10 + (unsigned int)(**list - '0');
    if (larger > UINT16_MAX) break;
    *code = larger;
  }
  if (*list == start) return false;
  *list += strspn(*list, ",:; \t\r\n");
  return true;
}

int first_code(const char *list) {
  unsigned int code;
  return next_code(&list, &code) ? (int)code : -1;
}

bool has_code(const char *list, int code) {
  unsigned int listed;
  for (int count = 0; list != NULL && count < 256 && next_code(&list, &listed); count++)
    if (listed == (unsigned int)code) return true;
  return false;
}
