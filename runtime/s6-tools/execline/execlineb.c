/* execlineb: reads a script and executes its first command, in the same process. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How the script gets its arguments. */
enum arguments { AS_VARIABLES_OF_A_LEVEL, AS_VARIABLES, IGNORED, PUT_IN, PUT_IN_SHIFTED };

struct request {
  enum arguments arguments;
  unsigned int least;
  const char *text; /* -c */
  int strict;       /* -1: EXECLINE_STRICT decides */
};

static struct request read_options(int argc, char **argv, struct options *at) {
  static const char usage[] =
    "execlineb [ -p | -P | -S nmin | -s nmin ] [ -q | -w | -W ] [ -c commandline ] script args";
  struct request request = { .strict = -1 };
  for (int letter; (letter = next_option(argc, argv, "pPqwWec:S:s:", at)) != -1;)
    switch (letter) {
      case 'p': request.arguments = AS_VARIABLES; break;
      case 'P': request.arguments = IGNORED; break;
      case 'q': request.strict = 0; break;
      case 'w': request.strict = 1; break;
      case 'W': request.strict = 2; break;
      case 'e': break; /* since 2.9.4; it has no effect */
      case 'c': request.text = at->word; break;
      case 'S':
      case 's':
        if (!read_number(at->word, &request.least)) die_usage(usage);
        request.arguments = letter == 'S' ? PUT_IN : PUT_IN_SHIFTED;
        break;
      default: die_usage(usage);
    }
  if (request.text == NULL && at->index >= argc) die_usage(usage);
  return request;
}

static struct script read_script_of(const struct request *request, const char *file) {
  if (request->text != NULL) return parse_script(request->text);
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die_system("unable to open %s for reading", file);
  struct script script = parse_script_file(fd);
  int error = errno;
  close(fd);
  errno = error;
  return script;
}

static void refuse_mistakes(struct script script) {
  switch (script.parsed) {
    case NOT_OPEN: die(EXIT_USAGE, "unmatched }");
    case LEFT_OPEN: die(EXIT_USAGE, "unmatched {");
    case MISUSED: die(EXIT_USAGE, "syntax error");
    case UNREADABLE: die_system("unable to parse script");
    case PARSED: break;
  }
}

/* Exports the requested strictness. Gives the strictness in force, -1 when none is set. */
static int set_strictness(int wanted) {
  unsigned int level;
  if (wanted >= 0) {
    set_next("EXECLINE_STRICT", wanted == 0 ? NULL : wanted == 1 ? "1" : "2");
    return wanted;
  }
  const char *word = getenv("EXECLINE_STRICT");
  if (word == NULL) return -1;
  if (read_number(word, &level)) return level > 2 ? 2 : (int)level;
  warn("invalid EXECLINE_STRICT value, unsetting it");
  set_next("EXECLINE_STRICT", NULL);
  return -1;
}

static void set_variables(char **arguments, unsigned int count) {
  char name[16];
  set_next_number("#", count);
  for (unsigned int i = 0; i <= count; i++) {
    snprintf(name, sizeof name, "%u", i);
    set_next(name, arguments[i]);
  }
}

static char **put_in(char **words, const struct request *request, char **arguments, unsigned int count, int strict) {
  struct substitution all = { 0 };
  static const char text[] = "too few arguments: expecting at least %u but got %u";
  if (count < request->least && strict > 1) die(EXIT_USAGE, text, request->least, count);
  if (count < request->least && strict != 0) warn(text, request->least, count);
  bool is_shifted = request->arguments == PUT_IN_SHIFTED;
  substitute_arguments(&all, (const char *const *)arguments, count, request->least, is_shifted);
  return substituted(words, &all);
}

int execlineb(int argc, char **argv) {
  struct options at = { 0 };
  struct request request = read_options(argc, argv, &at);
  /* `$0` and the arguments. `$0` is the name of the script; with -c it is the name of execlineb. */
  char **arguments = argv + at.index;
  if (request.text != NULL) *--arguments = argv[0];
  unsigned int count = (unsigned int)(argv + argc - arguments) - 1;
  struct script script = read_script_of(&request, arguments[0]);
  refuse_mistakes(script);
  if (script.count == 0) return 0;
  int strict = set_strictness(request.strict);
  switch (request.arguments) {
    case AS_VARIABLES_OF_A_LEVEL: push_variables(POSITIONALS, "update environment"); /* fall through */
    case AS_VARIABLES: set_variables(arguments, count); break;
    case PUT_IN:
    case PUT_IN_SHIFTED: script.words = put_in(script.words, &request, arguments, count, strict); break;
    case IGNORED: break;
  }
  if (script.words[0] == NULL) return 0;
  go_on_with(script.words);
}
