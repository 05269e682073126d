/* Buffers that grow. */
#ifndef KAHI_S6_TEXT_H
#define KAHI_S6_TEXT_H
#include <stddef.h>

struct text {
  char *bytes;
  size_t length, capacity;
};

/* These functions die when there is no memory. */
void append(struct text *text, const char *bytes, size_t length);
void append_word(struct text *text, const char *word); /* without the NUL at its end */
void append_byte(struct text *text, char byte);
void append_number(struct text *text, unsigned long long number);
void append_netstring(struct text *text, const char *word); /* `LENGTH:WORD,` */
void drop_first(struct text *text, size_t length);

/* Appends all bytes from `fd` up to end of file. -1 with errno. */
int append_all_of(struct text *text, int fd);

/* Give memory for `count` elements of `size` bytes. They die when there is none. An old block may be moved. */
void *allocate(size_t count, size_t size);
void *allocate_again(void *old, size_t count, size_t size);
char *copy_of(const char *word, size_t length);

#endif
