/*
 * What the commands of execline share. A script is one line of words: each command does its part and becomes the rest. A
 * block `{ a { b } }` is the words ` a`, `  b`, ` `, and an empty word that ends it: each level is one leading blank.
 *
 * Texts, codes and quirks are those of execline 2.9.3; options of later 2.9 versions are taken where 2.9.3 refuses them.
 */
#ifndef KAHI_S6_EXECLINE_H
#define KAHI_S6_EXECLINE_H
#include "../text.h"
#include "../tool.h"

extern char **environ;

/* ---- blocks.c: blocks, strictness, codes of programs that ended ---- */

/* EXECLINE_STRICT: 0 says nothing, 1 warns, 2 refuses. */
unsigned int strictness(void);

/* The number of words before the empty one that ends the block, each freed from one blank; -1: nothing ends it. */
int open_block(char **argv);

/* The same where a block is needed: ends it with NULL, dies when nothing ends it or, unless `may_be_empty`, it is empty. */
enum emptiness { MAY_BE_EMPTY, NOT_EMPTY };
int need_block(char **argv, enum emptiness emptiness);

/* Becomes the program with variables as they were changed; without words it is the end of the script. */
_Noreturn void go_on_with(char **argv);   /* where there are words for sure */
_Noreturn void go_on_or_end(char **argv); /* without words: exit 0 */

/* Starts a program and waits for it; dies when it cannot be started. Gives its status as of wait(). */
int run_and_wait(char **argv);
int wait_for(pid_t pid, const char *name);

/* Starts a program where a block is a common mistake: dies with a hint then. `what`: its role. */
pid_t start_question(char **argv, const char *what);

int code_of(int status);   /* 128 and the signal, or the exit code, where those above 128 are 128 */
int number_of(int status); /* of the variable `?`: 256 and the signal, or the exit code */

/* Dies as `if` and its like do when the program was ended by a signal. */
void refuse_crash(int status);

/* Words that are gathered. */
struct list {
  char **words;
  size_t count, capacity;
};

void add_to_list(struct list *list, const char *word);

/* A list of codes, as options give them; NULL: none. */
int first_code(const char *list); /* -1 when it does not begin with one */
bool has_code(const char *list, int code);

/* ---- processes.c ---- */

/* Starts the block with a pipe between us: its stdout is what we read as 0, or (`ours` 1) its stdin what we write as 1. */
pid_t start_into_pipe(char **argv, int ours, bool is_detached);

/* ---- descriptors.c ---- */

/* `from` becomes `to`, which stays open in programs; false with errno. */
bool move_descriptor(int to, int from);

/* ---- names.c: a hash table ---- */

enum { NO_NAME = -1 };

struct names {
  struct name {
    const char *bytes;
    size_t length;
  } * list;
  size_t count, capacity;
  int *slots; /* indices into the list; two for each place in it */
};

/* Index of the name; NO_NAME when it is not there. */
int find_name(const struct names *names, const char *bytes, size_t length);

/* Index of the name, which is added when it is not there; `bytes` is kept, not copied. */
int add_name(struct names *names, const char *bytes, size_t length);

/* ---- variables.c: the environment of what comes next ---- */

/* Sets a variable for go_on_…, or removes it (value NULL); our own environment stays as it is. */
void set_next(const char *name, const char *value);
void set_next_number(const char *name, unsigned long long value);

/* The environment with those changes, for a program that is started. */
char **next_environment(void);

/* A variable of our own environment; as fast as a table, for commands that look up many. */
const char *variable(const char *name);
const char *numbered_variable(unsigned int number);
const char *argument(unsigned int number); /* a numbered variable; dies when it is not set */
unsigned int count_of_arguments(void);     /* `#`; dies when it is not set or no number */

/* Variables whose names begin with a digit or `#` (positionals), or with ELGETOPT_: `1=a` becomes `1:1=a`, or back. */
enum { POSITIONALS = 1, OPTIONS = 2 };
void push_variables(int which, const char *failure);
void pop_variables(int which, const char *failure);

/* Dies unless it can be the name of a variable. */
void check_name(const char *name);

/*
 * Becomes the program with the variable set (value NULL: unset); `imported`: the value is put in for `$name` in its
 * words, and is no variable.
 */
_Noreturn void go_on_having(char **argv, const char *name, const char *value, bool imported);

/* ---- substitute.c: values for `$name` and `${name}` ---- */

struct value {
  const char *bytes; /* `count` words, each with its NUL */
  size_t count;
};

struct substitution {
  struct names names;
  struct value *values; /* of the names, in their order */
  size_t capacity;
  unsigned int first_empty, last_empty; /* positionals with these numbers are empty words; 0: none */
};

/* False when the name is empty or has a value already. */
bool substitute_for(struct substitution *all, const char *name, const char *bytes, size_t count);

/* The words `$#`, `$0` … `$n`, `$@`: `arguments[0]` is `$0`. Numbers up to `least` are empty when there are fewer. */
bool substitute_arguments(struct substitution *all, const char *const *arguments, unsigned int count,
                          unsigned int least, bool is_shifted);

/* All words with the values put in, each word as often as its values ask; NULL at the end. */
char **substituted(char **argv, const struct substitution *all);

/* ---- transform.c ---- */

struct transformation {
  const char *delimiters; /* empty: netstrings */
  bool crunches, chomps, splits;
};

#define NO_TRANSFORMATION \
  { " \n\r\t", false, false, false }

/* Whether the option is one of `NnsCcd` that say how values are cut. */
bool is_transforming(int letter, const char *word, struct transformation *how);

/* Cuts a value into words; false with errno. */
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
