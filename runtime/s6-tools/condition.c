/*
 * s6-test (eltest): is this true? A condition is read by descent: or, and, not, then one of a unary operator with its
 * word, a word with a binary operator and another, parentheses, or a word alone, which is true unless it is empty. An
 * operator cannot stand as a word; one behind a backslash can.
 * Source: execline 2.9, eltest.
 */
#define _GNU_SOURCE
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

static _Noreturn void refuse(void) { die(EXIT_USAGE, "parse error at argument %u", position); }

static const char *take_operand(void) {
  const char *word = words[position];
  if (!is_operand(word)) refuse();
  position++;
  return *word == '\\' ? word + 1 : word;
}

static bool check_file(char operator, const char *file) {
  struct stat found;
  switch (operator) {
    case 'e': return access(file, F_OK) == 0;
    case 'r': return access(file, R_OK) == 0;
    case 'w': return access(file, W_OK) == 0;
    case 'x': return access(file, X_OK) == 0;
  }
  if ((operator == 'h' || operator == 'L' ? lstat(file, &found) : stat(file, &found)) < 0) return false;
  switch (operator) {
    case 'f': return S_ISREG(found.st_mode);
    case 'h': case 'L': return S_ISLNK(found.st_mode);
    case 'b': return S_ISBLK(found.st_mode);
    case 'c': return S_ISCHR(found.st_mode);
    case 'd': return S_ISDIR(found.st_mode);
    case 'p': return S_ISFIFO(found.st_mode);
    case 'S': return S_ISSOCK(found.st_mode);
    case 'k': return found.st_mode & S_ISVTX;
    case 'g': return found.st_mode & S_ISGID;
    case 'u': return found.st_mode & S_ISUID;
    case 's': return found.st_size > 0;
    case 'O': case 'U': return found.st_uid == geteuid();
    case 'G': return found.st_gid == getegid();
    case 'N':
      return found.st_mtim.tv_sec > found.st_atim.tv_sec ||
             (found.st_mtim.tv_sec == found.st_atim.tv_sec && found.st_mtim.tv_nsec > found.st_atim.tv_nsec);
  }
  return false;
}

static bool check_one(char operator, const char *word) {
  unsigned int fd;
  switch (operator) {
    case 'n': return *word != '\0';
    case 'z': return *word == '\0';
    case 'v': return getenv(word) != NULL;
    case 't':
      if (!read_number(word, &fd)) die(EXIT_USAGE, "-t requires an integer argument");
      return isatty((int)fd);
    default: return check_file(operator, word);
  }
}

static bool check_files(const char *operator, const char *a, const char *b) {
  struct stat left, right;
  bool has_left = stat(a, &left) == 0, has_right = stat(b, &right) == 0;
  if (strcmp(operator, "-ot") == 0 ? !has_left : !has_right && has_left) return true;
  if (!has_left || !has_right) return false;
  if (strcmp(operator, "-ef") == 0) return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
  long long age = left.st_mtim.tv_sec != right.st_mtim.tv_sec ? left.st_mtim.tv_sec - right.st_mtim.tv_sec
                                                              : left.st_mtim.tv_nsec - right.st_mtim.tv_nsec;
  return strcmp(operator, "-nt") == 0 ? age > 0 : age < 0;
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

static bool check_order(const char *operator, long long difference) {
  if (strcmp(operator, "=") == 0 || strcmp(operator, "-eq") == 0) return difference == 0;
  if (strcmp(operator, "!=") == 0 || strcmp(operator, "-ne") == 0) return difference != 0;
  if (strcmp(operator, "<") == 0 || strcmp(operator, "-lt") == 0) return difference < 0;
  if (strcmp(operator, "<=") == 0 || strcmp(operator, "-le") == 0) return difference <= 0;
  if (strcmp(operator, ">") == 0 || strcmp(operator, "-gt") == 0) return difference > 0;
  return difference >= 0;
}

static bool check_two(const char *operator, const char *a, const char *b) {
  int left, right;
  if (strcmp(operator, "=~") == 0) return check_match(a, b);
  if (*operator != '-') return check_order(operator, strcmp(a, b));
  if (is_among(operator, " -nt -ot -ef ")) return check_files(operator, a, b);
  if (!read_integer(a, &left) || !read_integer(b, &right)) die(EXIT_USAGE, "%s requires integer arguments", operator);
  return check_order(operator, (long long)left - right);
}

/* What cannot change the result any more is parsed but not looked at. */
static bool is_decided;

static bool any_of(void);

static bool atom(void) {
  const char *word = words[position];
  if (word == NULL) refuse();
  if (strcmp(word, "!") == 0) {
    position++;
    return !atom();
  }
  if (strcmp(word, "(") == 0) {
    position++;
    bool result = any_of();
    if (words[position] == NULL) die(EXIT_USAGE, "parse error: too many left parentheses");
    if (strcmp(words[position], ")") != 0) refuse();
    position++;
    return result;
  }
  if (is_among(word, UNARY)) {
    position++;
    const char *operand = take_operand();
    return !is_decided && check_one(word[1], operand);
  }
  const char *left = take_operand(), *operator = words[position];
  if (!is_among(operator, BINARY)) return *left != '\0';
  position++;
  const char *right = take_operand();
  return !is_decided && check_two(operator, left, right);
}

static bool all_of(void) {
  bool was_decided = is_decided, result = atom();
  while (words[position] != NULL && strcmp(words[position], "-a") == 0) {
    position++;
    is_decided = was_decided || !result;
    result = atom() && result;
  }
  is_decided = was_decided;
  return result;
}

static bool any_of(void) {
  bool was_decided = is_decided, result = all_of();
  while (words[position] != NULL && strcmp(words[position], "-o") == 0) {
    position++;
    is_decided = was_decided || result;
    result = all_of() || result;
  }
  is_decided = was_decided;
  return result;
}

int s6_test(int argc, char **argv) {
  if (argc < 2) return 1;
  words = argv + 1;
  bool result = any_of();
  if (words[position] != NULL && strcmp(words[position], ")") == 0)
    die(EXIT_USAGE, "parse error: bad right parenthesis at argument %u", position + 1);
  if (words[position] != NULL) refuse();
  return !result;
}
