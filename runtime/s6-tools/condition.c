/*
 * s6-test (eltest) evaluates a condition. A condition consists of alternatives (-o). An alternative consists of parts (-a).
 * `!` negates a part. A part is a unary operator with one word, a binary operator between two words, a condition in
 * parentheses, or a single word, which is true unless it is empty. An operator is a word only after a backslash. Open
 * parentheses are kept in memory of the size of the arguments, not on the stack.
 * Source: execline 2.9, eltest.
 */
#define _GNU_SOURCE
#include "text.h"
#include "tool.h"
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char **words;
static unsigned int position;

static const char UNARY[] = " -n -z -f -h -L -e -k -b -c -d -g -p -r -s -t -u -w -x -O -U -G -S -N -v ";
static const char BINARY[] = " = != -eq -ne -gt -ge -lt -le -nt -ot -ef < <= > >= =~ ";
static const char CONNECTIVE[] = " -a -o ! ( ) ";

static bool is_among(const char *word, const char *list) {
  char padded[8];
  if (word == NULL || strlen(word) > 4 || strlen(word) == 0) return false;
  snprintf(padded, sizeof padded, " %s ", word);
  return strstr(list, padded) != NULL;
}

static bool is_operand(const char *word) {
  return word != NULL && !is_among(word, UNARY) && !is_among(word, BINARY) && !is_among(word, CONNECTIVE);
}

static _Noreturn void refuse(void) {
  die(EXIT_USAGE, "parse error at argument %u", position);
}

static const char *take_operand(void) {
  const char *word = words[position];
  if (!is_operand(word)) refuse();
  position++;
  return *word == '\\' ? word + 1 : word;
}

static bool check_file(char sign, const char *file) {
  struct stat found;
  switch (sign) {
    case 'e': return access(file, F_OK) == 0;
    case 'r': return access(file, R_OK) == 0;
    case 'w': return access(file, W_OK) == 0;
    case 'x': return access(file, X_OK) == 0;
  }
  if ((sign == 'h' || sign == 'L' ? lstat(file, &found) : stat(file, &found)) < 0) return false;
  switch (sign) {
    case 'f': return S_ISREG(found.st_mode);
    case 'h':
    case 'L': return S_ISLNK(found.st_mode);
    case 'b': return S_ISBLK(found.st_mode);
    case 'c': return S_ISCHR(found.st_mode);
    case 'd': return S_ISDIR(found.st_mode);
    case 'p': return S_ISFIFO(found.st_mode);
    case 'S': return S_ISSOCK(found.st_mode);
    case 'k': return found.st_mode & S_ISVTX;
    case 'g': return found.st_mode & S_ISGID;
    case 'u': return found.st_mode & S_ISUID;
    case 's': return found.st_size > 0;
    case 'O':
    case 'U': return found.st_uid == geteuid();
    case 'G': return found.st_gid == getegid();
    case 'N':
      return found.st_mtim.tv_sec > found.st_atim.tv_sec ||
             (found.st_mtim.tv_sec == found.st_atim.tv_sec && found.st_mtim.tv_nsec > found.st_atim.tv_nsec);
  }
  return false;
}

static bool check_one(char sign, const char *word) {
  unsigned int fd;
  switch (sign) {
    case 'n': return *word != '\0';
    case 'z': return *word == '\0';
    case 'v': return getenv(word) != NULL;
    case 't':
      if (!read_number(word, &fd)) die(EXIT_USAGE, "-t requires an integer argument");
      return isatty((int)fd);
    default: return check_file(sign, word);
  }
}

static bool check_files(const char *sign, const char *a, const char *b) {
  struct stat left, right;
  bool has_left = stat(a, &left) == 0, has_right = stat(b, &right) == 0;
  if (strcmp(sign, "-ot") == 0 ? !has_left : !has_right && has_left) return true;
  if (!has_left || !has_right) return false;
  if (strcmp(sign, "-ef") == 0) return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
  long long age = left.st_mtim.tv_sec != right.st_mtim.tv_sec ? left.st_mtim.tv_sec - right.st_mtim.tv_sec
                                                              : left.st_mtim.tv_nsec - right.st_mtim.tv_nsec;
  return strcmp(sign, "-nt") == 0 ? age > 0 : age < 0;
}

static bool check_match(const char *text, const char *pattern) {
  regex_t compiled;
  int error = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    char why[256];
    regerror(error, &compiled, why, sizeof why);
    die(EXIT_USAGE, "unable to compile regular expression: %s", why);
  }
  return regexec(&compiled, text, 0, NULL, 0) == 0;
}

static bool check_order(const char *sign, long long difference) {
  if (strcmp(sign, "=") == 0 || strcmp(sign, "-eq") == 0) return difference == 0;
  if (strcmp(sign, "!=") == 0 || strcmp(sign, "-ne") == 0) return difference != 0;
  if (strcmp(sign, "<") == 0 || strcmp(sign, "-lt") == 0) return difference < 0;
  if (strcmp(sign, "<=") == 0 || strcmp(sign, "-le") == 0) return difference <= 0;
  if (strcmp(sign, ">") == 0 || strcmp(sign, "-gt") == 0) return difference > 0;
  return difference >= 0;
}

static bool check_two(const char *sign, const char *a, const char *b) {
  int left, right;
  if (strcmp(sign, "=~") == 0) return check_match(a, b);
  if (*sign != '-') return check_order(sign, strcmp(a, b));
  if (is_among(sign, " -nt -ot -ef ")) return check_files(sign, a, b);
  if (!read_integer(a, &left) || !read_integer(b, &right)) die(EXIT_USAGE, "%s requires integer arguments", sign);
  return check_order(sign, (long long)left - right);
}

/* The state of the condition inside one open parenthesis, or of the whole condition. */
struct level {
  bool any;        /* whether an earlier alternative is true */
  bool all;        /* whether all earlier parts of this alternative are true */
  bool is_negated; /* whether the next part is negated */
  bool is_idle;    /* the value cannot change the result: the level is parsed, but not evaluated */
};

/* Gives whether the next part of the level cannot change the result. */
static bool is_decided(const struct level *level) {
  return level->is_idle || level->any || !level->all;
}

/* Evaluates a part that has no parentheses. */
static bool check_part(bool is_idle) {
  const char *word = words[position];
  if (word == NULL) refuse();
  if (is_among(word, UNARY)) {
    position++;
    const char *operand = take_operand();
    return !is_idle && check_one(word[1], operand);
  }
  const char *left = take_operand(), *sign = words[position];
  if (!is_among(sign, BINARY)) return *left != '\0';
  position++;
  const char *right = take_operand();
  return !is_idle && check_two(sign, left, right);
}

static bool take(const char *sign) {
  if (words[position] == NULL || strcmp(words[position], sign) != 0) return false;
  position++;
  return true;
}

/* Reads negations and opening parentheses up to the next part. Gives the level of that part. */
static struct level *open_levels(struct level *level) {
  for (;;) {
    if (take("!")) level->is_negated = !level->is_negated;
    else if (take("(")) {
      level[1] = (struct level){ .all = true, .is_idle = is_decided(level) };
      level++;
    } else return level;
  }
}

/* Adds the value of a part to its level. Ends the levels that are closed after the part. Gives the level that is open. */
static struct level *close_levels(struct level *first, struct level *level, bool value) {
  for (;;) {
    level->all = level->all && value != level->is_negated;
    level->is_negated = false;
    if (level == first || !take(")")) return level;
    value = level->any || level->all;
    level--;
  }
}

static bool is_true(struct level *first) {
  struct level *level = first;
  *first = (struct level){ .all = true };
  for (;;) {
    level = open_levels(level);
    level = close_levels(first, level, check_part(is_decided(level)));
    if (take("-o")) {
      level->any = level->any || level->all;
      level->all = true;
    } else if (!take("-a")) break;
  }
  if (level != first && words[position] == NULL) die(EXIT_USAGE, "parse error: too many left parentheses");
  if (level != first) refuse();
  return first->any || first->all;
}

int s6_test(int argc, char **argv) {
  if (argc < 2) return 1;
  words = argv + 1;
  bool result = is_true(allocate((size_t)argc, sizeof(struct level)));
  if (take(")")) {
    if (words[position] != NULL && !is_among(words[position], " -a -o ) ")) refuse();
    die(EXIT_USAGE, "parse error: bad right parenthesis at argument %u", position);
  }
  if (words[position] != NULL) refuse();
  return !result;
}
