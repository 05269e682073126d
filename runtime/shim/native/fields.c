/* The fields of a request, `key=value` each. */
#include "shim.h"

/* Splits off the next field. False at the end, or when it has no `=`: then *bad is set. */
bool next_field(struct request *request, char **key, char **value, bool *bad) {
  if (request->next == request->end) return false;
  *key = request->next;
  request->next += strlen(request->next) + 1; /* the last byte of a request is a NUL: checked on arrival */
  char *equals = strchr(*key, '=');
  if (!equals) {
    *bad = true;
    return false;
  }
  *equals = 0;
  *value = equals + 1;
  return true;
}

/* Reads a plain number in `base`, from 0 to `max`, up to `stop`. */
bool read_number(const char *text, const char *stop, int base, long long max, long long *number) {
  long long value = 0;
  if (text == stop) return false;
  for (; text < stop; text++) {
    int digit = *text - '0';
    if (digit < 0 || digit >= base) return false;
    value = value * base + digit;
    if (value > max) return false;
  }
  *number = value;
  return true;
}

bool read_whole(const char *text, int base, long long max, long long *number) {
  return read_number(text, text + strlen(text), base, max, number);
}
