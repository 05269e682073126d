/* Commands that read or change the arguments of a script in the environment: dollarat, elgetopt, shift, runblock. */
#define _GNU_SOURCE
#include "execline.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int el_dollarat(int argc, char **argv) {
  struct options at = { 0 };
  bool ends = true, is_zero = false;
  char delimiter = '\n';
  for (int letter; (letter = next_option(argc, argv, "nd:0", &at)) != -1;)
    switch (letter) {
      case 'n': ends = false; break;
      case 'd': delimiter = *at.word, is_zero = false; break;
      case '0': is_zero = true; break;
      default: die_usage("dollarat [ -n ] [ -0 | -d delimchar ]");
    }
  if (is_zero) delimiter = '\0';
  unsigned int count = count_of_arguments();
  for (unsigned int i = 1; i <= count; i++) {
    const char *word = argument(i);
    if (delimiter == '\0' && !is_zero) {
      printf("%zu:%s,", strlen(word), word);
      continue;
    }
    fputs(word, stdout);
    if (i < count || ends) putchar(delimiter);
  }
  flush_output();
  return 0;
}

static void set_argument(unsigned int number, const char *value) {
  char name[16];
  snprintf(name, sizeof name, "%u", number);
  set_next(name, value);
}

/* Removes the first `dropped` arguments: the others get lower numbers, and the highest numbers are unset. */
static void renumber(char **arguments, unsigned int count, unsigned int dropped) {
  for (unsigned int i = 1; i <= count; i++)
    set_argument(i, i <= count - dropped ? arguments[i + dropped] : NULL);
  set_next_number("#", count - dropped);
}

/* Gives `$0` and the arguments, with NULL at the end. Exits with an error when one is not set. */
static char **all_arguments(unsigned int count) {
  size_t capacity = 0;
  char **list = NULL;
  for (unsigned int i = 0; i <= count; i++) {
    if (i + 1 >= capacity) list = allocate_again(list, capacity = capacity * 2 + 16, sizeof *list);
    list[i] = (char *)argument(i);
  }
  list[count + 1] = NULL;
  return list;
}

int el_elgetopt(int argc, char **argv) {
  static const char usage[] = "elgetopt [ -D default ] optstring prog...";
  struct options at = { 0 }, found = { 0 };
  const char *otherwise = "1";
  for (int letter; (letter = next_option(argc, argv, "D:", &at)) != -1; otherwise = at.word)
    if (letter == '?') die_usage(usage);
  argv += at.index;
  if (argc - at.index < 2) die_usage(usage);
  unsigned int count = count_of_arguments();
  char **arguments = all_arguments(count);
  push_variables(OPTIONS, "update environment");
  for (int letter; (letter = next_option((int)count + 1, arguments, argv[0], &found)) != -1;) {
    char name[] = "ELGETOPT_?";
    if (letter == '?') {
      bool is_known = found.index > (int)count;
      fprintf(stderr, "%s: %s\n", arguments[0], is_known ? "option requires an argument" : "illegal option");
      return 1;
    }
    name[9] = (char)letter;
    set_next(name, found.word == NULL ? otherwise : found.word);
  }
  renumber(arguments, count, (unsigned int)found.index - 1);
  go_on_with(argv + 1);
}

/* ---- blocks among the arguments ---------------------------------------------------------------------------- */

/* Applies EXECLINE_STRICT to a word of a block, as open_block does; the word is an argument of the script. */
static void check_quoted(const char *word, unsigned int block, unsigned int position) {
  static const char text[] = "unquoted positional %s at block %u position %u";
  unsigned int strict = *word == ' ' ? 0 : strictness();
  if (strict == 1) warn(text, word, block, position);
  if (strict > 1) die(EXIT_USAGE, text, word, block, position);
}

int el_shift(int argc, char **argv) {
  static const char usage[] = "shift [ -n arg# ] [ -b block# ] prog...";
  struct options at = { 0 };
  unsigned int words = 0, blocks = 0;
  bool has_count = false;
  for (int letter; (letter = next_option(argc, argv, "n:b:", &at)) != -1; has_count = true)
    if (letter == '?' || !read_number(at.word, letter == 'n' ? &words : &blocks)) die_usage(usage);
  if (at.index >= argc) die_usage(usage);
  if (!has_count) words = 1;
  unsigned int count = count_of_arguments(), strict = strictness();
  if (words > count) {
    static const char text[] = "unable to shift %u arguments: got %u";
    if (strict == 1) warn(text, words, count);
    if (strict > 1) die(EXIT_USAGE, text, words, count);
    words = count;
  }
  for (unsigned int i = 0; i < blocks; i++)
    for (unsigned int start = words;;) {
      if (++words > count) die(EXIT_USAGE, "unable to shift block %u: too few arguments (%u)", i, count);
      const char *word = argument(words);
      if (*word == '\0') break;
      check_quoted(word, i, words - start);
    }
  char **list = allocate((size_t)count + 1, sizeof *list);
  for (unsigned int i = 1; i <= count; i++)
    list[i] = (char *)numbered_variable(i);
  renumber(list, count, words);
  go_on_with(argv + at.index);
}

/* The number of the argument that was read last, and the number of all arguments. */
struct place {
  unsigned int number, count;
};

static const char *next_argument(struct place *at) {
  if (++at->number > at->count) die(EXIT_USAGE, "too few arguments");
  return argument(at->number);
}

/* Reads to the end of a block. Adds the words of the block to the list, unless `list` is NULL. */
static void pass_block(struct place *at, unsigned int block, struct list *list) {
  unsigned int start = at->number;
  for (const char *word; *(word = next_argument(at)) != '\0';) {
    check_quoted(word, block, at->number - start);
    if (list != NULL) add_to_list(list, word + (*word == ' '));
  }
}

int el_runblock(int argc, char **argv) {
  static const char usage[] = "runblock [ -P ] [ -n argshift ] [ -r ] n cmd...";
  struct options at = { 0 };
  struct place place = { 0 };
  struct list list = { 0 };
  bool keeps_level = false, takes_rest = false;
  unsigned int block;
  for (int letter; (letter = next_option(argc, argv, "Prn:", &at)) != -1;)
    switch (letter) {
      case 'P': keeps_level = true; break;
      case 'r': takes_rest = true; break;
      case 'n':
        if (!read_number(at.word, &place.number)) die_usage(usage);
        break;
      default: die_usage(usage);
    }
  argv += at.index;
  if (*argv == NULL || !read_number(*argv, &block) || (block == 0 && !takes_rest)) die_usage(usage);
  place.count = count_of_arguments();
  for (unsigned int i = 1; i < block + takes_rest; i++)
    pass_block(&place, i, NULL);
  while (*++argv != NULL)
    add_to_list(&list, *argv);
  if (!takes_rest) pass_block(&place, block, &list);
  else if (place.number >= place.count) return 0;
  else
    while (place.number < place.count)
      add_to_list(&list, next_argument(&place));
  add_to_list(&list, NULL);
  if (!keeps_level) pop_variables(POSITIONALS, "pop environment");
  go_on_or_end(list.words);
}
