/* Directories that hold one variable in each file. */
#ifndef KAHI_S6_ENVIRONMENT_H
#define KAHI_S6_ENVIRONMENT_H
#include "tool.h"

struct reading {
  bool whole;        /* the value is the whole file; otherwise the first line */
  bool keep_ends;    /* blanks and newline at the end of the value stay */
  bool keep_empty;   /* an empty file is an empty value; otherwise it removes the variable */
  bool no_limit;     /* values may be longer than 4095 bytes */
  char zero_becomes; /* the byte that replaces a NUL byte */
};

/* Sets every variable of the directory. Removes the variables whose file is empty. False with errno. */
bool read_environment(const char *directory, struct reading how);

#endif
