/* Buffers that grow with their input, and allocation of memory. */
#define _GNU_SOURCE
#include "text.h"
#include "tool.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *allocate_again(void *old, size_t count, size_t size) {
  void *memory = reallocarray(old, count == 0 ? 1 : count, size);
  if (memory == NULL) die_system("unable to allocate memory");
  return memory;
}

void *allocate(size_t count, size_t size) {
  return allocate_again(NULL, count, size);
}

char *copy_of(const char *word, size_t length) {
  char *copy = allocate(length + 1, 1);
  memcpy(copy, word, length);
  copy[length] = '\0';
  return copy;
}

void append(struct text *text, const char *bytes, size_t length) {
  if (length == 0) return; /* bytes may be NULL */
  if (text->capacity - text->length < length) {
    text->capacity = (text->length + length) * 2 + 4096;
    text->bytes = allocate_again(text->bytes, text->capacity, 1);
  }
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

void append_word(struct text *text, const char *word) {
  append(text, word, strlen(word));
}

void append_byte(struct text *text, char byte) {
  append(text, &byte, 1);
}

void append_number(struct text *text, unsigned long long number) {
  char digits[24];
  append(text, digits, (size_t)snprintf(digits, sizeof digits, "%llu", number));
}

void append_netstring(struct text *text, const char *word) {
  append_number(text, strlen(word));
  append_byte(text, ':');
  append_word(text, word);
  append_byte(text, ',');
}

void drop_first(struct text *text, size_t length) {
  if (length == 0) return;
  memmove(text->bytes, text->bytes + length, text->length - length);
  text->length -= length;
}

int append_all_of(struct text *text, int fd) {
  char buffer[4096];
  for (;;) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return -1;
    if (count > 0) append(text, buffer, (size_t)count);
  }
}
