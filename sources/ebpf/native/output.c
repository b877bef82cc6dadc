#include "output.h"
#include <errno.h>
#include <linux/types.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "frame.h"

static char waiting[1 << 20];
static size_t waiting_length;

static void write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = write(STDOUT_FILENO, bytes, length);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) exit(errno == EPIPE ? 0 : 1);
    bytes += taken;
    length -= taken;
  }
}

void output_flush(void) {
  write_all(waiting, waiting_length);
  waiting_length = 0;
}

void output_frame(const void *bytes, size_t length) {
  __u32 prefix = length;
  if (waiting_length + sizeof(prefix) + length > sizeof(waiting)) output_flush();
  if (sizeof(prefix) + length > sizeof(waiting)) {
    write_all((char *)&prefix, sizeof(prefix));
    write_all(bytes, length);
    return;
  }
  memcpy(waiting + waiting_length, &prefix, sizeof(prefix));
  memcpy(waiting + waiting_length + sizeof(prefix), bytes, length);
  waiting_length += sizeof(prefix) + length;
}

static char *line;
static size_t line_length, line_room;

static void add(const char *bytes, size_t length) {
  if (line_length + length + 1 > line_room) {
    line_room = (line_length + length + 1) * 2;
    line = realloc(line, line_room);
    if (line == NULL) abort();
  }
  memcpy(line + line_length, bytes, length);
  line_length += length;
}

void json_begin(void) {
  const __u32 head[2] = {FRAME_TEXT, 0};
  line_length = 0;
  add((const char *)head, sizeof(head));
}

static void add_formatted(const char *format, va_list values) {
  char part[1024];
  int length = vsnprintf(part, sizeof(part), format, values);
  if (length > 0) add(part, (size_t)length < sizeof(part) ? (size_t)length : sizeof(part) - 1);
}

void json_part(const char *format, ...) {
  va_list values;
  va_start(values, format);
  add_formatted(format, values);
  va_end(values);
}

void json_text(const char *text) {
  add("\"", 1);
  for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
    if (*at >= ' ' && *at < 127 && *at != '"' && *at != '\\') add((const char *)at, 1);
    else json_part("\\u%04x", *at);
  }
  add("\"", 1);
}

void json_send(void) {
  output_frame(line, line_length);
}

void report(const char *format, ...) {
  char words[1024];
  va_list values;
  va_start(values, format);
  vsnprintf(words, sizeof(words), format, values);
  va_end(values);
  json_begin();
  json_part("{\"problem\":");
  json_text(words);
  json_part("}");
  json_send();
}
