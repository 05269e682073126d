/*
 * Frames to and from the daemon process. Outgoing frames wait in a buffer until the socket takes them. Incoming bytes wait
 * in a buffer until a frame is complete.
 */
#include "shim.h"

#include <stdio.h>

enum { FIRST_BYTES = 65536 };

struct buffer {
  char *data;
  size_t start, end, capacity; /* the bytes from start to end are in use */
};

static struct buffer out, in;
static size_t skipped; /* remaining bytes of a frame that is too large for the memory */

/* Makes room for `more` bytes at the end of the buffer. False when there is no memory. */
static bool reserve(struct buffer *b, size_t more) {
  if (b->capacity - b->end >= more) return true;
  if (b->start > 0) {
    memmove(b->data, b->data + b->start, b->end - b->start);
    b->end -= b->start;
    b->start = 0;
  }
  size_t capacity = b->capacity ? b->capacity : FIRST_BYTES;
  while (capacity - b->end < more)
    capacity *= 2;
  if (capacity == b->capacity) return true;
  char *data = realloc(b->data, capacity);
  if (!data) return false;
  b->data = data;
  b->capacity = capacity;
  return true;
}

/* Gives whether there is memory for one more answer or report. Must be called before each begin_frame(). */
bool has_room(void) {
  return reserve(&out, MAX_ANSWER);
}

static void append(const void *data, size_t size) {
  if (!reserve(&out, size)) finish(1); /* cannot happen after has_room() */
  memcpy(out.data + out.end, data, size);
  out.end += size;
}

static void put_u32(char *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (char)(value >> 8 * i & 0xff);
}

uint32_t get_u32(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++)
    value |= (uint32_t)(unsigned char)at[i] << 8 * i;
  return value;
}

/* Starts a frame. The result is the argument for end_frame(), which fills in the length. */
size_t begin_frame(enum opcode opcode, uint32_t request) {
  char header[LENGTH_BYTES + HEADER_BYTES] = { 0, 0, 0, 0, PROTOCOL, (char)opcode, 0, 0 };
  put_u32(header + 8, request);
  append(header, sizeof header);
  return out.end - out.start - sizeof header;
}

void end_frame(size_t at) {
  size_t length = out.end - out.start - at - LENGTH_BYTES;
  put_u32(out.data + out.start + at, (uint32_t)length);
}

void put_text(const char *key, const char *value) {
  append(key, strlen(key));
  append("=", 1);
  append(value, strlen(value) + 1);
}

void put_number(const char *key, long long value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", value);
  put_text(key, text);
}

void answer_done(uint32_t request) {
  end_frame(begin_frame(DONE, request));
}

/* Sends FAILED. `step` names the step that failed, `error` is an errno. `detail` may be NULL; a long text is cut. */
void answer_failed(uint32_t request, const char *step, int error, const char *detail) {
  char text[MAX_DETAIL];
  size_t frame = begin_frame(FAILED, request);
  put_text("step", step);
  put_number("errno", error);
  if (detail) {
    snprintf(text, sizeof text, "%s", detail);
    put_text("detail", text);
  }
  end_frame(frame);
}

/* Sends as many bytes as the socket takes. False when the daemon process has closed the socket. */
bool flush(void) {
  while (out.start < out.end) {
    ssize_t n = write(LINK, out.data + out.start, out.end - out.start);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    out.start += (size_t)n;
  }
  out.start = out.end = 0;
  return true;
}

/* Gives how many bytes the socket has not taken yet. */
size_t unsent(void) {
  return out.end - out.start;
}

/* Drops all frames that are sent or received in part: the next daemon process must not get them. */
void forget_frames(void) {
  in.start = in.end = out.start = out.end = skipped = 0;
}

/* Handles every complete frame for whose answer there is memory. False when a length field is invalid. */
bool work(void) {
  while (in.end - in.start >= LENGTH_BYTES && has_room()) {
    uint32_t length = get_u32(in.data + in.start);
    if (length < HEADER_BYTES || length > MAX_FRAME) {
      answer_failed(0, "length", EMSGSIZE, NULL); /* the start of the next frame is unknown now */
      flush();
      return false;
    }
    if (in.end - in.start - LENGTH_BYTES < length) break;
    char *frame = in.data + in.start + LENGTH_BYTES;
    in.start += LENGTH_BYTES + length;
    handle_frame(frame, length);
    if (!link_to_daemon.is_up || !flush()) return false;
  }
  return true;
}

/* Answers FAILED to a frame for which the buffer cannot grow. The remaining bytes of that frame are skipped. */
static void refuse_large(void) {
  if (in.end - in.start < LENGTH_BYTES + HEADER_BYTES) return;
  skipped = LENGTH_BYTES + get_u32(in.data + in.start) - (in.end - in.start);
  answer_failed(get_u32(in.data + in.start + 8), "memory", ENOMEM, NULL);
  in.start = in.end = 0;
}

/* Reads once and handles all complete frames. False when the link must be cut. */
bool receive(void) {
  bool is_large = !reserve(&in, FIRST_BYTES);
  if (is_large && in.end == in.capacity) {
    if (!work()) return false;
    if (in.start == 0 && has_room()) refuse_large();
    return true;
  }
  size_t room = in.capacity - in.end;
  ssize_t n = read(LINK, in.data + in.end, skipped > 0 && skipped < room ? skipped : room);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  if (skipped > 0) skipped -= (size_t)n;
  else in.end += (size_t)n;
  return work();
}
