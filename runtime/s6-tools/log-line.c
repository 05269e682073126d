/* Handles one line of s6-log: finds its actions in the script, and formats the line for each action. */
#define _GNU_SOURCE
#include "log.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The outputs of one script. */
struct outputs {
  struct script *script;
  struct text *to_stdout;
};

static void append_local_time(struct text *text, struct timespec now) {
  char stamp[64];
  struct tm local;
  localtime_r(&now.tv_sec, &local);
  size_t length = strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
  length += (size_t)snprintf(stamp + length, sizeof stamp - length, ".%09ld  ", now.tv_nsec);
  append(text, stamp, length);
}

/* Appends the line in the format of this action, with a newline. */
static void compose(struct text *text, const struct action *action, const char *bytes, size_t length) {
  struct timespec now;
  if (action->tai_stamp) {
    char stamp[STAMP_TEXT + 1];
    stamp_format(stamp_now(), stamp);
    append(text, stamp, STAMP_TEXT);
    append(text, " ", 1);
  }
  if (action->local_stamp && clock_gettime(CLOCK_REALTIME, &now) == 0) append_local_time(text, now);
  if (action->prefix != NULL) {
    append(text, action->prefix, strlen(action->prefix));
    append(text, " ", 1);
  }
  append(text, bytes, length);
  append(text, "\n", 1);
}

static void alert(const struct action *action, const char *bytes, size_t length) {
  struct text text = { 0 };
  bool is_cut = action->limit > 0 && action->limit + 3 < length;
  append(&text, "s6-log: alert: ", 15);
  compose(&text, action, bytes, is_cut ? action->limit : length);
  if (is_cut) {
    text.length--;
    append(&text, "...\n", 4);
  }
  if (write(2, text.bytes, text.length) < 0) is_quiet = true; /* stderr is closed */
  free(text.bytes);
}

/* Writes a status file. A file with a limit always has exactly that size. */
static void write_status(const struct action *action, const char *bytes, size_t length) {
  struct text text = { 0 };
  char fresh[strlen(action->file) + sizeof ".new"];
  compose(&text, action, bytes, length);
  while (text.length < action->limit)
    append(&text, "\n", 1);
  if (action->limit > 0) text.length = action->limit;
  sprintf(fresh, "%s.new", action->file);
  int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool done = fd >= 0 && write(fd, text.bytes, text.length) == (ssize_t)text.length && rename(fresh, action->file) == 0;
  if (!done && !is_quiet) warn_system("unable to write status file %s", action->file);
  if (fd >= 0) close(fd);
  free(text.bytes);
}

static void act(const struct outputs *outputs, const struct action *action, const char *bytes, size_t length) {
  switch (action->target) {
    case TO_STDOUT:
      if (outputs->to_stdout != NULL) compose(outputs->to_stdout, action, bytes, length);
      break;
    case TO_STDERR: alert(action, bytes, length); break;
    case TO_STATUS: write_status(action, bytes, length); break;
    case TO_DIRECTORY: compose(&outputs->script->directories[action->directory].pending, action, bytes, length); break;
  }
}

/*
 * Gives whether the line is selected after the selections of a rule. `selected`: it was selected after the rule before;
 * `acted`: an earlier rule has carried out its actions.
 */
static bool select_line(const struct rule *rule, const char *bytes, bool selected, bool acted) {
  for (unsigned int i = 0; i < rule->selection_count; i++) {
    const struct selection *selection = &rule->selections[i];
    if (selection->kind == 'f') selected = !acted;
    else if (selected != (selection->kind == '+') && regexec(&selection->pattern, bytes, 0, NULL, 0) == 0)
      selected = !selected;
  }
  return selected;
}

void log_line(struct script *script, struct text *to_stdout, const char *bytes, size_t length) {
  struct outputs outputs = { script, to_stdout };
  bool selected = true, acted = false;
  for (unsigned int i = 0; i < script->rule_count; i++) {
    const struct rule *rule = &script->rules[i];
    selected = select_line(rule, bytes, selected, acted);
    for (unsigned int j = 0; selected && j < rule->action_count; j++)
      act(&outputs, &rule->actions[j], bytes, length);
    acted = acted || selected;
  }
}
