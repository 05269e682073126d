/* The parts of s6-log: the script, which selects lines, and the directories to which lines are written. */
#ifndef KAHI_S6_LOG_H
#define KAHI_S6_LOG_H
#include "text.h"
#include "tool.h"
#include <regex.h>

extern bool is_quiet; /* -q: no warnings about errors after which the tool tries again */

/* ---- log-directory.c ---- */

enum stage {
  WRITABLE,
  SYNC_CURRENT,
  RENAME_CURRENT,
  OPEN_CURRENT,
  MARK_PREVIOUS,
  KEEP_PREVIOUS,
  RUN_PROCESSOR,
  AWAIT_PROCESSOR,
  SYNC_PROCESSED,
  SYNC_STATE,
  DROP_PREVIOUS,
  KEEP_STATE,
  KEEP_PROCESSED
};

/* The settings of a directory. Directives before the directory in the script set them. */
struct keeping {
  uint64_t total_bytes;       /* limit for all archives together; 0: no limit */
  unsigned int count;         /* highest number of archives */
  unsigned int file_bytes;    /* size at which a file is full */
  unsigned int early_bytes;   /* a file that ends with a complete line is full when this many bytes are missing */
  unsigned int every_seconds; /* time between rotations; 0: rotate full files only */
  unsigned int retry_ms;
  const char *processor; /* the command that transforms archives */
  bool by_shell;         /* /bin/sh runs the command; otherwise execlineb */
};

struct log_directory {
  const char *name;
  struct keeping keeping;
  int directory, lock, current;
  uint64_t written;    /* size of the file `current` */
  struct text pending; /* complete lines that are not written yet */
  enum stage stage;    /* the next step of a rotation */
  int64_t retry_at, rotate_at;
  pid_t processor;
};

/*
 * Creates and locks the directory. Archives the files that an earlier logger did not finish. Opens `current`. Dies when a
 * step fails.
 */
void open_log(struct log_directory *log, const char *name, const struct keeping *keeping);

/* Writes the pending lines and rotates full files. After an error the next try is at retry_at. */
void write_log(struct log_directory *log);

/* Begins a rotation, unless one has begun already. */
void rotate_log(struct log_directory *log);

/* Continue a rotation: after the exit of the processor, and at retry_at or rotate_at. */
void processor_ended(struct log_directory *log, bool succeeded);
void log_timer(struct log_directory *log);

/* Writes everything to the disk. False when the caller must try again. */
bool close_log(struct log_directory *log);

/* ---- log-archives.c ---- */

/*
 * Gives a complete file of the directory its final name, and removes surplus archives. Removes an empty file instead.
 */
bool keep_archive(const struct log_directory *log, const char *name, char suffix);

/* ---- log-script.c ---- */

enum target { TO_STDOUT, TO_STDERR, TO_STATUS, TO_DIRECTORY };

struct action {
  enum target target;
  bool tai_stamp, local_stamp;
  const char *prefix;     /* NULL: no prefix */
  size_t limit;           /* bytes of an alert or a status file; 0: no limit */
  const char *file;       /* the status file */
  unsigned int directory; /* the index of the log directory */
};

struct selection {
  char kind; /* `+`, `-` or `f` */
  regex_t pattern;
};

/* The actions for the lines that the selections choose. */
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

/* Reads the words of a script and opens its directories. Dies when a word is invalid. */
void read_script(char **words, struct script *script);

/* ---- log-line.c ---- */

/*
 * Runs the actions of the script for one line. A NUL follows its `length` bytes. `to_stdout` is NULL when stdout is closed.
 */
void log_line(struct script *script, struct text *to_stdout, const char *bytes, size_t length);

#endif
