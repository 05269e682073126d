/* Reads the environment, and collects changes for the program that is executed next. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- changes ----------------------------------------------------------------------------------------------- */

static struct {
  struct names names;
  char **assignments; /* `name=value`, NULL: removed */
} changes;

void set_next(const char *name, const char *value) {
  size_t length = strlen(name), before = changes.names.count;
  int index = add_name(&changes.names, name, length);
  if (changes.names.count > before) {
    changes.names.list[index].bytes = copy_of(name, length);
    changes.assignments = allocate_again(changes.assignments, changes.names.capacity, sizeof *changes.assignments);
    changes.assignments[index] = NULL;
  }
  free(changes.assignments[index]);
  struct text text = { 0 };
  if (value != NULL) {
    append_word(&text, name);
    append_byte(&text, '=');
    append(&text, value, strlen(value) + 1);
  }
  changes.assignments[index] = text.bytes;
}

void set_next_number(const char *name, unsigned long long value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", value);
  set_next(name, digits);
}

static size_t count_variables(void) {
  size_t count = 0;
  while (environ[count] != NULL)
    count++;
  return count;
}

char **next_environment(void) {
  if (changes.names.count == 0) return environ;
  keep_path();
  char **next = allocate(count_variables() + changes.names.count + 1, sizeof *next);
  size_t count = 0;
  for (char **old = environ; *old != NULL; old++)
    if (find_name(&changes.names, *old, strcspn(*old, "=")) == NO_NAME) next[count++] = *old;
  for (size_t i = 0; i < changes.names.count; i++)
    if (changes.assignments[i] != NULL) next[count++] = changes.assignments[i];
  next[count] = NULL;
  return next;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

const char *variable(const char *name) {
  static struct names names;
  static char **seen; /* the environment that the table was made from */
  static const char **values;
  if (seen != environ) {
    names = (struct names){ 0 };
    seen = environ;
    values = allocate(count_variables(), sizeof *values);
    for (char **at = environ; *at != NULL; at++) {
      size_t length = strcspn(*at, "="), before = names.count;
      if ((*at)[length] != '=') continue;
      int index = add_name(&names, *at, length);
      if (names.count > before) values[index] = *at + length + 1;
    }
  }
  int index = find_name(&names, name, strlen(name));
  return index == NO_NAME ? NULL : values[index];
}

const char *numbered_variable(unsigned int number) {
  char name[16];
  snprintf(name, sizeof name, "%u", number);
  return variable(name);
}

const char *argument(unsigned int number) {
  const char *value = numbered_variable(number);
  if (value == NULL) die(EXIT_USAGE, "%u not set", number);
  return value;
}

unsigned int count_of_arguments(void) {
  unsigned int count;
  const char *word = variable("#");
  if (word == NULL) die(EXIT_USAGE, "# not set");
  if (!read_number(word, &count)) die(EXIT_USAGE, "invalid $#");
  return count;
}

void check_name(const char *name) {
  if (*name == '\0' || strchr(name, '=') != NULL) die(EXIT_USAGE, "invalid variable name");
}

void go_on_having(char **argv, const char *name, const char *value, bool imported) {
  if (!imported) {
    set_next(name, value);
    go_on_or_end(argv);
  }
  set_next(name, NULL);
  struct substitution all = { 0 };
  program = "importas";
  if (value == NULL) die(EXIT_USAGE, "%s not set", name);
  substitute_for(&all, name, value, 1);
  go_on_or_end(substituted(argv, &all));
}

/* ---- levels ------------------------------------------------------------------------------------------------ */

static bool is_leveled(const char *assignment, int which) {
  if ((which & POSITIONALS) && strchr("0123456789#", *assignment) != NULL && *assignment != '\0') return true;
  return (which & OPTIONS) && strncmp(assignment, "ELGETOPT_", 9) == 0;
}

/* Splits `name:level`. The level is 0 where there is none. False where the level is not a number. */
static bool read_level(const char *assignment, size_t equals, size_t *colon, unsigned int *level) {
  const char *found = memchr(assignment, ':', equals);
  *colon = found == NULL ? equals : (size_t)(found - assignment);
  *level = 0;
  if (found == NULL) return true;
  char *word = copy_of(found + 1, equals - *colon - 1);
  bool is_number = read_number(word, level);
  free(word);
  return is_number;
}

static char *at_level(const char *assignment, size_t colon, unsigned int level, size_t equals) {
  struct text text = { 0 };
  append(&text, assignment, colon);
  if (level > 0) {
    append_byte(&text, ':');
    append_number(&text, level);
  }
  append(&text, assignment + equals, strlen(assignment + equals) + 1);
  return text.bytes;
}

/* Moves each variable one level up or down. A variable that would leave level 0 downwards is removed. */
static void change_levels(int which, int step, const char *failure) {
  keep_path();
  char **next = allocate(count_variables() + 1, sizeof *next);
  size_t count = 0;
  for (char **old = environ; *old != NULL; old++) {
    size_t equals = strcspn(*old, "="), colon;
    unsigned int level;
    if (!is_leveled(*old, which)) {
      next[count++] = *old;
      continue;
    }
    if ((*old)[equals] != '=') {
      errno = EINVAL;
      die_system("unable to %s", failure);
    }
    bool has_level = read_level(*old, equals, &colon, &level);
    if (!has_level || (step < 0 && level == 0 && colon < equals)) next[count++] = *old;
    else if (step > 0 || level > 0) next[count++] = at_level(*old, colon, level + (unsigned int)step, equals);
  }
  next[count] = NULL;
  environ = next;
}

void push_variables(int which, const char *failure) {
  change_levels(which, 1, failure);
}

void pop_variables(int which, const char *failure) {
  change_levels(which, -1, failure);
}
