/* Commands that substitute values in the words of the rest: define, importas, elglob, elgetpositionals, multidefine. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <glob.h>
#include <string.h>

/* Results of a directive that failed; otherwise the result is the number of words that the directive took. */
enum { USAGE = -3, BAD_KEY = -2, FAILED = -1, EMPTY_BLOCK = -4 };

typedef int directive(int argc, char **argv, struct substitution *all);

static int define(int argc, char **argv, struct substitution *all) {
  struct options at = { 0 };
  struct transformation how = NO_TRANSFORMATION;
  struct value value;
  for (int letter; (letter = next_option(argc, argv, "NnsCcd:", &at)) != -1;)
    if (!is_transforming(letter, at.word, &how)) return USAGE;
  if (argc - at.index < 2) return USAGE;
  if (!transform(argv[at.index + 1], &how, &value)) return FAILED;
  return substitute_for(all, argv[at.index], value.bytes, value.count) ? at.index + 2 : BAD_KEY;
}

static int importas(int argc, char **argv, struct substitution *all) {
  struct options at = { 0 };
  struct transformation how = NO_TRANSFORMATION;
  struct value value = { "", 0 };
  const char *otherwise = NULL;
  bool insists = false, unexports = false;
  int place = 1; /* the index of the variable's name: the name follows the key, or is the key */
  for (int letter; (letter = next_option(argc, argv, "SiuD:NnsCcd:", &at)) != -1;)
    switch (letter) {
      case 'S': place = 0; break; /* since 2.9.6 */
      case 'i': insists = true; break;
      case 'u': unexports = true; break;
      case 'D': otherwise = at.word; break;
      default:
        if (!is_transforming(letter, at.word, &how)) return USAGE;
    }
  if (argc - at.index < 1 + place) return USAGE;
  const char *key = argv[at.index], *name = argv[at.index + place];
  if (!substitute_for(all, key, "", 0)) return BAD_KEY;
  const char *found = variable(name);
  if (found == NULL && insists) die(EXIT_USAGE, "%s not set", name);
  if (found != NULL && unexports) set_next(name, NULL);
  const char *text = found != NULL ? found : otherwise;
  if (text != NULL && !transform(text, &how, &value)) return FAILED;
  all->values[find_name(&all->names, key, strlen(key))] = value;
  return at.index + 1 + place;
}

static int warn_of_reading(const char *path, int error) {
  errno = error;
  warn_system("while globbing, error reading %s", path);
  return 0;
}

/*
 * Makes a value of the paths: one word for each; with a delimiter one word of all paths, with an empty delimiter one word of
 * netstrings. `chomps`: the last path has no delimiter.
 */
static struct value join(const glob_t *found, const char *delimiter, bool chomps) {
  struct text text = { 0 };
  for (size_t i = 0; i < found->gl_pathc; i++) {
    if (delimiter != NULL && *delimiter == '\0') {
      append_netstring(&text, found->gl_pathv[i]);
      continue;
    }
    append_word(&text, found->gl_pathv[i]);
    if (delimiter == NULL) append_byte(&text, '\0');
    else if (!chomps || i + 1 < found->gl_pathc) append_byte(&text, *delimiter);
  }
  append_byte(&text, '\0');
  return (struct value){ text.bytes, delimiter == NULL ? found->gl_pathc : 1 };
}

static int elglob(int argc, char **argv, struct substitution *all) {
  struct options at = { 0 };
  int flags = GLOB_NOSORT | GLOB_NOCHECK;
  bool is_verbose = false, chomps = false;
  const char *delimiter = NULL;
  for (int letter; (letter = next_option(argc, argv, "vwsme0nd:", &at)) != -1;)
    switch (letter) {
      case 'v': is_verbose = true; break;
      case 'w': flags |= GLOB_ERR; break;
      case 's': flags &= ~GLOB_NOSORT; break;
      case 'm': flags |= GLOB_MARK; break;
      case 'e': flags |= GLOB_NOESCAPE; break;
      case '0': flags &= ~GLOB_NOCHECK; break;
      case 'n': chomps = true; break; /* this option and the next one: since 2.9.6 */
      case 'd': delimiter = at.word; break;
      default: return USAGE;
    }
  if (argc - at.index < 2) return USAGE;
  if (!substitute_for(all, argv[at.index], "", 0)) return BAD_KEY;
  glob_t found = { 0 };
  int failure = glob(argv[at.index + 1], flags, is_verbose ? warn_of_reading : NULL, &found);
  if (failure != 0 && failure != GLOB_NOMATCH) return FAILED;
  if (failure == GLOB_NOMATCH) found.gl_pathc = 0;
  all->values[find_name(&all->names, argv[at.index], strlen(argv[at.index]))] = join(&found, delimiter, chomps);
  return at.index + 2;
}

static int elgetpositionals(int argc, char **argv, struct substitution *all) {
  struct options at = { 0 };
  unsigned int least = 0, count;
  for (int letter; (letter = next_option(argc, argv, "P:", &at)) != -1;)
    if (letter == '?' || !read_number(at.word, &least)) return USAGE;
  const char *word = variable("#");
  if (word == NULL || !read_number(word, &count)) return BAD_KEY;
  static const char text[] = "too few arguments: expected at least %u but got %u";
  if (count < least && strictness() > 1) die(EXIT_USAGE, text, least, count);
  if (count < least && strictness() == 1) warn(text, least, count);
  const char **arguments = NULL;
  size_t capacity = 0;
  for (unsigned int i = 0; i <= count; i++) {
    if (i >= capacity) arguments = allocate_again(arguments, capacity = capacity * 2 + 16, sizeof *arguments);
    arguments[i] = numbered_variable(i);
    if (arguments[i] == NULL) return BAD_KEY;
  }
  return substitute_arguments(all, arguments, count, least, false) ? at.index : BAD_KEY;
}

static int multidefine(int argc, char **argv, struct substitution *all) {
  struct options at = { 0 };
  struct transformation how = NO_TRANSFORMATION;
  struct value value;
  bool needs_none = false, takes_rest = false;
  how.splits = true;
  for (int letter; (letter = next_option(argc, argv, "0rNnCcd:", &at)) != -1;) {
    if (letter == '0') needs_none = true;
    else if (letter == 'r') takes_rest = true;
    else if (!is_transforming(letter, at.word, &how)) return USAGE;
  }
  if (argc - at.index < 2) return USAGE;
  const char *text = argv[at.index];
  char **names = argv + at.index + 1;
  int count = open_block(names);
  if (count == 0) return EMPTY_BLOCK;
  if (count < 0 || count >= argc - at.index - 1) return USAGE;
  if (!transform(text, &how, &value)) return FAILED;
  const char *word = value.bytes;
  size_t left = value.count;
  for (int i = 0; i < count; i++) {
    bool has_word = left > 0;
    if (*names[i] != '\0' && !substitute_for(all, names[i], has_word ? word : "", has_word || !needs_none))
      return BAD_KEY;
    if (!has_word) continue;
    word += strlen(word) + 1;
    left--;
  }
  if (takes_rest && left > 0 && all->names.count > 0) all->values[all->names.count - 1].count = left + 1;
  return at.index + count + 2;
}

/* ---- each as a command ------------------------------------------------------------------------------------- */

static _Noreturn void run(int argc, char **argv, directive *act, const char *usage) {
  struct substitution all = { 0 };
  int taken = act(argc, argv, &all);
  switch (taken) {
    case EMPTY_BLOCK: die(EXIT_USAGE, "empty block");
    case USAGE: die_usage(usage);
    case BAD_KEY: die(EXIT_SYSTEM, "bad substitution key");
    case FAILED: die_system("unable to complete exlsn function");
  }
  go_on_or_end(substituted(argv + taken, &all));
}

int el_define(int argc, char **argv) {
  run(argc, argv, define, "define [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key value prog...");
}

int el_importas(int argc, char **argv) {
  run(argc, argv, importas,
      "importas [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key var prog...");
}

int el_elglob(int argc, char **argv) {
  run(argc, argv, elglob, "elglob [ -v ] [ -w ] [ -s ] [ -m ] [ -e ] [ -0 ] key pattern prog...");
}

int el_elgetpositionals(int argc, char **argv) {
  run(argc, argv, elgetpositionals, "elgetpositionals [ -P num ] prog...");
}

int el_multidefine(int argc, char **argv) {
  run(argc, argv, multidefine,
      "multidefine [ -0 ] [ -r ] [ -N | -n ] [ -C | -c ] [ -d delim ] value { vars... } prog...");
}

int el_multisubstitute(int argc, char **argv) {
  static const char usage[] = "see http://skarnet.org/software/execline/multisubstitute.html";
  static const struct {
    const char *name;
    directive *act;
  } DIRECTIVES[] = {
    { "define", define },           { "importas", importas },
    { "elglob", elglob },           { "elgetpositionals", elgetpositionals },
    { "multidefine", multidefine },
  };
  enum { COUNT = sizeof DIRECTIVES / sizeof *DIRECTIVES };
  struct substitution all = { 0 };
  if (argc < 2) die_usage(usage);
  int left = open_block(++argv);
  if (left < 0) die(EXIT_USAGE, "unterminated block");
  if (argv[left + 1] == NULL) die_usage(usage);
  for (int taken; left > 0; argv += taken, left -= taken) {
    size_t i = 0;
    while (i < COUNT && strcmp(DIRECTIVES[i].name, *argv) != 0)
      i++;
    if (i == COUNT) die(EXIT_USAGE, "syntax error: unrecognized directive %s", *argv);
    taken = DIRECTIVES[i].act(left, argv, &all);
    switch (taken) {
      case USAGE: die(EXIT_USAGE, "syntax error at directive %s", *argv);
      case BAD_KEY: die(EXIT_USAGE, "wrong key for directive %s", *argv);
      case FAILED: die_system("unable to run directive %s", *argv);
      case EMPTY_BLOCK: die(EXIT_SYSTEM, "unknown error with directive %s", *argv);
    }
  }
  go_on_or_end(substituted(argv + 1, &all));
}
