/* The text commands of s6-portable-utils. Each works as the usual command, but has fewer options. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int s6_true(int argc, char **argv) {
  (void)argc, (void)argv;
  return 0;
}

int s6_false(int argc, char **argv) {
  (void)argc, (void)argv;
  return 1;
}

int s6_sync(int argc, char **argv) {
  (void)argc, (void)argv;
  sync();
  return 0;
}

int s6_echo(int argc, char **argv) {
  struct options at = { 0 };
  char separator = ' ';
  bool newline = true;
  for (int letter; (letter = next_option(argc, argv, "ns:", &at)) != -1;)
    switch (letter) {
      case 'n': newline = false; break;
      case 's': separator = *at.word; break;
      default: die_usage("s6-echo [ -n ] [ -s sep ] args...");
    }
  for (int i = at.index; i < argc; i++) {
    fputs(argv[i], stdout);
    if (i + 1 < argc) putchar(separator);
  }
  if (newline) putchar('\n');
  flush_output();
  return 0;
}

/* Copies stdin to stdout. Ignores its arguments, as the original does. */
int s6_cat(int argc, char **argv) {
  (void)argc, (void)argv;
  char buffer[65536];
  ssize_t count;
  while ((count = read(0, buffer, sizeof buffer)) > 0)
    for (ssize_t done = 0, wrote; done < count; done += wrote)
      if ((wrote = write(1, buffer + done, (size_t)(count - done))) < 0) die_system("unable to fd_cat");
  if (count < 0) die_system("unable to fd_cat");
  return 0;
}

static int print_name(int argc, char **argv, char *part(char *), const char *usage) {
  struct options at = { 0 };
  bool newline = true;
  for (int letter; (letter = next_option(argc, argv, "n", &at)) != -1; newline = false)
    if (letter == '?') die_usage(usage);
  if (at.index >= argc) die_usage(usage);
  char *name = part(argv[at.index]);
  const char *suffix = part == basename && at.index + 1 < argc ? argv[at.index + 1] : "";
  size_t length = strlen(name), cut = strlen(suffix);
  if (cut < length && strcmp(name + length - cut, suffix) == 0) length -= cut;
  printf("%.*s%s", (int)length, name, newline ? "\n" : "");
  flush_output();
  return 0;
}

int s6_basename(int argc, char **argv) {
  return print_name(argc, argv, basename, "s6-basename [ -n ] file [ suffix ]");
}

int s6_dirname(int argc, char **argv) {
  return print_name(argc, argv, dirname, "s6-dirname [ -n ] file");
}

int s6_seq(int argc, char **argv) {
  static const char usage[] = "s6-seq [ -w ] [ -s separator ] limits";
  struct options at = { 0 };
  const char *separator = "\n";
  bool same_width = false;
  unsigned int numbers[3] = { 1, 1, 0 }; /* first, step, last */
  for (int letter; (letter = next_option(argc, argv, "ws:", &at)) != -1;)
    switch (letter) {
      case 'w': same_width = true; break;
      case 's': separator = at.word; break;
      default: die_usage(usage);
    }
  int count = argc - at.index;
  static const int PLACES[4][3] = { { 0 }, { 2 }, { 0, 2 }, { 0, 1, 2 } };
  if (count < 1 || count > 3) die_usage(usage);
  for (int i = 0; i < count; i++)
    if (!read_number(argv[at.index + i], &numbers[PLACES[count][i]])) die_usage(usage);
  if (numbers[1] == 0) die_usage(usage); /* the sequence would have no end */
  uint64_t last = numbers[2];
  int width = same_width && numbers[0] <= last
                ? snprintf(NULL, 0, "%u", (unsigned int)(numbers[0] + (last - numbers[0]) / numbers[1] * numbers[1]))
                : 1;
  for (uint64_t i = numbers[0]; i <= last; i += numbers[1])
    printf("%0*u%s", width, (unsigned int)i, separator);
  flush_output();
  return 0;
}

/* ---- s6-head, s6-sort -------------------------------------------------------------------------------------- */

/* Copies the first lines or bytes of a file to stdout. */
static void print_head(FILE *file, unsigned int count, bool lines, const char *name) {
  int c;
  while (count > 0 && (c = getc(file)) != EOF) {
    putchar(c);
    if (!lines || c == '\n') count--;
  }
  if (ferror(file)) die_system("unable to head %s", name);
}

int s6_head(int argc, char **argv) {
  static const char usage[] = "s6-head [ -S ] [ -1..9 | -n lines | -c chars ] [ file... ]";
  struct options at = { 0 };
  unsigned int count = 10;
  bool lines = true;
  for (int letter; (letter = next_option(argc, argv, "S123456789n:c:", &at)) != -1;) {
    if (letter == 'S') setvbuf(stdin, NULL, _IONBF, 0);
    else if (letter >= '1' && letter <= '9') count = (unsigned int)(letter - '0');
    else if (letter == '?' || !read_number(at.word, &count)) die_usage(usage);
    lines = letter != 'c';
  }
  if (at.index >= argc) print_head(stdin, count, lines, "stdin");
  for (int i = at.index; i < argc; i++) {
    if (argc - at.index > 1) printf("%s==> %s <==\n", i > at.index ? "\n" : "", argv[i]);
    FILE *file = strcmp(argv[i], "-") == 0 ? stdin : fopen(argv[i], "re");
    if (file == NULL) die_system("unable to open %s for reading", argv[i]);
    print_head(file, count, lines, argv[i]);
  }
  flush_output();
  return 0;
}

struct order {
  bool no_blanks, no_case, reverse;
};

static struct order order;

static int compare_lines(const void *left, const void *right) {
  const char *a = *(char *const *)left, *b = *(char *const *)right;
  if (order.no_blanks) {
    a += strspn(a, " \t");
    b += strspn(b, " \t");
  }
  int result = order.no_case ? strcasecmp(a, b) : strcmp(a, b);
  return order.reverse ? -result : result;
}

static char **read_lines(char delimiter, size_t *count) {
  char **lines = NULL, *line = NULL;
  size_t capacity = 0, size = 0;
  ssize_t length;
  for (*count = 0; (length = getdelim(&line, &size, delimiter, stdin)) > 0; line = NULL, size = 0) {
    if (*count == capacity) lines = realloc(lines, (capacity = capacity * 2 + 64) * sizeof *lines);
    if (lines == NULL) die_system("unable to read from stdin");
    if (line[length - 1] == delimiter) line[length - 1] = '\0';
    lines[(*count)++] = line;
  }
  if (ferror(stdin)) die_system("unable to read from stdin");
  return lines;
}

int s6_sort(int argc, char **argv) {
  struct options at = { 0 };
  bool check = false, unique = false;
  char delimiter = '\n';
  for (int letter; (letter = next_option(argc, argv, "bcfru0", &at)) != -1;)
    switch (letter) {
      case 'b': order.no_blanks = true; break;
      case 'c': check = true; break;
      case 'f': order.no_case = true; break;
      case 'r': order.reverse = true; break;
      case 'u': unique = true; break;
      case '0': delimiter = '\0'; break;
      default: die_usage("s6-sort [ -bcfru0 ]");
    }
  size_t count;
  char **lines = read_lines(delimiter, &count);
  if (!check && count > 0) qsort(lines, count, sizeof *lines, compare_lines);
  for (size_t i = 0; i < count; i++) {
    int step = i == 0 ? -1 : compare_lines(&lines[i - 1], &lines[i]);
    if (check && step >= (unique ? 0 : 1)) return 1;
    if (!check && !(unique && step == 0)) printf("%s%c", lines[i], delimiter);
  }
  flush_output();
  return 0;
}
