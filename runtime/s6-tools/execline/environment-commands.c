/* Commands that change the environment: export, export-array, unexport, emptyenv, getcwd, getpid. */
#define _GNU_SOURCE
#include "execline.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_assigned(const char *name) {
  if (strchr(name, '=') != NULL) die(EXIT_USAGE, "invalid variable name: %s", name);
}

int el_export(int argc, char **argv) {
  if (argc < 4) die_usage("export variable value prog...");
  check_assigned(argv[1]);
  set_next(argv[1], argv[2]);
  go_on_with(argv + 3);
}

int el_unexport(int argc, char **argv) {
  if (argc < 3) die_usage("unexport variable prog...");
  check_assigned(argv[1]);
  set_next(argv[1], NULL);
  go_on_with(argv + 2);
}

/* Since 2.9.6. */
int el_export_array(int argc, char **argv) {
  static const char usage[] = "export-array [ -d delim ] variable { value-list } prog...";
  struct options at = { 0 };
  struct text value = { 0 };
  char delimiter = '\0';
  for (int letter; (letter = next_option(argc, argv, "d:", &at)) != -1; delimiter = *at.word)
    if (letter == '?') die_usage(usage);
  if (argc - at.index < 2) die_usage(usage);
  const char *name = argv[at.index];
  check_assigned(name);
  argv += at.index + 1;
  char **rest = argv + need_block(argv, NOT_EMPTY) + 1;
  if (*rest == NULL) die_usage(usage);
  for (; *argv != NULL; argv++) {
    if (delimiter == '\0') append_netstring(&value, *argv);
    else {
      append_word(&value, *argv);
      append_byte(&value, delimiter);
    }
  }
  append_byte(&value, '\0');
  set_next(name, value.bytes);
  go_on_with(rest);
}

/* ---- emptyenv ---------------------------------------------------------------------------------------------- */

static bool begins_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* Whether execline itself has set this variable. */
static bool is_own(const char *assignment) {
  return strchr("#0123456789", *assignment) != NULL || begins_with(assignment, "ELGETOPT_") ||
         begins_with(assignment, "EXECLINE_") || begins_with(assignment, "FD") || begins_with(assignment, "!=") ||
         begins_with(assignment, "?=");
}

/* Removes variables. Keeps all except execline's own (all_others), or only PATH and LD_LIBRARY_PATH where requested. */
static void keep_some(bool all_others, bool path, bool libraries) {
  keep_path();
  size_t count = 0;
  while (environ[count] != NULL)
    count++;
  char **kept = allocate(count + 1, sizeof *kept);
  count = 0;
  for (char **at = environ; *at != NULL; at++)
    if (all_others ? !is_own(*at)
                   : (path && begins_with(*at, "PATH=")) || (libraries && begins_with(*at, "LD_LIBRARY_PATH=")))
      kept[count++] = *at;
  kept[count] = NULL;
  environ = kept;
}

int el_emptyenv(int argc, char **argv) {
  struct options at = { 0 };
  bool path = false, libraries = false, cleans = false;
  int popped = 0;
  for (int letter; (letter = next_option(argc, argv, "plcoP", &at)) != -1;)
    switch (letter) {
      case 'p': path = true; break;
      case 'l': libraries = true; break; /* since 2.9.8 */
      case 'c': cleans = true; break;
      case 'o': popped |= OPTIONS; break;
      case 'P': popped |= POSITIONALS; break;
      default: die_usage("emptyenv [ -p | -c | -o | -P ] prog...");
    }
  if (at.index >= argc) die_usage("emptyenv [ -p | -c | -o | -P ] prog...");
  if (!cleans && popped != 0) pop_variables(popped, "pop current execline environment");
  else keep_some(cleans, path, libraries);
  go_on_with(argv + at.index);
}

/* ---- getcwd, getpid ---------------------------------------------------------------------------------------- */

int el_getcwd(int argc, char **argv) {
  static const char usage[] = "getcwd [ -E | -e ] variable prog...";
  struct options at = { 0 };
  bool imports = false;
  for (int letter; (letter = next_option(argc, argv, "Ee", &at)) != -1; imports = letter == 'E')
    if (letter == '?') die_usage(usage);
  if (argc - at.index < 2) die_usage(usage);
  check_name(argv[at.index]);
  char *directory = get_current_dir_name();
  if (directory == NULL) die_system("unable to getcwd");
  go_on_having(argv + at.index + 1, argv[at.index], directory, imports);
}

int el_getpid(int argc, char **argv) {
  static const char usage[] = "getpid [ -E | -e ] [ -P | -p ] variable prog...";
  struct options at = { 0 };
  struct text text = { 0 };
  bool imports = false, is_parents = false;
  for (int letter; (letter = next_option(argc, argv, "EePp", &at)) != -1;)
    switch (letter) {
      case 'E':
      case 'e': imports = letter == 'E'; break;
      case 'P':
      case 'p': is_parents = letter == 'P'; break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  check_name(argv[at.index]);
  append_number(&text, (unsigned int)(is_parents ? getppid() : getpid()));
  append_byte(&text, '\0');
  go_on_having(argv + at.index + 1, argv[at.index], text.bytes, imports);
}
