/* Frames to and from the brain: what is said waits here until the socket takes it, what comes until it is whole. */
#include "shim.h"

#include <stdio.h>

struct buffer {
  char *data;
  size_t start, end, capacity; /* what is in use lies from start to end */
};

static struct buffer out, in;

/* Makes room for `more` bytes at the end. */
static bool reserve(struct buffer *b, size_t more) {
  if (b->start > 0) {
    memmove(b->data, b->data + b->start, b->end - b->start);
    b->end -= b->start;
    b->start = 0;
  }
  if (b->capacity - b->end >= more) return true;
  size_t capacity = b->capacity ? b->capacity : 65536;
  while (capacity - b->end < more) capacity *= 2;
  char *data = realloc(b->data, capacity);
  if (!data) return false;
  b->data = data;
  b->capacity = capacity;
  return true;
}

void append(const void *data, size_t size) {
  if (out.capacity - out.end < size && !reserve(&out, size)) finish(1); /* without memory nothing can be kept */
  memcpy(out.data + out.end, data, size);
  out.end += size;
}

static void put_u32(char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (char)(value >> 8 * i & 0xff);
}

uint32_t get_u32(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value |= (uint32_t)(unsigned char)at[i] << 8 * i;
  return value;
}

/* Starts a frame; its length is filled in by end_frame, for which the result is meant. */
size_t begin_frame(enum opcode opcode, uint32_t request) {
  char header[LENGTH_BYTES + HEADER_BYTES] = {0, 0, 0, 0, PROTOCOL, (char)opcode, 0, 0};
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

/* `step` names what failed, `error` is an errno; `detail` may be NULL. */
void answer_failed(uint32_t request, const char *step, int error, const char *detail) {
  size_t frame = begin_frame(FAILED, request);
  put_text("step", step);
  put_number("errno", error);
  if (detail) put_text("detail", detail);
  end_frame(frame);
}

/* Sends what fits. False when the brain is gone. */
bool flush(void) {
  while (out.start < out.end) {
    ssize_t n = write(BRAIN, out.data + out.start, out.end - out.start);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    out.start += (size_t)n;
  }
  out.start = out.end = 0;
  return true;
}

/* Bytes that the brain has not taken yet. */
size_t unsent(void) {
  return out.end - out.start;
}

/* For another brain: neither what is half said nor what is half heard. */
void forget_frames(void) {
  in.start = in.end = out.start = out.end = 0;
}

/* Reads once and works on every complete frame. False when the brain is gone or talks nonsense. */
bool receive(void) {
  if (!reserve(&in, 65536)) return false;
  ssize_t n = read(BRAIN, in.data + in.end, in.capacity - in.end);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  in.end += (size_t)n;
  while (in.end - in.start >= LENGTH_BYTES) {
    uint32_t length = get_u32(in.data + in.start);
    if (length < HEADER_BYTES || length > MAX_FRAME) {
      answer_failed(0, "length", EMSGSIZE, NULL); /* where the next frame starts is unknown now */
      flush();
      return false;
    }
    if (in.end - in.start - LENGTH_BYTES < length) break;
    char *frame = in.data + in.start + LENGTH_BYTES;
    in.start += LENGTH_BYTES + length;
    handle_frame(frame, length);
    if (!link_to_brain.is_up || !flush()) return false;
  }
  return true;
}
