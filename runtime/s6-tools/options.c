/* Reads options and numbers as strictly as the tools of skarnet.org. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

int next_option(int argc, char **argv, const char *letters, struct options *at) {
  if (at->index == 0) at->index = 1;
  at->word = NULL;
  if (at->position > 0 && argv[at->index][at->position] == '\0') {
    at->index++;
    at->position = 0;
  }
  if (at->position == 0) {
    if (at->index >= argc || argv[at->index][0] != '-' || argv[at->index][1] == '\0') return -1;
    if (argv[at->index][1] == '-') {
      if (argv[at->index][2] != '\0') return '?';
      at->index++;
      return -1;
    }
    at->position = 1;
  }
  char letter = argv[at->index][at->position++];
  const char *found = letter == ':' ? NULL : strchr(letters, letter);
  if (found == NULL) return '?';
  if (found[1] != ':') return letter;
  at->word = argv[at->index++] + at->position;
  at->position = 0;
  if (*at->word != '\0') return letter;
  if (at->index >= argc) return '?';
  at->word = argv[at->index++];
  return letter;
}

static bool read_digits(const char *word, int base, uint64_t limit, uint64_t *result) {
  uint64_t value = 0;
  if (*word == '\0') return false;
  for (; *word != '\0'; word++) {
    if (*word < '0' || *word >= '0' + base) return false;
    uint64_t digit = (uint64_t)(*word - '0');
    if (value > (limit - digit) / (uint64_t)base) return false;
    value = value * (uint64_t)base + digit;
  }
  *result = value;
  return true;
}

bool read_large(const char *word, uint64_t *result) {
  return read_digits(word, 10, UINT64_MAX, result);
}

bool read_number(const char *word, unsigned int *result) {
  uint64_t value;
  if (!read_digits(word, 10, UINT_MAX, &value)) return false;
  *result = (unsigned int)value;
  return true;
}

bool read_octal(const char *word, unsigned int *result) {
  uint64_t value;
  if (!read_digits(word, 8, UINT_MAX, &value)) return false;
  *result = (unsigned int)value;
  return true;
}

bool read_integer(const char *word, int *result) {
  bool negative = *word == '-';
  uint64_t value;
  if (!read_digits(negative || *word == '+' ? word + 1 : word, 10, INT_MAX, &value)) return false;
  *result = negative ? -(int)value : (int)value;
  return true;
}
