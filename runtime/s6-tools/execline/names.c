/* Gives each name a number, and finds it in constant time: a hash table with open addressing. */
#include "execline.h"
#include <string.h>

static uint32_t hash(const char *bytes, size_t length) {
  uint32_t value = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < length; i++)
    value = (value ^ (unsigned char)bytes[i]) * 16777619u;
  return value;
}

/* Gives the slot of the name, or the free slot where it belongs. */
static int *slot_of(const struct names *names, const char *bytes, size_t length) {
  size_t mask = names->capacity * 2 - 1;
  for (size_t at = hash(bytes, length) & mask;; at = (at + 1) & mask) {
    int index = names->slots[at];
    if (index == NO_NAME) return &names->slots[at];
    const struct name *name = &names->list[index];
    if (name->length == length && memcmp(name->bytes, bytes, length) == 0) return &names->slots[at];
  }
}

static void grow(struct names *names) {
  names->capacity = names->capacity == 0 ? 16 : names->capacity * 2;
  names->list = allocate_again(names->list, names->capacity, sizeof *names->list);
  names->slots = allocate_again(names->slots, names->capacity * 2, sizeof *names->slots);
  for (size_t i = 0; i < names->capacity * 2; i++)
    names->slots[i] = NO_NAME;
  for (size_t i = 0; i < names->count; i++)
    *slot_of(names, names->list[i].bytes, names->list[i].length) = (int)i;
}

int find_name(const struct names *names, const char *bytes, size_t length) {
  return names->count == 0 ? NO_NAME : *slot_of(names, bytes, length);
}

int add_name(struct names *names, const char *bytes, size_t length) {
  if (names->count == names->capacity) grow(names);
  int *slot = slot_of(names, bytes, length);
  if (*slot != NO_NAME) return *slot;
  names->list[names->count] = (struct name){ bytes, length };
  *slot = (int)names->count;
  return (int)names->count++;
}
