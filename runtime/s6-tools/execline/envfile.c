/*
 * envfile: reads variables from a file of `NAME=VALUE` lines with comments, quotes and escapes. The result is a text of
 * assignments that each end with a NUL. A `\x00` in the file therefore splits an assignment in two, as in the original.
 * Source: execline 2.9.3, envfile.
 */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum state {
  BETWEEN,
  COMMENT,
  NAME,
  EQUALS,
  VALUE_START,
  VALUE,
  BLANKS,
  QUOTED,
  ESCAPED,
  ESCAPED_QUOTED,
  HEX,
  NUMBER,
  END,
  WRONG
};

struct reading {
  struct text text;
  enum state state;
  unsigned int line;
  size_t mark; /* where the last blanks of the value begin; they are removed if nothing follows them */
  unsigned int value, base, room; /* the number that is being read; `room` is how many digits may follow */
};

static void add(struct reading *at, char c, enum state state) {
  append_byte(&at->text, c);
  at->state = state;
}

static bool is_blank(char c) {
  return c != '\0' && strchr(" \t\f\r", c) != NULL;
}

static void end_assignment(struct reading *at, char c) {
  if (at->state == BLANKS) at->text.length = at->mark;
  else if (c == '\n') at->line++; /* the original does not count lines that end with blanks */
  append_byte(&at->text, '\0');
  at->state = c == '\n' ? BETWEEN : END;
}

/* ---- names ------------------------------------------------------------------------------------------------- */

static void between(struct reading *at, char c) {
  if (c == '\0') at->state = END;
  else if (c == '#') at->state = COMMENT;
  else if (c == '\n') at->line++;
  else if (strchr("=\\\"'?", c) != NULL) at->state = WRONG;
  else if (!is_blank(c)) add(at, c, NAME);
}

static void name(struct reading *at, char c) {
  if (c == '=') add(at, c, VALUE_START);
  else if (is_blank(c)) at->state = EQUALS;
  else if (c == '\0' || at->state == EQUALS || strchr("\n\\\"'?", c) != NULL) at->state = WRONG;
  else add(at, c, NAME);
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static void value(struct reading *at, char c) {
  if (c == '\0' || c == '\n') end_assignment(at, c);
  else if (c == '\\') at->state = ESCAPED;
  else if (c == '"') at->state = QUOTED;
  else if (!is_blank(c)) add(at, c, VALUE);
  else if (at->state != VALUE_START) {
    if (at->state == VALUE) at->mark = at->text.length;
    add(at, c, BLANKS);
  }
}

static void escaped(struct reading *at, char c) {
  if (c == '\n') {
    at->line++;
    at->state = VALUE;
  } else if (is_blank(c) || c == '\\' || c == '"') add(at, c, VALUE);
  else at->state = WRONG;
}

static void quoted(struct reading *at, char c) {
  if (c == '\0' || c == '\n') at->state = WRONG;
  else if (c == '\\') at->state = ESCAPED_QUOTED;
  else if (c == '"') at->state = VALUE;
  else add(at, c, QUOTED);
}

static void begin_number(struct reading *at, unsigned int base, unsigned int value, unsigned int room) {
  at->base = base;
  at->value = value;
  at->room = room;
  at->state = NUMBER;
}

static void escaped_quoted(struct reading *at, char c) {
  static const char LETTERS[] = "abtnvfr"; /* 7 to 13 */
  const char *letter = strchr(LETTERS, c);
  if (c == '\0') at->state = WRONG;
  else if (c == 'x') at->state = HEX;
  else if (c >= '0' && c <= '7') begin_number(at, 8, (unsigned int)(c - '0'), 2);
  else {
    if (c == '\n') at->line++;
    if (c == '\n') at->state = QUOTED;
    else add(at, letter == NULL ? c : (char)(7 + (letter - LETTERS)), QUOTED);
  }
}

static int digit_of(char c, unsigned int base) {
  int digit = c >= '0' && c <= '9'   ? c - '0'
              : c >= 'a' && c <= 'f' ? c - 'a' + 10
              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                     : -1;
  return digit < (int)base ? digit : -1;
}

/* Octal numbers have up to three digits, hexadecimal ones have two. */
static void number(struct reading *at, char c) {
  int digit = at->room == 0 ? -1 : digit_of(c, at->base);
  if (digit >= 0) {
    at->value = at->value * at->base + (unsigned int)digit;
    if (--at->room == 0) add(at, (char)at->value, QUOTED);
  } else if (at->base == 16) at->state = WRONG;
  else {
    append_byte(&at->text, (char)at->value);
    quoted(at, c);
  }
}

static void read_sign(struct reading *at, char c) {
  switch (at->state) {
    case BETWEEN: between(at, c); break;
    case COMMENT:
      if (c == '\0') at->state = END;
      if (c != '\n') break;
      at->line++;
      at->state = BETWEEN;
      break;
    case NAME:
    case EQUALS: name(at, c); break;
    case VALUE_START:
    case VALUE:
    case BLANKS: value(at, c); break;
    case QUOTED: quoted(at, c); break;
    case ESCAPED: escaped(at, c); break;
    case ESCAPED_QUOTED: escaped_quoted(at, c); break;
    case HEX:
      if (digit_of(c, 16) < 0) at->state = WRONG;
      else begin_number(at, 16, (unsigned int)digit_of(c, 16), 1);
      break;
    case NUMBER: number(at, c); break;
    case END:
    case WRONG: break;
  }
}

static struct text read_assignments(int fd, const char *file) {
  struct reading at = { .line = 1 };
  char buffer[8192];
  while (at.state < END) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno != EINTR) die_system("unable to read from %s", file);
    if (count == 0) read_sign(&at, '\0');
    for (ssize_t i = 0; i < count && at.state < END; i++)
      read_sign(&at, buffer[i]);
  }
  if (at.state == WRONG) die(1, "in %s: syntax error line %u", file, at.line);
  return at.text;
}

static void apply(const struct text *text) {
  for (size_t at = 0; at < text->length;) {
    char *assignment = text->bytes + at;
    at += strlen(assignment) + 1;
    char *equals = strchr(assignment, '=');
    if (equals != NULL) *equals = '\0';
    set_next(assignment, equals == NULL ? NULL : equals + 1);
  }
}

int el_envfile(int argc, char **argv) {
  static const char usage[] = "envfile [ -i | -I ] file prog...";
  struct options at = { 0 };
  bool insists = true;
  for (int letter; (letter = next_option(argc, argv, "iI", &at)) != -1; insists = letter == 'i')
    if (letter == '?') die_usage(usage);
  if (argc - at.index < 2) die_usage(usage);
  const char *file = argv[at.index];
  bool is_stdin = strcmp(file, "-") == 0;
  int fd = is_stdin ? 0 : open(file, O_RDONLY | O_CLOEXEC);
  if (is_stdin) file = "standard input";
  if (fd < 0 && (insists || errno != ENOENT)) die_system("unable to open %s", file);
  if (fd >= 0) {
    struct text text = read_assignments(fd, file);
    close(fd);
    apply(&text);
  }
  go_on_with(argv + at.index + 1);
}
