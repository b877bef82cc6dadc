#include "attach.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

static int keep(struct bpf_link *link, struct links *links) {
  if (link == NULL) return errno == 0 ? EINVAL : errno;
  struct bpf_link **more = realloc(links->all, (links->count + 1) * sizeof(*more));
  if (more == NULL) abort();
  links->all = more;
  links->all[links->count++] = link;
  return 0;
}

struct probe {
  const char *program;
  int at_return;
  long offset;
};

static int attach_one(struct bpf_object *object, int pid, const char *path, const struct probe *probe,
                      struct links *links) {
  if (probe->offset == 0) return 0;
  struct bpf_program *program = bpf_object__find_program_by_name(object, probe->program);
  if (program == NULL) return ENOENT;
  errno = 0;
  return keep(bpf_program__attach_uprobe(program, probe->at_return, pid, path, probe->offset), links);
}

int attach_file(struct bpf_object *object, int pid, const char *path, const struct tls_file *file, int use_inner,
                struct links *links) {
  long at[FUNCTIONS];
  for (int function = 0; function < FUNCTIONS; function++)
    at[function] = file->offsets[function] == 0 ? 0 : best_offset(path, file->offsets[function]);
  /* The inner ones are called by both kinds, so nothing else of reading and writing may be probed beside them. */
  const struct probe probes[] = {
      {"plain_enter", 0, use_inner ? 0 : at[SSL_READ]},
      {"read_leave", 1, use_inner ? 0 : at[SSL_READ]},
      {"plain_enter", 0, use_inner ? 0 : at[SSL_WRITE]},
      {"write_leave", 1, use_inner ? 0 : at[SSL_WRITE]},
      {"counted_enter", 0, use_inner ? file->inner[0] : at[SSL_READ_EX]},
      {"read_leave", 1, use_inner ? file->inner[0] : at[SSL_READ_EX]},
      {"counted_enter", 0, use_inner ? file->inner[1] : at[SSL_WRITE_EX]},
      {"write_leave", 1, use_inner ? file->inner[1] : at[SSL_WRITE_EX]},
      {"set_fd_enter", 0, at[SSL_SET_FD]},
      {"free_enter", 0, at[SSL_FREE]},
  };
  __u32 key = pid;
  __u8 one = 1;
  int map = bpf_object__find_map_fd_by_name(object, "watched");
  if (map < 0 || bpf_map_update_elem(map, &key, &one, BPF_ANY) != 0) return errno;
  for (size_t index = 0; index < sizeof(probes) / sizeof(*probes); index++) {
    int error = attach_one(object, pid, path, &probes[index], links);
    if (error != 0) return error;
  }
  return 0;
}

void detach(struct bpf_object *object, int pid, struct links *links) {
  for (int index = 0; index < links->count; index++) bpf_link__destroy(links->all[index]);
  free(links->all);
  *links = (struct links){0};
  __u32 key = pid;
  int map = bpf_object__find_map_fd_by_name(object, "watched");
  if (map >= 0) bpf_map_delete_elem(map, &key);
}

const char *probe_kind(const char *path, const struct tls_file *file, int use_inner) {
  if (use_inner) return "inner";
  long read = best_offset(path, file->offsets[SSL_READ]);
  long write = best_offset(path, file->offsets[SSL_WRITE]);
  return is_cheap(path, read) && is_cheap(path, write) ? "cheap" : "dear";
}
