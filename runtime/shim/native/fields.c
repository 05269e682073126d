/* The fields of a request, `key=value` each. */
#include "shim.h"

/* Reads the next field. False after the last field, or when a field has no `=`; then *bad is set. */
bool next_field(struct request *request, char **key, char **value, bool *bad) {
  if (request->next == request->end) return false;
  *key = request->next;
  request->next += strlen(request->next) + 1; /* handle_frame() has checked that the last byte is a NUL */
  char *equals = strchr(*key, '=');
  if (!equals) {
    *bad = true;
    return false;
  }
  *equals = 0;
  *value = equals + 1;
  return true;
}

/* Reads a number in `base`, from 0 to `max`. Its digits end at `stop`. */
bool read_number(const char *text, const char *stop, int base, long long max, long long *number) {
  long long value = 0;
  if (text == stop) return false;
  for (; text < stop; text++) {
    int digit = *text - '0';
    if (digit < 0 || digit >= base) return false;
    if (digit > max || value > (max - digit) / base) return false;
    value = value * base + digit;
  }
  *number = value;
  return true;
}

bool read_whole(const char *text, int base, long long max, long long *number) {
  return read_number(text, text + strlen(text), base, max, number);
}
