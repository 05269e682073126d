/* The arguments of s6-log: control directives, then selections and actions in turn. */
#define _GNU_SOURCE
#include "log.h"
#include <stdlib.h>
#include <string.h>

/* The settings for the next actions, as set by the words before them. */
struct settings {
  struct keeping keeping;
  unsigned int alert_bytes, status_bytes;
  bool tai_stamp, local_stamp;
  const char *prefix;
};

static _Noreturn void refuse(const char *word) {
  die(EXIT_USAGE, "unrecognized directive: %s", word);
}

static unsigned int number_in(const char *word) {
  unsigned int value;
  if (!read_number(word + 1, &value)) refuse(word);
  return value;
}

static unsigned int between(unsigned int low, unsigned int value, unsigned int high) {
  return value < low ? low : value > high ? high : value;
}

static void control(const char *word, struct settings *now) {
  struct keeping *keeping = &now->keeping;
  switch (*word) {
    case 'n': keeping->count = number_in(word); break;
    case 's': keeping->file_bytes = between(4096, number_in(word), 268435455); break;
    case 'S':
      if (!read_large(word + 1, &keeping->total_bytes)) refuse(word);
      break;
    case 'l':
      keeping->early_bytes = number_in(word);
      if (keeping->early_bytes > keeping->file_bytes / 2)
        die(EXIT_USAGE, "directive %s conflicts with previous s directive", word);
      break;
    case 'r': keeping->retry_ms = number_in(word); break;
    case 'R': keeping->every_seconds = number_in(word); break;
    case 'E': now->alert_bytes = number_in(word); break;
    case '^': now->status_bytes = number_in(word); break;
    case 'p': now->prefix = word[1] == '\0' ? NULL : word + 1; break;
    case 't': now->tai_stamp = true; break;
    case 'T': now->local_stamp = true; break;
    case '!':
    case '?':
      keeping->processor = word[1] == '\0' ? NULL : word + 1;
      keeping->by_shell = *word == '?';
      break;
  }
}

/* Gives the kind of the word by its form: action `a`, selection `s`, control directive `c`. */
static char kind_of(const char *word) {
  static const char ALONE[] = "ftT12"; /* these letters must be the whole word */
  if (*word == '\0' || strchr("f+-nsSlrRE^p!?tT12./=", *word) == NULL) refuse(word);
  if ((strchr(ALONE, *word) != NULL && word[1] != '\0') || strcmp(word, "=") == 0)
    die(EXIT_USAGE, "syntax error at directive: %s", word);
  return strchr("12=./", *word) != NULL ? 'a' : strchr("f+-", *word) != NULL ? 's' : 'c';
}

static struct selection selection_of(const char *word) {
  struct selection selection = { .kind = *word };
  if (*word != 'f' && regcomp(&selection.pattern, word + 1, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0) refuse(word);
  return selection;
}

static struct action action_of(const char *word, struct settings *now, struct script *script) {
  struct action action = { .tai_stamp = now->tai_stamp, .local_stamp = now->local_stamp, .prefix = now->prefix };
  switch (*word) {
    case '1': action.target = TO_STDOUT; break;
    case '2':
      action.target = TO_STDERR;
      action.limit = now->alert_bytes;
      break;
    case '=':
      action.target = TO_STATUS;
      action.limit = now->status_bytes;
      action.file = word + 1;
      break;
    default:
      action.target = TO_DIRECTORY;
      action.directory = script->directory_count++;
      open_log(&script->directories[action.directory], word, &now->keeping);
  }
  now->tai_stamp = now->local_stamp = false;
  return action;
}

static void *room_for(size_t count, size_t size) {
  void *room = calloc(count + 1, size);
  if (room == NULL) die_system("unable to initialize script");
  return room;
}

/* Warns of words after the last action, which have no effect. */
static void check_shape(char **words) {
  bool acted = false;
  char last = 0;
  for (; *words != NULL; words++) {
    char kind = kind_of(*words);
    acted = acted || kind == 'a';
    if (kind != 'c') last = kind;
  }
  if (!acted) die(EXIT_USAGE, "no action directive specified");
  if (last != 'a' && !is_quiet) warn("ignoring extraneous non-action directives");
}

void read_script(char **words, struct script *script) {
  size_t count = 0;
  struct settings now = {
    .keeping = { .count = 10, .file_bytes = 99999, .early_bytes = 2000, .retry_ms = 2000 },
    .alert_bytes = 200,
    .status_bytes = 1001,
  };
  check_shape(words);
  while (words[count] != NULL)
    count++;
  script->rules = room_for(count, sizeof *script->rules);
  script->directories = room_for(count, sizeof *script->directories);
  struct selection *selections = room_for(count, sizeof *selections);
  struct action *actions = room_for(count, sizeof *actions);
  struct rule rule = { selections, actions, 0, 0 };
  for (; *words != NULL; words++) {
    char kind = kind_of(*words);
    if (kind == 'c') control(*words, &now);
    if (kind == 'a') rule.actions[rule.action_count++] = action_of(*words, &now, script);
    if (kind != 's') continue;
    if (rule.action_count > 0) {
      script->rules[script->rule_count++] = rule;
      rule = (struct rule){ rule.selections + rule.selection_count, rule.actions + rule.action_count, 0, 0 };
    }
    rule.selections[rule.selection_count++] = selection_of(*words);
  }
  if (rule.action_count > 0) script->rules[script->rule_count++] = rule;
}
