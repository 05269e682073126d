/*
 * Declarations that the commands of execline share. A script is one line of words: each command does its work and then
 * executes the rest of the line. A block `{ a { b } }` is the words ` a`, `  b`, ` `, and an empty word that ends it: each
 * level of blocks is one leading blank.
 *
 * Messages, exit codes and quirks are those of execline 2.9.3. Options of later 2.9 versions that 2.9.3 refuses are accepted.
 * "Dies" means: prints a message and exits with an error.
 */
#ifndef KAHI_S6_EXECLINE_H
#define KAHI_S6_EXECLINE_H
#include "../text.h"
#include "../tool.h"

extern char **environ;

/* ---- blocks.c: blocks, strictness, codes of programs that ended ---- */

/* Gives EXECLINE_STRICT: unquoted words of a block are accepted (0), warned about (1) or refused (2). */
unsigned int strictness(void);

/* Removes one leading blank of each word of the block. Gives the number of words, -1 when the block has no end. */
int open_block(char **argv);

/* As open_block; also puts NULL at the end of the block. Dies when the block has no end. NOT_EMPTY: also when it is empty. */
enum emptiness { MAY_BE_EMPTY, NOT_EMPTY };
int need_block(char **argv, enum emptiness emptiness);

/* Executes the program, with the changed variables. */
_Noreturn void go_on_with(char **argv);   /* there must be a word */
_Noreturn void go_on_or_end(char **argv); /* without words: exits with 0 */

/* Starts a program and waits for it. Dies when it cannot be started. Gives its status as wait() does. */
int run_and_wait(char **argv);
int wait_for(pid_t pid, const char *name);

/* Starts a program. Dies when this fails, with a hint if the user wrote a block in its place. `what`: the program's role. */
pid_t start_question(char **argv, const char *what);

int code_of(int status);   /* 128 + signal, or the exit code, at most 128 */
int number_of(int status); /* for the variable `?`: 256 + signal, or the exit code */

/* Dies when the program was killed by a signal, with the message of `if`. */
void refuse_crash(int status);

/* A list of words that grows. */
struct list {
  char **words;
  size_t count, capacity;
};

void add_to_list(struct list *list, const char *word);

/* Lists of exit codes as options contain them, `1,2`. NULL is an empty list. */
int first_code(const char *list); /* -1 when the list does not begin with a number */
bool has_code(const char *list, int code);

/* ---- processes.c ---- */

/* Starts the block with a pipe: its stdout becomes this process's stdin (`ours` 0), or this process's stdout its stdin (1). */
pid_t start_into_pipe(char **argv, int ours, bool is_detached);

/* ---- descriptors.c ---- */

/* Moves the descriptor `from` to the number `to`, without close-on-exec. False with errno. */
bool move_descriptor(int to, int from);

/* ---- names.c: a hash table ---- */

enum { NO_NAME = -1 };

struct names {
  struct name {
    const char *bytes;
    size_t length;
  } * list;
  size_t count, capacity;
  int *slots; /* indices into the list; twice as many as the list has room for */
};

/* Gives the index of the name, NO_NAME when it is not in the table. */
int find_name(const struct names *names, const char *bytes, size_t length);

/* Gives the index of the name. Adds the name when it is missing; the table keeps the pointer `bytes`. */
int add_name(struct names *names, const char *bytes, size_t length);

/* ---- variables.c: the environment of the next program ---- */

/* Sets a variable of the next program, or removes it (value NULL). The environment of this process does not change. */
void set_next(const char *name, const char *value);
void set_next_number(const char *name, unsigned long long value);

/* Gives the environment with those changes, for a program that is started. */
char **next_environment(void);

/* Gives a variable of this process's environment, NULL when it is not set. Looks names up in a hash table. */
const char *variable(const char *name);
const char *numbered_variable(unsigned int number);
const char *argument(unsigned int number); /* as numbered_variable; dies when it is not set */
unsigned int count_of_arguments(void);     /* the variable `#`; dies when it is not a number */

/* push: `1=a` becomes `1:1=a`, and so on; pop: the reverse. POSITIONALS: the variables that begin with a digit or `#`. */
enum { POSITIONALS = 1, OPTIONS = 2 };
void push_variables(int which, const char *failure);
void pop_variables(int which, const char *failure);

/* Dies when a variable cannot have that name. */
void check_name(const char *name);

/*
 * Executes the program with the variable set, or unset (value NULL). `imported`: the value replaces `$name` in the words
 * instead, and the variable is not set.
 */
_Noreturn void go_on_having(char **argv, const char *name, const char *value, bool imported);

/* ---- substitute.c: values for `$name` and `${name}` ---- */

struct value {
  const char *bytes; /* `count` words, each ends with a NUL */
  size_t count;
};

struct substitution {
  struct names names;
  struct value *values; /* in the order of the names */
  size_t capacity;
  unsigned int first_empty, last_empty; /* the first and the last positional that is an empty word; 0: none */
};

/* Defines a name. False when the name is empty or has a value already. */
bool substitute_for(struct substitution *all, const char *name, const char *bytes, size_t count);

/* Defines `#`, `0` … `n` and `@`; `arguments[0]` is `0`. Numbers up to `least` without an argument are empty words. */
bool substitute_arguments(struct substitution *all, const char *const *arguments, unsigned int count,
                          unsigned int least, bool is_shifted);

/* Gives the words after substitution, with NULL at the end. */
char **substituted(char **argv, const struct substitution *all);

/* ---- transform.c ---- */

struct transformation {
  const char *delimiters; /* empty: netstrings */
  bool crunches, chomps, splits;
};

#define NO_TRANSFORMATION \
  { " \n\r\t", false, false, false }

/* Takes one of the options `NnsCcd`, which say how values are split. False for other options. */
bool is_transforming(int letter, const char *word, struct transformation *how);

/* Splits a value into words. False with errno. */
bool transform(const char *text, const struct transformation *how, struct value *result);

/* ---- parse.c ---- */

enum parsed { PARSED, UNREADABLE, MISUSED, LEFT_OPEN, NOT_OPEN };

struct script {
  enum parsed parsed;
  char **words; /* NULL at the end */
  size_t count;
};

struct script parse_script(const char *text); /* MISUSED: a syntax error */
struct script parse_script_file(int fd);      /* UNREADABLE: with errno */

#endif
