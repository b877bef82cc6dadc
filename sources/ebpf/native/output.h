/* What goes to the standard output: frames, as frame.h has them, and lines of JSON in frames of their own. */
#ifndef SLUICE_OUTPUT_H
#define SLUICE_OUTPUT_H

#include <stddef.h>

/* Takes `length` bytes as one frame. They are written by output_flush, or before it when there is no place left. */
void output_frame(const void *bytes, size_t length);
/* Writes what waits. Ends the process where nobody reads any more: it must not probe for nobody. */
void output_flush(void);

/* One line of JSON, made in parts and sent as a frame by json_send. */
void json_begin(void);
/* As printf; for parts that are JSON already. */
void json_part(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A text of anybody's bytes, quoted. Bytes above 126 become the characters of Latin-1. */
void json_text(const char *text);
void json_send(void);
/* {"problem": …}: something that an operator should know. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
