/* The parts of s6-log: the script (which lines go where) and the directories they go to. */
#ifndef KAHI_S6_LOG_H
#define KAHI_S6_LOG_H
#include "tool.h"
#include <regex.h>

extern bool is_quiet; /* -q: no warnings about what is tried again */

/* ---- log-directory.c ---- */

struct text {
  char *bytes;
  size_t length, capacity;
};

void append(struct text *text, const char *bytes, size_t length);
void drop_first(struct text *text, size_t length);

enum stage {
  WRITABLE, SYNC_CURRENT, RENAME_CURRENT, OPEN_CURRENT, MARK_PREVIOUS, KEEP_PREVIOUS,
  RUN_PROCESSOR, AWAIT_PROCESSOR, SYNC_PROCESSED, SYNC_STATE, DROP_PREVIOUS, KEEP_STATE, KEEP_PROCESSED
};

/* How a directory is kept; directives before it in the script say so. */
struct keeping {
  uint64_t total_bytes;      /* of all archives; 0: no limit */
  unsigned int count;        /* of archives */
  unsigned int file_bytes;   /* when a file is full, */
  unsigned int early_bytes;  /* or so many bytes before, at the end of a line */
  unsigned int every_seconds; /* also rotate so often; 0: only when full */
  unsigned int retry_ms;
  const char *processor;     /* archives go through this command */
  bool by_shell;             /* which /bin/sh reads, otherwise execlineb */
};

struct log_directory {
  const char *name;
  struct keeping keeping;
  int directory, lock, current;
  uint64_t written;          /* size of the file `current` */
  struct text pending;       /* whole lines not yet written */
  enum stage stage;          /* of a rotation */
  int64_t retry_at, rotate_at;
  pid_t processor;
};

/* Creates and locks the directory, archives what an earlier logger left unfinished, opens `current`; dies when it cannot. */
void open_log(struct log_directory *log, const char *name, const struct keeping *keeping);

/* Writes what is pending, rotating where files are full. What fails is tried again at retry_at. */
void write_log(struct log_directory *log);

/* Begins a rotation now, unless one is going on. */
void rotate_log(struct log_directory *log);

/* Goes on after a failure, a processor's end (`succeeded`), or at the time of a rotation. */
void processor_ended(struct log_directory *log, bool succeeded);
void log_timer(struct log_directory *log);

/* Makes sure that everything is on the disk; false when that has to be tried again. */
bool close_log(struct log_directory *log);

/* ---- log-archives.c ---- */

/* Gives a complete file of the directory its name for good, and removes archives that are too many. An empty one is nothing to keep. */
bool keep_archive(const struct log_directory *log, const char *name, char suffix);

/* ---- log-script.c ---- */

enum target { TO_STDOUT, TO_STDERR, TO_STATUS, TO_DIRECTORY };

struct action {
  enum target target;
  bool tai_stamp, local_stamp;
  const char *prefix;        /* NULL: none */
  size_t limit;              /* of an alert or a status file; 0: none */
  const char *file;          /* the status file */
  unsigned int directory;    /* its number */
};

struct selection {
  char kind;                 /* `+`, `-` or `f` */
  regex_t pattern;
};

/* What is done with the lines that the selections choose. */
struct rule {
  struct selection *selections;
  struct action *actions;
  unsigned int selection_count, action_count;
};

struct script {
  struct rule *rules;
  struct log_directory *directories;
  unsigned int rule_count, directory_count;
};

/* Reads the words of a script and opens its directories; dies when it makes no sense. */
void read_script(char **words, struct script *script);

#endif
