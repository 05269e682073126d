/* Directories that hold one variable in each file. */
#ifndef KAHI_S6_ENVIRONMENT_H
#define KAHI_S6_ENVIRONMENT_H
#include "tool.h"

struct reading {
  bool whole;       /* the file is the value; otherwise its first line */
  bool keep_ends;   /* nothing is cut from the value's end */
  bool no_limit;    /* values may be longer than 4095 bytes */
  char zero_becomes; /* what stands for a NUL byte */
};

/* Sets every variable of the directory, removes those whose file is empty; false with errno. */
bool read_environment(const char *directory, struct reading how);

#endif
