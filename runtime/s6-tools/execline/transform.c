/* Splits a value into words: crunch, chomp, split. Source: execline 2.9.3, el_transform. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <string.h>

bool is_transforming(int letter, const char *word, struct transformation *how) {
  switch (letter) {
    case 'N': how->chomps = false; break;
    case 'n': how->chomps = true; break;
    case 's': how->splits = true; break;
    case 'C': how->crunches = true; break;
    case 'c': how->crunches = false; break;
    case 'd': how->delimiters = word; break;
    default: return false;
  }
  return true;
}

/* Keeps only the first of several delimiters in a row. */
static void crunch(struct text *text, const char *delimiters) {
  size_t kept = 0;
  bool is_after = false;
  for (size_t i = 0; i < text->length; i++) {
    bool is_delimiter = strchr(delimiters, text->bytes[i]) != NULL;
    if (!is_delimiter || !is_after) text->bytes[kept++] = text->bytes[i];
    is_after = is_delimiter;
  }
  text->length = kept;
}

/* Each delimiter ends a word. The text after the last delimiter is one more word, unless `drops_rest`. */
static size_t split(struct text *text, const char *delimiters, bool drops_rest) {
  size_t count = 0, start = 0;
  for (size_t i = 0; i < text->length; i++)
    if (strchr(delimiters, text->bytes[i]) != NULL) {
      text->bytes[i] = '\0';
      start = i + 1;
      count++;
    }
  if (start == text->length) return count;
  if (drops_rest) {
    text->length = start;
    return count;
  }
  append_byte(text, '\0');
  return count + 1;
}

static bool split_netstrings(const struct text *from, struct value *result) {
  struct text words = { 0 };
  result->count = 0;
  for (size_t at = 0; at < from->length; result->count++) {
    size_t length = 0;
    for (; at < from->length && from->bytes[at] >= '0' && from->bytes[at] <= '9'; at++) {
      length = length * 10 + (size_t)(from->bytes[at] - '0');
      if (length > from->length) break;
    }
    bool fits = at < from->length && from->bytes[at] == ':' && from->length - at - 1 > length;
    if (!fits || from->bytes[at + 1 + length] != ',') {
      errno = EINVAL;
      return false;
    }
    append(&words, from->bytes + at + 1, length);
    append_byte(&words, '\0');
    at += length + 2;
  }
  result->bytes = words.bytes;
  return true;
}

bool transform(const char *value, const struct transformation *how, struct value *result) {
  struct text text = { 0 };
  bool is_chomped = false;
  append_word(&text, value);
  if (how->crunches && *how->delimiters != '\0') crunch(&text, how->delimiters);
  if (how->chomps && text.length > 0 && *how->delimiters != '\0' &&
      strchr(how->delimiters, text.bytes[text.length - 1]) != NULL) {
    text.length--;
    is_chomped = true;
  }
  if (how->splits && *how->delimiters == '\0') return split_netstrings(&text, result);
  if (how->splits) result->count = split(&text, how->delimiters, how->chomps && !is_chomped);
  else {
    append_byte(&text, '\0');
    result->count = 1;
  }
  result->bytes = text.bytes;
  return true;
}
