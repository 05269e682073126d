/* Commands whose next step depends on how a block ended: if, ifelse, ifte, ifthenelse, foreground; and case. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The options `-n` and `-X` of if, ifelse and ifte. */
struct condition {
  bool is_negated;
  bool
    takes_crashes; /* a program that was killed by a signal makes the condition false, instead of ending the script */
};

static bool is_condition_option(int letter, struct condition *condition) {
  if (letter == 'n') condition->is_negated = true;
  else if (letter == 'X') condition->takes_crashes = true;
  else return false;
  return true;
}

/* Whether a program that ended with this status makes the condition true. */
static bool holds(const struct condition *condition, int status) {
  if (!condition->takes_crashes) refuse_crash(status);
  return (code_of(status) == 0) != condition->is_negated;
}

/* Gives the words of a block, and moves `argv` past the block. Exits with an error when the block has no end. */
static char **next_block(char ***argv, const char *name) {
  char **block = *argv;
  int length = open_block(block);
  if (length < 0) die(EXIT_USAGE, "unterminated %s block", name);
  block[length] = NULL;
  *argv += length + 1;
  return block;
}

static void need_more(char **argv, const char *message) {
  if (*argv == NULL) die(EXIT_USAGE, "%s", message);
}

int el_if(int argc, char **argv) {
  static const char usage[] = "if [ -n ] [ -X ] [ -t | -x exitcode ] { command... }";
  struct options at = { 0 };
  struct condition condition = { 0 };
  int code = 1;
  bool is_fixed = false;
  for (int letter; (letter = next_option(argc, argv, "nXtx:", &at)) != -1;) {
    if (letter == 't') code = 0;
    else if (letter == 'x') {
      code = first_code(at.word);
      if (code < 0) die_usage(usage);
    } else if (!is_condition_option(letter, &condition)) die_usage(usage);
    if (letter != 'X') is_fixed = true;
  }
  if (code > 255) die(EXIT_USAGE, "invalid exit code");
  argv += at.index;
  int length = need_block(argv, MAY_BE_EMPTY), status = run_and_wait(argv);
  if (holds(&condition, status)) go_on_or_end(argv + length + 1);
  return is_fixed ? code : code_of(status);
}

int el_ifelse(int argc, char **argv) {
  struct options at = { 0 };
  struct condition condition = { 0 };
  for (int letter; (letter = next_option(argc, argv, "nX", &at)) != -1;)
    if (!is_condition_option(letter, &condition))
      die_usage("ifelse [ -n ] [ -X ] { command-if } { command-then... } command-else...");
  argv += at.index;
  char **question = next_block(&argv, "if");
  need_more(argv, "then block required");
  char **then = next_block(&argv, "then");
  bool is_true = holds(&condition, run_and_wait(question));
  go_on_or_end(is_true ? then : argv);
}

int el_ifte(int argc, char **argv) {
  struct options at = { 0 };
  struct condition condition = { 0 };
  for (int letter; (letter = next_option(argc, argv, "Xn", &at)) != -1;)
    if (!is_condition_option(letter, &condition))
      die_usage("ifte [ -X ] [ -n ] { command-then... } { command-else... } command-if...");
  argv += at.index;
  char **then = next_block(&argv, "then");
  need_more(argv, "else block required");
  char **otherwise = next_block(&argv, "else");
  need_more(argv, "empty command-if");
  int status = wait_for(start_question(argv, "command-if"), argv[0]);
  go_on_or_end(holds(&condition, status) ? then : otherwise);
}

/* Runs the words, sets the variable `?` to their exit code, and executes the rest. */
static _Noreturn void run_then(char **argv, char **rest) {
  pid_t pid = start_program(argv);
  if (pid == 0) {
    warn_system("unable to spawn %s", argv[0]);
    set_next("?", "127");
  } else set_next_number("?", (unsigned int)number_of(wait_for(pid, argv[0])));
  go_on_or_end(rest);
}

int el_ifthenelse(int argc, char **argv) {
  struct options at = { 0 };
  bool takes_crashes = false, is_joined = false;
  for (int letter; (letter = next_option(argc, argv, "Xs", &at)) != -1;) {
    if (letter == 'X') takes_crashes = true;
    else if (letter == 's') is_joined = true; /* the rest is appended to the chosen block */
    else die_usage("ifthenelse [ -X ] { command-if... } { command-then... } { command-else... } [ remainder... ]");
  }
  argv += at.index;
  char **question = next_block(&argv, "if");
  need_more(argv, "then block required");
  char **then = next_block(&argv, "then"), **otherwise = next_block(&argv, "else"), **chosen = then;
  int status = run_and_wait(question);
  if (!takes_crashes) refuse_crash(status);
  if (code_of(status) != 0) chosen = otherwise;
  if (!is_joined) run_then(chosen, argv);
  size_t length = 0;
  while (chosen[length] != NULL)
    length++;
  do
    chosen[length++] = *argv;
  while (*argv++ != NULL);
  go_on_or_end(chosen);
}

int el_foreground(int argc, char **argv) {
  (void)argc;
  int length = need_block(++argv, MAY_BE_EMPTY);
  run_then(argv, argv + length + 1);
}

/* ---- case -------------------------------------------------------------------------------------------------- */

/* How values are compared with patterns. */
struct matching {
  bool is_shell, is_extended, keeps_parts, ignores_case;
};

/* Exports what each pair of parentheses matched as `1`, `2` …, the pattern as `0`, and the number of pairs as `#`. */
static void export_parts(const char *pattern, const char *value, const regmatch_t *parts, size_t count) {
  char name[24];
  set_next_number("#", count);
  set_next("0", pattern);
  for (size_t i = 1; i <= count; i++) {
    size_t start = parts[i].rm_so < 0 ? 0 : (size_t)parts[i].rm_so,
           end = parts[i].rm_so < 0 ? 0 : (size_t)parts[i].rm_eo;
    char *part = copy_of(value + start, end - start);
    snprintf(name, sizeof name, "%zu", i);
    set_next(name, part);
  }
}

static bool matches_expression(const char *value, const char *pattern, const char *next, const struct matching *how) {
  regex_t compiled;
  struct text whole = { 0 };
  char why[256];
  append_byte(&whole, '^');
  append_word(&whole, pattern);
  append(&whole, "$", 2);
  int flags = (how->is_extended ? REG_EXTENDED : 0) | (how->ignores_case ? REG_ICASE : 0) |
              (how->keeps_parts ? 0 : REG_NOSUB) | REG_NEWLINE;
  int failure = regcomp(&compiled, whole.bytes, flags);
  if (failure != 0) {
    regerror(failure, &compiled, why, sizeof why);
    die(failure == REG_ESPACE ? EXIT_SYSTEM : EXIT_USAGE, "unable to regcomp \"^%s$\": %s", next, why);
  }
  size_t count = how->keeps_parts ? compiled.re_nsub : 0;
  regmatch_t *parts = allocate(count + 1, sizeof *parts);
  failure = regexec(&compiled, value, count + 1, parts, 0);
  if (failure != 0 && failure != REG_NOMATCH) {
    regerror(failure, &compiled, why, sizeof why);
    die(EXIT_SYSTEM, "unable to match string \"%s\" against regex \"%s\": %s", value, pattern, why);
  }
  if (failure == 0 && how->keeps_parts) export_parts(pattern, value, parts, count);
  free(parts);
  regfree(&compiled);
  return failure == 0;
}

static bool matches_pattern(const char *value, const char *pattern, const struct matching *how) {
  int flags = (how->is_extended ? 0 : FNM_NOESCAPE) | (how->ignores_case ? FNM_PERIOD : 0) |
              (how->keeps_parts ? FNM_PATHNAME : 0);
  int result = fnmatch(pattern, value, flags);
  if (result != 0 && result != FNM_NOMATCH) warn("invalid fnmatch pattern: %s", pattern);
  return result == 0;
}

int el_case(int argc, char **argv) {
  static const char usage[] =
    "case [ -s | -S ] [ -e | -E ] [ -n | -N ] [ -i ] value { re1 { prog1... } re2 { prog2... } ... } progdefault... ";
  struct options at = { 0 };
  struct matching how = { .is_extended = true };
  for (int letter; (letter = next_option(argc, argv, "sSeEnNi", &at)) != -1;)
    switch (letter) {
      case 's':
      case 'S': how.is_shell = letter == 's'; break;
      case 'e':
      case 'E': how.is_extended = letter == 'E'; break;
      case 'n':
      case 'N': how.keeps_parts = letter == 'N'; break;
      case 'i': how.ignores_case = true; break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  const char *value = argv[at.index];
  argv += at.index + 1;
  char **end = argv, **pattern = next_block(&end, "case");
  for (end--; pattern < end;) {
    char **block = pattern + 1;
    if (block == end) die(EXIT_USAGE, "malformed case block");
    int length = open_block(block);
    if (length < 0 || block + length >= end) die(EXIT_USAGE, "unterminated regex block");
    bool is_match =
      how.is_shell ? matches_pattern(value, *pattern, &how) : matches_expression(value, *pattern, *block, &how);
    block[length] = NULL;
    if (is_match) go_on_or_end(block);
    pattern = block + length + 1;
  }
  go_on_or_end(end + 1);
}
