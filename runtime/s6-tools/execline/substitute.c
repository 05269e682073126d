/*
 * Replaces `$name` and `${name}` in words by values. A name without definition and the backslashes before it do not change.
 * Half of the backslashes before a defined name are removed; after an odd number of backslashes the name is not replaced. A
 * word with a name that has several values becomes one word for each value. A word with a name that has no value is removed.
 * A word with several names becomes one word for each combination of their values; the last name varies fastest.
 * Source: execline 2.9.3, el_substitute; here without recursion, and a name is looked up in a table.
 */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Larger than the arguments that any kernel passes to a program. */
enum { LARGEST = 64 << 20 };

/* ---- values ------------------------------------------------------------------------------------------------ */

/* Whether the name is the decimal number of a positional that is an empty word. */
static bool is_empty_positional(const struct substitution *all, const char *name, size_t length) {
  unsigned int number = 0;
  if (length == 0 || length > 10 || (*name == '0' && length > 1)) return false;
  for (size_t i = 0; i < length; i++) {
    if (name[i] < '0' || name[i] > '9') return false;
    if (number > (UINT32_MAX - (unsigned int)(name[i] - '0')) / 10) return false;
    number = number * 10 + (unsigned int)(name[i] - '0');
  }
  return number >= all->first_empty && number <= all->last_empty && number > 0;
}

static void put_value(struct substitution *all, const char *name, const char *bytes, size_t count) {
  int index = add_name(&all->names, name, strlen(name));
  if (all->names.capacity > all->capacity) {
    all->capacity = all->names.capacity;
    all->values = allocate_again(all->values, all->capacity, sizeof *all->values);
  }
  all->values[index] = (struct value){ bytes, count };
}

bool substitute_for(struct substitution *all, const char *name, const char *bytes, size_t count) {
  size_t length = strlen(name);
  if (length == 0 || find_name(&all->names, name, length) != NO_NAME) return false;
  if (all->first_empty > 0 && is_empty_positional(all, name, length)) return false;
  put_value(all, name, bytes, count);
  return true;
}

static bool put_number(struct substitution *all, unsigned int number, const char *value) {
  char name[16];
  int length = snprintf(name, sizeof name, "%u", number);
  return substitute_for(all, copy_of(name, (size_t)length), value, 1);
}

bool substitute_arguments(struct substitution *all, const char *const *arguments, unsigned int count,
                          unsigned int least, bool is_shifted) {
  struct text text = { 0 }, number = { 0 };
  unsigned int first = is_shifted ? least : 0;
  append_number(&number, count);
  append_byte(&number, '\0');
  if (!substitute_for(all, "#", number.bytes, 1)) return false;
  for (unsigned int i = first + 1; i <= count && i > first; i++)
    append(&text, arguments[i], strlen(arguments[i]) + 1);
  if (!substitute_for(all, "@", text.bytes, count > first ? count - first : 0)) return false;
  for (unsigned int i = 0; i <= count; i++)
    if (!put_number(all, i, arguments[i])) return false;
  if (least <= count) return true;
  struct substitution empty = { .first_empty = count + 1, .last_empty = least };
  for (size_t i = 0; i < all->names.count; i++)
    if (is_empty_positional(&empty, all->names.list[i].bytes, all->names.list[i].length)) return false;
  all->first_empty = empty.first_empty;
  all->last_empty = empty.last_empty;
  return true;
}

static bool find_value(const struct substitution *all, const char *name, size_t length, struct value *value) {
  int index = find_name(&all->names, name, length);
  if (index != NO_NAME) *value = all->values[index];
  else if (all->first_empty > 0 && is_empty_positional(all, name, length)) *value = (struct value){ "", 1 };
  else return false;
  return true;
}

/* ---- a word ------------------------------------------------------------------------------------------------ */

/* A part of a word: some text, and then one word of a value. `current` is the word that is used next. */
struct piece {
  size_t start, length; /* in `texts` */
  struct value value;
  const char *current;
  size_t position;
};

struct word {
  struct text texts;
  struct piece *pieces; /* the last has no value */
  size_t count, capacity;
};

static void end_piece(struct word *word, size_t start, struct value value) {
  if (word->count == word->capacity) {
    word->capacity = word->capacity * 2 + 8;
    word->pieces = allocate_again(word->pieces, word->capacity, sizeof *word->pieces);
  }
  size_t length = word->texts.length - start;
  word->pieces[word->count++] = (struct piece){ start, length, value, value.bytes, 0 };
}

/* Gives the length of the name at `text`, 0 when there is none. `behind` is the text after the name. */
static size_t name_at(const char *text, const char **name, const char **behind) {
  bool is_braced = *text == '{';
  *name = text + is_braced;
  size_t length = strcspn(*name, "\\${}");
  *behind = *name + length;
  if (!is_braced) return length;
  if (**behind != '}') return 0;
  ++*behind;
  return length;
}

/* Splits a word into pieces. */
static void cut(const char *text, const struct substitution *all, struct word *word) {
  size_t start = 0, escapes = 0;
  word->texts.length = word->count = 0;
  while (*text != '\0') {
    const char *name, *behind;
    struct value value;
    size_t length = *text == '$' ? name_at(text + 1, &name, &behind) : 0;
    if (length == 0 || !find_value(all, name, length, &value)) {
      escapes = *text == '\\' ? escapes + 1 : 0;
      append_byte(&word->texts, *text++);
      continue;
    }
    word->texts.length -= escapes - escapes / 2;
    if (escapes % 2 == 1) append(&word->texts, text, (size_t)(behind - text));
    else {
      end_piece(word, start, value);
      start = word->texts.length;
    }
    escapes = 0;
    text = behind;
  }
  end_piece(word, start, (struct value){ "", 1 });
}

/* Moves to the next combination of values. False after the last one. */
static bool advance(struct word *word) {
  for (size_t i = word->count; i-- > 0;) {
    struct piece *piece = &word->pieces[i];
    if (++piece->position < piece->value.count) {
      piece->current += strlen(piece->current) + 1;
      return true;
    }
    piece->position = 0;
    piece->current = piece->value.bytes;
  }
  return false;
}

static bool vanishes(const struct word *word) {
  for (size_t i = 0; i < word->count; i++)
    if (word->pieces[i].value.count == 0) return true;
  return false;
}

/* ---- all words --------------------------------------------------------------------------------------------- */

char **substituted(char **argv, const struct substitution *all) {
  struct text result = { 0 };
  struct word word = { 0 };
  size_t count = 0;
  for (; *argv != NULL; argv++) {
    cut(*argv, all, &word);
    if (vanishes(&word)) continue;
    do {
      for (size_t i = 0; i < word.count; i++) {
        append(&result, word.texts.bytes + word.pieces[i].start, word.pieces[i].length);
        append_word(&result, word.pieces[i].current);
      }
      append_byte(&result, '\0');
      count++;
      if (result.length > LARGEST) {
        errno = E2BIG;
        die_system_with(126, "unable to exec %s", result.bytes);
      }
    } while (advance(&word));
  }
  char **words = allocate(count + 1, sizeof *words);
  char *at = result.bytes;
  for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
    words[i] = at;
  words[count] = NULL;
  return words;
}
