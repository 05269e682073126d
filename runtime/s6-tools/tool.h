/*
 * Functions that all tools share: messages, options, numbers, and execution of other programs.
 *
 * Every tool is a function `int NAME(int argc, char **argv)` that gives its exit code. tools.c lists the tools. Messages and
 * exit codes are those of s6 2.15.1 (decision 17 names differences from earlier versions).
 */
#ifndef KAHI_S6_TOOL_H
#define KAHI_S6_TOOL_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  EXIT_USAGE = 100,  /* the arguments are invalid */
  EXIT_SYSTEM = 111, /* a system call failed */
  EXIT_TIMEOUT = 99
};

typedef int tool_main(int argc, char **argv);

/* Gives the tool of that name, or NULL. */
tool_main *find_tool(const char *name);

/* ---- say.c ---- */

extern const char *program; /* the name at the start of every message */

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* warn prints `NAME: warning: …`. die prints `NAME: fatal: …` and exits. Functions with _system add the text of errno. */
void warn(const char *format, ...) PRINTF_LIKE(1, 2);
void warn_system(const char *format, ...) PRINTF_LIKE(1, 2);
void inform(const char *format, ...) PRINTF_LIKE(1, 2); /* `NAME: info: …` */
_Noreturn void die(int code, const char *format, ...) PRINTF_LIKE(2, 3);
_Noreturn void die_system(const char *format, ...) PRINTF_LIKE(1, 2); /* with EXIT_SYSTEM */
_Noreturn void die_system_with(int code, const char *format, ...) PRINTF_LIKE(2, 3);
_Noreturn void die_usage(const char *usage);

/* Writes the buffer of stdout. Dies when this fails. */
void flush_output(void);

/* ---- options.c ---- */

struct options {
  int index;        /* index of the first word that is no option */
  int position;     /* position within a word of options; 0: at its start */
  const char *word; /* the value of the option, if the option has one */
};

/*
 * Gives the letter of the next option, or -1 after the last option. Gives '?' for an option that is not in `letters` or
 * lacks its value. Options end at the first word that is no option, as in all tools of skarnet.org.
 */
int next_option(int argc, char **argv, const char *letters, struct options *at);

/* Read a whole word as a number. When the word is no number, they give false and do not change the result. */
bool read_number(const char *word, unsigned int *result);
bool read_large(const char *word, uint64_t *result);
bool read_octal(const char *word, unsigned int *result);
bool read_integer(const char *word, int *result);

/* ---- become.c ---- */

/* Executes a program. Searches it in the PATH with which this tool was started. Dies with 127 or 126. */
_Noreturn void become(char **argv);

/* Sets a variable for the program that will be executed. A NULL value removes the variable. */
void change_variable(const char *name, const char *value);

/* Execute `file`, which may differ from argv[0], with another environment. try_file returns when this fails. */
_Noreturn void become_file(const char *file, char **argv, char **environment);
void try_file(const char *file, char **argv, char **environment);
_Noreturn void die_exec(const char *file); /* dies with 127 for ENOENT, else with 126 */

/* Starts a program with no blocked signal. Gives its pid, or 0 with errno. */
pid_t start_program(char **argv);

/* How start_process() starts a program. An empty argv means that the child exits with 0. */
struct start {
  char **argv, **environment;
  int from, to; /* the close-on-exec descriptor `from` becomes `to`; from -1: no descriptor changes */
};

pid_t start_process(const struct start *how);

/* Starts the program as a grandchild, so the caller need not wait for it. The grandchild reports its own errors. */
pid_t start_detached(const struct start *how);

/* Note the current PATH for later searches of programs. Later changes of the variable have no effect. */
void keep_path(void);
void use_new_path(void);

/* ---- time.c ---- */

/* A TAI64N label. */
struct stamp {
  uint64_t seconds;
  uint32_t nanoseconds;
};

enum { STAMP_BYTES = 12, STAMP_TEXT = 25 }; /* packed; `@` and 24 hexadecimal digits */

struct stamp stamp_now(void);
struct stamp stamp_unpack(const unsigned char *bytes);
void stamp_format(struct stamp stamp, char text[STAMP_TEXT + 1]);
bool stamp_before(struct stamp a, struct stamp b);
uint64_t stamp_seconds_between(struct stamp from, struct stamp to);

/* Deadlines are milliseconds of the monotonic clock. poll_time() gives the third argument of poll(); -1 for NEVER. */
enum { NEVER = -1 };
int64_t clock_ms(void);
int64_t deadline_after(unsigned int ms); /* 0: NEVER */
int64_t earlier(int64_t a, int64_t b);
int poll_time(int64_t deadline);

const char *signal_name(int number);               /* `TERM` */
bool signal_number(const char *word, int *number); /* TERM, sigterm, 15 */

#endif
