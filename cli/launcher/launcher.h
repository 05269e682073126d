/* What the files of the launcher share. */
#ifndef KAHI_LAUNCHER_H
#define KAHI_LAUNCHER_H
#include <stdbool.h>
#include <stddef.h>

enum {
  EXIT_NO = 1,        /* the answer to a question is no */
  EXIT_REFUSED = 111, /* kahi cannot be started */
  PATH_BYTES = 4096
};

/* Where this installation of kahi is. */
struct places {
  char folder[PATH_BYTES]; /* the folder of the native programs: the launcher, kahi-shim, kahi-s6, perhaps node */
  char bundle[PATH_BYTES]; /* kahi.js, in that folder, or in dist/ of the npm package */
};

/* What the call says. */
struct call {
  const char *called_as; /* the path under which kahi was called, perhaps that of a link */
  const char *name;      /* the last part of that path */
  const char *word;      /* the first argument; empty when there is none */
  int argc;
  char **argv;
};

/* Prints `kahi: …` on stderr with one write. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2))); /* and exits with EXIT_REFUSED */

/* ---- places.c ---- */

/* Finds the installation; refuses when this is impossible. `executed` is the path that was given to execve(). */
void find_places(struct places *places, const char *executed);

/* Joins the folder of the native programs and a name. Refuses when the result is too long. */
void native_path(const struct places *places, const char *name, char path[PATH_BYTES]);

/* Gives the last part of a path. */
const char *last_part(const char *path);

/* ---- node.c ---- */

/* The Node.js that will be executed. */
struct node {
  const char *word;      /* the word to start it with; `node` when it was found in PATH */
  char path[PATH_BYTES]; /* the file */
  const char *source;    /* where it comes from, for messages */
};

/* Finds Node.js: $KAHI_NODE, `node` beside the launcher, PATH. Refuses when there is none. */
void find_node(struct node *node, const struct places *places);

/* ---- start.c ---- */

/* Executes kahi.js with Node.js, for a daemon below the native helper where that is needed. */
_Noreturn void start_bundle(const struct call *call, const struct places *places);

/* ---- health.c ---- */

/*
 * Runs `kahi healthcheck [-s SOCKET] [--timeout SECONDS] [NAME…]` and gives its exit code. Gives -1 when the arguments need
 * the complete parser of kahi.js: --help, --config, an address on TCP, mistakes.
 */
int check_health(const struct call *call);

#endif
