/* s6-svstat and s6-svok: show the state of a service. */
#define _GNU_SOURCE
#include "directory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char USAGE[] =
  "s6-svstat [ -uwNrpgest | -o up,wantedup,normallyup,ready,paused,pid,pgid,exitcode,signal,signum,updownsince,"
  "readysince,updownfor,readyfor ] [ -n ] servicedir";

static struct stamp now;
static bool normally_up;

typedef void field(const struct status *status);

static void print_truth(bool truth) {
  fputs(truth ? "true" : "false", stdout);
}

static void print_stamp(struct stamp stamp) {
  char text[STAMP_TEXT + 1];
  stamp_format(stamp, text);
  fputs(text, stdout);
}

static void print_age(struct stamp stamp) {
  printf("%llu", (unsigned long long)stamp_seconds_between(stamp, now));
}

static int death_signal(const struct status *s) {
  return is_up(s) || was_never_started(s) || !WIFSIGNALED(s->wait_status) ? -1 : WTERMSIG(s->wait_status);
}

static void field_up(const struct status *s) {
  print_truth(is_up(s));
}
static void field_wantedup(const struct status *s) {
  print_truth(s->wants_up);
}
static void field_normallyup(const struct status *s) {
  (void)s; /* the file ./down decides, not the status */
  print_truth(normally_up);
}
static void field_ready(const struct status *s) {
  print_truth(s->pid != 0 && s->ready);
}
static void field_paused(const struct status *s) {
  print_truth(s->pid != 0 && s->paused);
}
static void field_pid(const struct status *s) {
  printf("%d", is_up(s) ? (int)s->pid : -1);
}
static void field_exitcode(const struct status *s) {
  bool exited = !is_up(s) && !was_never_started(s) && WIFEXITED(s->wait_status);
  printf("%d", exited ? WEXITSTATUS(s->wait_status) : -1);
}
static void field_signum(const struct status *s) {
  printf("%d", death_signal(s));
}
static void field_signal(const struct status *s) {
  int number = death_signal(s);
  printf("%s%s", number == -1 ? "" : "SIG", number == -1 ? "NA" : signal_name(number));
}
static void field_updownsince(const struct status *s) {
  print_stamp(s->changed);
}
static void field_readysince(const struct status *s) {
  print_stamp(s->ready_changed);
}
static void field_updownfor(const struct status *s) {
  print_age(s->changed);
}
static void field_readyfor(const struct status *s) {
  print_age(s->ready_changed);
}

/* `letter` is the option for the field; 0: the field has no option */
static const struct {
  const char *name;
  char letter;
  field *print;
} FIELDS[] = {
  { "up", 'u', field_up },
  { "wantedup", 'w', field_wantedup },
  { "normallyup", 'N', field_normallyup },
  { "ready", 'r', field_ready },
  { "paused", 0, field_paused },
  { "pid", 'p', field_pid },
  { "pgid", 'g', field_pid }, /* run is the leader of its process group */
  { "exitcode", 'e', field_exitcode },
  { "signal", 's', field_signal },
  { "signum", 0, field_signum },
  { "updownsince", 0, field_updownsince },
  { "readysince", 0, field_readysince },
  { "updownfor", 't', field_updownfor },
  { "readyfor", 0, field_readyfor },
};

enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS, MAX_FIELDS = 16 };

struct wanted {
  field *fields[MAX_FIELDS];
  int count;
};

static void want(struct wanted *wanted, field *print) {
  if (wanted->count == MAX_FIELDS) die(EXIT_USAGE, "too many option fields");
  wanted->fields[wanted->count++] = print;
}

static bool want_letter(struct wanted *wanted, int letter) {
  for (int i = 0; i < FIELD_COUNT; i++)
    if (FIELDS[i].letter == letter && letter != 0) {
      want(wanted, FIELDS[i].print);
      return true;
    }
  return false;
}

static void want_names(struct wanted *wanted, const char *names) {
  while (*names != '\0') {
    size_t length = strcspn(names, ",");
    int found = 0;
    while (found < FIELD_COUNT &&
           (strlen(FIELDS[found].name) != length || memcmp(FIELDS[found].name, names, length) != 0))
      found++;
    if (found == FIELD_COUNT) die(EXIT_USAGE, "invalid option field: %.*s", (int)length, names);
    want(wanted, FIELDS[found].print);
    names += length + (names[length] == ',');
  }
}

static void print_cause(const struct status *s, bool by_number) {
  if (was_never_started(s)) fputs("not started yet", stdout);
  else if (!WIFSIGNALED(s->wait_status)) printf("exitcode %d", WEXITSTATUS(s->wait_status));
  else if (by_number) printf("signal %d", WTERMSIG(s->wait_status));
  else printf("signal SIG%s", signal_name(WTERMSIG(s->wait_status)));
}

static void print_sentence(const struct status *s, bool by_number) {
  bool up = is_up(s);
  if (up) printf("up (pid %d pgid %d) ", (int)s->pid, (int)s->pid);
  else {
    fputs("down (", stdout);
    print_cause(s, by_number);
    fputs(") ", stdout);
  }
  if (!was_never_started(s)) {
    print_age(s->changed);
    fputs(" seconds", stdout);
  }
  if (up != normally_up) printf(", normally %s", normally_up ? "up" : "down");
  if (up && s->paused) fputs(", paused", stdout);
  if (up != s->wants_up) printf(", want %s", s->wants_up ? "up" : "down");
  if (s->ready && !was_never_started(s)) {
    fputs(", ready ", stdout);
    print_age(s->ready_changed);
    fputs(" seconds", stdout);
  }
}

int s6_svstat(int argc, char **argv) {
  struct options at = { 0 };
  struct wanted wanted = { .count = 0 };
  bool by_number = false;
  for (int letter; (letter = next_option(argc, argv, "no:uwNrpgest", &at)) != -1;) {
    if (letter == 'n') by_number = true;
    else if (letter == 'o') want_names(&wanted, at.word);
    else if (!want_letter(&wanted, letter)) die_usage(USAGE);
  }
  if (at.index >= argc) die_usage(USAGE);
  const char *directory = argv[at.index];
  struct status status;
  int supervised = is_supervised(directory);
  if (supervised < 0) die_system("unable to check %s", directory);
  if (supervised == 0) die(1, "unable to read status for %s: s6-supervise not running", directory);
  if (!read_status(directory, &status)) die_system("unable to read status for %s", directory);
  now = stamp_now();
  if (stamp_before(now, status.changed)) status.changed = now;
  normally_up = !has_file(directory, "down");
  if (wanted.count == 0) print_sentence(&status, by_number);
  for (int i = 0; i < wanted.count; i++) {
    if (i > 0) putchar(' ');
    wanted.fields[i](&status);
  }
  putchar('\n');
  flush_output();
  return 0;
}

int s6_svok(int argc, char **argv) {
  if (argc < 2) die_usage("s6-svok servicedir");
  int supervised = is_supervised(argv[1]);
  if (supervised < 0) die_system("unable to check %s", argv[1]);
  return !supervised;
}
