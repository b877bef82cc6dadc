/* Where in a library or program the functions of OpenSSL and BoringSSL are, and where they are best probed. */
#ifndef SLUICE_SITES_H
#define SLUICE_SITES_H

#include <sys/types.h>
#include <time.h>

enum function { SSL_READ, SSL_WRITE, SSL_READ_EX, SSL_WRITE_EX, SSL_SET_FD, SSL_FREE, FUNCTIONS };
extern const char *const function_names[FUNCTIONS];

/* What is known of a file that processes run code from. Offsets are into the file; 0: it does not have that function. */
struct tls_file {
  dev_t device;
  ino_t inode;
  off_t size;
  time_t changed;
  long offsets[FUNCTIONS];
  /* The function that SSL_read and SSL_read_ex both call (and of writing), where it can be told; 0: not. */
  long inner[2];
  /* Its own code speaks TLS without any library: Go's. */
  int is_go;
  /* 1: probing `inner` has been shown to give what is written and read; -1: it has been shown not to, or could not be. */
  int inner_tested;
};

/* Reads a file, or says what was read before. Null where it cannot be read, or is no program. */
struct tls_file *tls_file_of(const char *path);
static inline int has_tls(const struct tls_file *file) {
  return file->offsets[SSL_READ] != 0 && file->offsets[SSL_WRITE] != 0;
}
/* Whether the kernel emulates the instruction at this place of the file: a hit costs 0.6 µs then, and 11 µs otherwise. */
int is_cheap(const char *path, long offset);
/* The place at or just behind the beginning of a function that is cheapest. */
long best_offset(const char *path, long offset);

#endif
