/*
 * Splits the text of a script into words, in one pass with one state and the depth of blocks. Each word begins with one blank
 * for each level of blocks, as commands expect it.
 * Source: execline 2.9.3, el_parse, with its quirks: every control character but NUL is a blank; a backslash right after `{`
 * or `}` writes the blanks of a new word into the old one; a number in quotes may end at the end of the text.
 */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Larger than the arguments that any kernel passes to a program. Nested blocks make the words larger than the script. */
enum { LARGEST = 64 << 20 };

enum state {
  BETWEEN,
  COMMENT,
  OPENED,
  CLOSED,
  WORD,
  ESCAPED_BETWEEN,
  ESCAPED,
  QUOTED,
  ESCAPED_QUOTED,
  OCTAL,
  HEX,
  NUMBER,
  END
};

struct parser {
  struct text text;
  size_t count, level;
  enum state state;
  enum parsed result;             /* set when the state is END */
  unsigned int value, base, room; /* of a number; `room` is how many digits may follow */
};

static void stop(struct parser *at, enum parsed result) {
  at->state = END;
  at->result = result;
}

static void begin_word(struct parser *at) {
  if (at->text.length + at->level > LARGEST) {
    errno = E2BIG;
    stop(at, UNREADABLE);
    return;
  }
  for (size_t i = 0; i < at->level; i++)
    append_byte(&at->text, ' ');
}

static void end_word(struct parser *at) {
  append_byte(&at->text, '\0');
  at->count++;
}

static void add(struct parser *at, char c, enum state state) {
  append_byte(&at->text, c);
  at->state = state;
}

static bool is_blank(unsigned char c) {
  return c <= ' ' && c != '\0';
}

/* Takes a character between words: a blank, the start of a comment, or the first character of a word. */
static void between(struct parser *at, char c) {
  if (c == '\0') stop(at, PARSED);
  else if (is_blank((unsigned char)c)) at->state = BETWEEN;
  else if (c == '#') at->state = COMMENT;
  else if (c == '\\') at->state = ESCAPED_BETWEEN;
  else {
    begin_word(at);
    if (at->state == END) return;
    if (c == '"') at->state = QUOTED;
    else add(at, c, c == '{' ? OPENED : c == '}' ? CLOSED : WORD);
  }
}

/* Takes a further character of a word. The caller has dealt with blanks and the end of the text. */
static void within(struct parser *at, char c, enum state escaped) {
  if (c == '"') at->state = QUOTED;
  else if (c == '\\') at->state = escaped;
  else add(at, c, WORD);
}

static void opened(struct parser *at, char c) {
  if (c == '\0') stop(at, MISUSED);
  else if (!is_blank((unsigned char)c)) within(at, c, ESCAPED_BETWEEN);
  else {
    at->level++;
    at->text.length -= at->level; /* removes the brace and the blanks before it */
    at->state = BETWEEN;
  }
}

static void closed(struct parser *at, char c) {
  if (c != '\0' && !is_blank((unsigned char)c)) within(at, c, ESCAPED_BETWEEN);
  else if (at->level == 0) stop(at, NOT_OPEN);
  else {
    at->level--;
    at->text.length -= 2; /* removes the brace and one blank: an empty word of the outer level ends the block */
    end_word(at);
    if (c == '\0') stop(at, PARSED);
    else at->state = BETWEEN;
  }
}

static void word(struct parser *at, char c) {
  if (c != '\0' && !is_blank((unsigned char)c)) {
    within(at, c, ESCAPED);
    return;
  }
  end_word(at);
  if (c == '\0') stop(at, PARSED);
  else at->state = BETWEEN;
}

static void escaped_between(struct parser *at, char c) {
  if (c == '\0') stop(at, PARSED);
  else if (c == '\n') at->state = BETWEEN;
  else {
    begin_word(at);
    if (at->state != END) add(at, c, WORD);
  }
}

/* ---- quotes ------------------------------------------------------------------------------------------------ */

static int digit_of(char c, unsigned int base) {
  int digit = c >= '0' && c <= '9'   ? c - '0'
              : c >= 'a' && c <= 'f' ? c - 'a' + 10
              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                     : -1;
  return digit < (int)base ? digit : -1;
}

static void begin_number(struct parser *at, unsigned int base, int digit, unsigned int room) {
  if (digit < 0) {
    stop(at, MISUSED);
    return;
  }
  at->value = (unsigned int)digit;
  at->base = base;
  at->room = room;
  at->state = NUMBER;
}

static void quoted(struct parser *at, char c) {
  if (c == '\0') stop(at, MISUSED);
  else if (c == '"') at->state = WORD;
  else if (c == '\\') at->state = ESCAPED_QUOTED;
  else add(at, c, QUOTED);
}

static void escaped_quoted(struct parser *at, char c) {
  static const char LETTERS[] = "abtnvfr"; /* 7 to 13 */
  const char *letter = strchr(LETTERS, c);
  if (c == '\0') stop(at, MISUSED);
  else if (c == '\n') at->state = QUOTED;
  else if (c == '0') at->state = OCTAL;
  else if (c >= '1' && c <= '9') begin_number(at, 10, c - '0', 2);
  else add(at, letter == NULL ? c : (char)(7 + (letter - LETTERS)), QUOTED);
}

static void number(struct parser *at, char c) {
  int digit = at->room == 0 ? -1 : digit_of(c, at->base);
  if (digit >= 0) {
    at->value = at->value * at->base + (unsigned int)digit;
    at->room--;
    return;
  }
  if (at->value == 0 || at->value > 255) {
    stop(at, MISUSED);
    return;
  }
  append_byte(&at->text, (char)at->value);
  if (c != '\0') quoted(at, c);
  else word(at, c);
}

static void read_sign(struct parser *at, char c) {
  switch (at->state) {
    case BETWEEN: between(at, c); break;
    case COMMENT:
      if (c == '\0') stop(at, PARSED);
      else if (c == '\n') at->state = BETWEEN;
      break;
    case OPENED: opened(at, c); break;
    case CLOSED: closed(at, c); break;
    case WORD: word(at, c); break;
    case ESCAPED_BETWEEN: escaped_between(at, c); break;
    case ESCAPED:
      if (c == '\0') stop(at, MISUSED);
      else add(at, c, WORD);
      break;
    case QUOTED: quoted(at, c); break;
    case ESCAPED_QUOTED: escaped_quoted(at, c); break;
    case OCTAL:
      if (c == 'x') at->state = HEX;
      else begin_number(at, 8, digit_of(c, 8), 2);
      break;
    case HEX: begin_number(at, 16, digit_of(c, 16), 1); break;
    case NUMBER: number(at, c); break;
    case END: break;
  }
}

/* ---- a whole script ---------------------------------------------------------------------------------------- */

static struct script finished(const struct parser *at) {
  struct script script = { .parsed = at->result, .count = at->count };
  if (script.parsed == PARSED && at->level > 0) script.parsed = LEFT_OPEN;
  if (script.parsed == PARSED && at->count > INT_MAX) {
    errno = E2BIG;
    script.parsed = UNREADABLE;
  }
  script.words = allocate(at->count + 1, sizeof *script.words);
  char *word = at->text.bytes;
  for (size_t i = 0; i < at->count; i++, word += strlen(word) + 1)
    script.words[i] = word;
  script.words[at->count] = NULL;
  return script;
}

struct script parse_script(const char *text) {
  struct parser at = { .state = BETWEEN };
  while (at.state != END)
    read_sign(&at, *text++);
  return finished(&at);
}

struct script parse_script_file(int fd) {
  struct parser at = { .state = BETWEEN };
  char buffer[8192];
  while (at.state != END) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno != EINTR) stop(&at, UNREADABLE);
    if (count == 0) read_sign(&at, '\0');
    for (ssize_t i = 0; i < count && at.state != END; i++)
      read_sign(&at, buffer[i]);
  }
  int error = errno;
  struct script script = finished(&at);
  errno = error;
  return script;
}
