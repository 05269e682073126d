/* One HTTP request over a unix socket. */
#ifndef KAHI_REQUEST_H
#define KAHI_REQUEST_H

enum { ANSWER_BYTES = 64 * 1024 };

/* An answer; what is longer than the buffer is cut off. */
struct answer {
  int status;
  const char *body; /* in `bytes` */
  char bytes[ANSWER_BYTES];
};

/* Sends the request and reads the answer until the daemon closes the connection. Gives 0 or an error of errno. */
int ask(const char *path, const char *request, int timeout_s, struct answer *answer);

/*
 * Finds the first `"name":` in a JSON object and writes its text, or its list of texts with `, ` between them, to `text`; empty
 * when there is none.
 */
void json_text(const char *json, const char *name, char text[ANSWER_BYTES]);

#endif
