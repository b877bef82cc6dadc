/* Puts probes into a process, and takes them out. */
#ifndef SLUICE_ATTACH_H
#define SLUICE_ATTACH_H

#include "sites.h"

struct bpf_object;
struct bpf_link;

struct links {
  struct bpf_link **all;
  int count;
};

/* Probes one file in one process. Returns 0, or an errno; what was attached before it is in `links` all the same. */
int attach_file(struct bpf_object *object, int pid, const char *path, const struct tls_file *file, int use_inner,
                struct links *links);
void detach(struct bpf_object *object, int pid, struct links *links);
/* `inner`, `cheap` or `dear`: what a hit costs, for the operator. */
const char *probe_kind(const char *path, const struct tls_file *file, int use_inner);

#endif
