/*
 * What all tools share: how they speak, read their options, read numbers and become other programs.
 *
 * Every tool is a function `int NAME(int argc, char **argv)` that gives its exit code; tools.c lists them. Texts and codes
 * are those of s6 2.15.1 (where they differ from earlier versions, decision 17 says so).
 */
#ifndef KAHI_S6_TOOL_H
#define KAHI_S6_TOOL_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  EXIT_USAGE = 100,   /* what was asked for makes no sense */
  EXIT_SYSTEM = 111,  /* a system call failed */
  EXIT_TIMEOUT = 99
};

typedef int tool_main(int argc, char **argv);

/* Finds a tool by its name; NULL when there is none. */
tool_main *find_tool(const char *name);

/* ---- say.c ---- */

extern const char *program; /* the name before every message */

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* `NAME: warning: …`, and `NAME: fatal: …` with an end. With _system the text of errno follows. */
void warn(const char *format, ...) PRINTF_LIKE(1, 2);
void warn_system(const char *format, ...) PRINTF_LIKE(1, 2);
_Noreturn void die(int code, const char *format, ...) PRINTF_LIKE(2, 3);
_Noreturn void die_system(const char *format, ...) PRINTF_LIKE(1, 2); /* with EXIT_SYSTEM */
_Noreturn void die_system_with(int code, const char *format, ...) PRINTF_LIKE(2, 3);
_Noreturn void die_usage(const char *usage);

/* Writes what is buffered for stdout, or dies. */
void flush_output(void);

/* ---- options.c ---- */

struct options {
  int index;        /* of the first word that is no option */
  int position;     /* within the word; 0: at its start */
  const char *word; /* the value of the option, when it has one */
};

/*
 * The next option's letter, -1 after the last, '?' for one that is not in `letters` (or lacks its value). Options end at
 * the first word that is none, as all tools of skarnet.org have it.
 */
int next_option(int argc, char **argv, const char *letters, struct options *at);

/* Whole words as numbers without sign; false leaves the result alone. */
bool read_number(const char *word, unsigned int *result);
bool read_large(const char *word, uint64_t *result);
bool read_octal(const char *word, unsigned int *result);
bool read_integer(const char *word, int *result);

/* ---- become.c ---- */

/* Executes a program, looked up in the PATH that this one was started with; dies with 127 or 126. */
_Noreturn void become(char **argv);

/* Sets or (with value NULL) removes a variable for the program that will be executed. */
void change_variable(const char *name, const char *value);

/* Starts a program; gives its pid, 0 with errno when that failed. */
pid_t start_program(char **argv);

/* Programs are looked up in the PATH that was there when these were called, whatever becomes of the variable. */
void keep_path(void);
void use_new_path(void);

/* ---- time.c ---- */

/* A label of TAI64N as s6 keeps it. */
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

/* Milliseconds of a clock that nobody sets; poll's third argument until then: -1 for `never`. */
enum { NEVER = -1 };
int64_t clock_ms(void);
int64_t deadline_after(unsigned int ms); /* 0: NEVER */
int64_t earlier(int64_t a, int64_t b);
int poll_time(int64_t deadline);

const char *signal_name(int number);     /* `TERM` */
bool signal_number(const char *word, int *number); /* TERM, sigterm, 15 */

#endif
