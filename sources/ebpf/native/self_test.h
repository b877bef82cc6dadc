/* Whether probes at the inner functions of a library see what passes through it. */
#ifndef SLUICE_SELF_TEST_H
#define SLUICE_SELF_TEST_H

#include "frame.h"
#include "sites.h"

struct bpf_object;

/*
 * Loads the library into a child without rights, lets it talk to itself over TLS with probes in it, and compares. Returns
 * whether all was seen; `why` says why not.
 */
int self_test(struct bpf_object *object, const char *path, const struct tls_file *file, char *why, size_t room);
/* Whether a frame is of a self-test under way; then it is taken, and must not go out. */
int is_of_self_test(const struct piece *piece);

#endif
