/* Commands for the working directory, the umask and home directories: cd, umask, posix-cd, posix-umask, homeof. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int el_cd(int argc, char **argv) {
  program = "execline-cd";
  if (argc < 3) die_usage("cd path prog...");
  if (chdir(argv[1]) < 0) die_system("unable to chdir to %s", argv[1]);
  go_on_with(argv + 2);
}

/* Reads the octal digits at the start of the word. Gives the rest of the word, NULL when there is no digit. */
static const char *read_mask(const char *word, unsigned int *mask) {
  const char *at = word;
  for (*mask = 0; *at >= '0' && *at <= '7' && *mask <= UINT32_MAX / 8; at++)
    *mask = *mask * 8 + (unsigned int)(*at - '0');
  return at == word ? NULL : at;
}

int el_umask(int argc, char **argv) {
  unsigned int mask;
  program = "execline-umask";
  if (argc < 3 || read_mask(argv[1], &mask) == NULL) die_usage("umask value prog...");
  umask(mask);
  go_on_with(argv + 2);
}

int el_homeof(int argc, char **argv) {
  if (argc < 2) die_usage("homeof user");
  errno = 0;
  struct passwd *account = getpwnam(argv[1]);
  if (account == NULL && errno != 0 && errno != ENOENT) die_system("unable to get passwd entry for %s", argv[1]);
  if (account == NULL) die(EXIT_SYSTEM, "unable to get passwd entry for %s: no such user", argv[1]);
  puts(account->pw_dir);
  flush_output();
  return 0;
}

/* ---- posix-cd ---------------------------------------------------------------------------------------------- */

static bool begins_at_dot(const char *path) {
  size_t dots = strspn(path, ".");
  return (dots == 1 || dots == 2) && (path[dots] == '\0' || path[dots] == '/');
}

/* Gives the path in the first directory of CDPATH in which it exists. NULL when it exists in none. */
static char *find_below(const char *list, const char *path) {
  struct stat found;
  for (const char *at = list; *at != '\0'; at += *at == ':') {
    size_t length = strcspn(at, ":");
    struct text text = { 0 };
    append(&text, at, length);
    if (length == 0) append_byte(&text, '.');
    if (text.bytes[text.length - 1] != '/') append_byte(&text, '/');
    append(&text, path, strlen(path) + 1);
    if (stat(text.bytes, &found) == 0 && S_ISDIR(found.st_mode)) return text.bytes;
    free(text.bytes);
    at += length;
  }
  return NULL;
}

static void drop_last_part(struct text *path) {
  while (path->length > 0 && path->bytes[--path->length] != '/')
    continue;
}

static void need_directory(const char *directory, const char *whole) {
  struct stat found;
  bool is_there = stat(directory, &found) == 0;
  if (is_there && S_ISDIR(found.st_mode)) return;
  if (is_there) errno = ENOTDIR;
  die_system("unable to canonicalize %s: problem with %s", whole, directory);
}

/* Gives the path without `.`, `..` and repeated slashes. The part before a `..` must be a directory. */
static char *canonical(const char *path) {
  const char *part = path;
  struct text made = { 0 };
  size_t depth = 0, length;
  bool is_absolute = *path == '/';
  for (part += strspn(part, "/"); *part != '\0'; part += length + strspn(part + length, "/")) {
    length = strcspn(part, "/");
    bool is_up = length == 2 && memcmp(part, "..", 2) == 0;
    if (is_up && depth > 0) {
      append_byte(&made, '\0');
      need_directory(made.bytes, path);
      made.length--;
      drop_last_part(&made);
      depth--;
    } else if (!(length == 1 && *part == '.') && !(is_up && is_absolute)) {
      if (made.length > 0 || is_absolute) append_byte(&made, '/');
      append(&made, part, length);
      depth += !is_up;
    }
  }
  if (made.length == 0) append_byte(&made, is_absolute ? '/' : '.');
  append_byte(&made, '\0');
  return made.bytes;
}

static const char *working_directory(void) {
  const char *directory = get_current_dir_name();
  if (directory == NULL) die_system("unable to getcwd");
  return directory;
}

/* Resolves the path relative to PWD, if PWD is set. */
static char *logical(const char *path) {
  const char *start = getenv("PWD");
  struct text text = { 0 };
  if (start != NULL && *path != '/') {
    append_word(&text, start);
    if (text.length > 0 && text.bytes[text.length - 1] != '/') append_byte(&text, '/');
  }
  append(&text, path, strlen(path) + 1);
  return canonical(text.bytes);
}

int el_posix_cd(int argc, char **argv) {
  static const char usage[] = "posix-cd [ -L | -P ] [ - | path ] [ prog... ]";
  struct options at = { 0 };
  bool is_physical = false;
  for (int letter; (letter = next_option(argc, argv, "LP", &at)) != -1; is_physical = letter == 'P')
    if (letter == '?') die_usage(usage);
  argv += at.index;
  const char *where = *argv == NULL ? getenv("HOME") : *argv++;
  bool says_where = where != NULL && argc > at.index && strcmp(where, "-") == 0;
  if (says_where) where = getenv("OLDPWD");
  if (where == NULL || *where == '\0') die_usage(usage);
  const char *list = *where == '/' || begins_at_dot(where) ? NULL : getenv("CDPATH");
  const char *path = list == NULL ? NULL : find_below(list, where);
  if (path != NULL) says_where = true;
  else path = where;
  set_next("OLDPWD", working_directory());
  if (!is_physical) path = logical(path);
  if (chdir(path) < 0) die_system("unable to chdir to %s", where);
  if (is_physical) path = working_directory();
  set_next("PWD", path);
  if (says_where) {
    puts(path);
    flush_output();
  }
  go_on_or_end(argv);
}

/* ---- posix-umask ------------------------------------------------------------------------------------------- */

static int print_mask(bool in_words) {
  mode_t mask = umask(0);
  if (!in_words) printf("%04o\n", mask);
  else
    for (int i = 2; i >= 0; i--) {
      unsigned int may = ~(mask >> (3 * i));
      printf("%c=%s%s%s%c", "ogu"[i], may & 4 ? "r" : "", may & 2 ? "w" : "", may & 1 ? "x" : "", i > 0 ? ',' : '\n');
    }
  flush_output();
  return 0;
}

/*
 * Gives the bits of a letter, -1 for an unknown letter. A letter names classes of users (u 4, g 2, o 1, a 7) or a permission
 * (X counts as x; s and t have no bits).
 */
static int bits_of(char letter, const char *letters, const char *bits) {
  const char *found = letter == '\0' ? NULL : strchr(letters, letter);
  return found == NULL ? -1 : bits[found - letters] - '0';
}

struct symbols {
  enum { START, WHO, OPERATOR, COPIED, PERMISSIONS } state;
  unsigned int modes[3]; /* of others, of the group, of the user */
  unsigned int who, what;
  char operator;
};

static void apply(struct symbols *at) {
  if (at->state != COPIED && at->state != PERMISSIONS) return;
  for (int i = 0; i < 3; i++) {
    unsigned int *mode = &at->modes[i];
    if ((at->who >> i & 1) == 0) continue;
    *mode = at->operator== '-' ? *mode & ~at->what : at->operator== '+' ? *mode | at->what : at->what;
  }
  at->what = 0;
}

/* Takes a character. False where it is not allowed. Source: execline 2.9.3, pu_parsemode: a last operator has no effect. */
static bool read_symbol(struct symbols *at, char c) {
  int who = bits_of(c, "ugoa", "4217"), what = bits_of(c, "rwxXst", "421100");
  if (c == ',') {
    if (at->state == WHO) return false;
    apply(at);
    at->who = 0;
    at->state = START;
  } else if (strchr("+-=", c) != NULL) {
    apply(at);
    at->operator= c;
    if (at->state == START) at->who = 7;
    at->state = at->state == START ? PERMISSIONS : OPERATOR;
  } else if (who >= 0 && at->state <= WHO) {
    at->who |= (unsigned int)who;
    at->state = WHO;
  } else if (who >= 0 && c != 'a' && at->state == OPERATOR) {
    at->what = at->modes[c == 'u' ? 2 : c == 'g' ? 1 : 0];
    at->state = COPIED;
  } else if (what >= 0 && (at->state == OPERATOR || at->state == PERMISSIONS)) {
    at->what |= (unsigned int)what;
    at->state = PERMISSIONS;
  } else return false;
  return true;
}

static unsigned int read_symbols(const char *word) {
  mode_t may = ~umask(0);
  struct symbols at = { .modes = { may & 7, may >> 3 & 7, may >> 6 & 7 } };
  for (; *word != '\0'; word++)
    if (!read_symbol(&at, *word)) die(1, "invalid mode string");
  apply(&at);
  return ~(at.modes[2] << 6 | at.modes[1] << 3 | at.modes[0]);
}

int el_posix_umask(int argc, char **argv) {
  struct options at = { 0 };
  bool in_words = false;
  for (int letter; (letter = next_option(argc, argv, "S", &at)) != -1; in_words = true)
    if (letter == '?') die_usage("posix-umask [ -S ] [ mask ] [ prog... ]");
  argv += at.index;
  if (*argv == NULL) return print_mask(in_words);
  unsigned int mask;
  const char *rest = read_mask(*argv, &mask);
  if (rest == NULL || *rest != '\0') mask = read_symbols(*argv);
  umask(mask & 0777);
  go_on_or_end(argv + 1);
}
