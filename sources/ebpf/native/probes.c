#include "probes.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "attach.h"
#include "output.h"
#include "processes.h"
#include "self_test.h"

#define MAX_WATCHED 1024

struct watched_process {
  int pid;
  unsigned long long start;
  struct links links;
};

static struct watched_process *processes[MAX_WATCHED];
static int count;

/* System calls are looked at only while something is watched, for every process of the machine pays for it. */
static struct bpf_link *system_calls;

static int follow_system_calls(struct bpf_object *object) {
  if (system_calls != NULL) return 0;
  errno = 0;
  system_calls = bpf_program__attach(bpf_object__find_program_by_name(object, "on_system_call"));
  return system_calls != NULL ? 0 : errno == 0 ? EINVAL : errno;
}

static void leave_system_calls(void) {
  if (count > 0 || system_calls == NULL) return;
  bpf_link__destroy(system_calls);
  system_calls = NULL;
}

static int find(int pid) {
  for (int index = 0; index < count; index++) {
    if (processes[index]->pid == pid) return index;
  }
  return -1;
}

static void refuse(int pid, const char *reason) {
  json_begin();
  json_part("{\"refused\":%d,\"reason\":", pid);
  json_text(reason);
  json_part("}");
  json_send();
}

/* The inner functions of a library are probed only if that has been seen to give what is written and read. */
static int may_use_inner(struct bpf_object *object, struct mapped_tls *mapped) {
  struct tls_file *file = mapped->file;
  if (file->inner[0] == 0 || file->inner[1] == 0) return 0;
  if (file->inner_tested == 0) {
    char why[256];
    file->inner_tested = self_test(object, mapped->path, file, why, sizeof(why)) ? 1 : -1;
    if (file->inner_tested < 0)
      report("%s is probed at its public functions, which costs more: %s", mapped->shown, why);
  }
  return file->inner_tested > 0;
}

void watch(struct bpf_object *object, int pid, unsigned long long start) {
  if (find(pid) >= 0) return refuse(pid, "it is watched already");
  if (count == MAX_WATCHED) return refuse(pid, "no more than 1024 processes can be watched at a time");
  unsigned long long now = start_of_process(pid);
  if (now == 0 || (start != 0 && start != now)) return refuse(pid, "it has ended");
  static struct mapped_tls found[MAX_MAPPED];
  int files = tls_of_process(pid, found, MAX_MAPPED);
  if (files < 0) return refuse(pid, "what it has mapped cannot be read: it takes CAP_SYS_PTRACE (or root)");
  if (files == 0) return refuse(pid, "it uses no library that can be probed (OpenSSL, BoringSSL)");

  struct watched_process *process = calloc(1, sizeof(*process));
  if (process == NULL) abort();
  process->pid = pid;
  process->start = now;
  int inner[MAX_MAPPED];
  for (int index = 0; index < files; index++) {
    inner[index] = may_use_inner(object, &found[index]);
    int error = follow_system_calls(object);
    if (error == 0)
      error = attach_file(object, pid, found[index].path, found[index].file, inner[index], &process->links);
    if (error == 0) continue;
    char reason[256];
    snprintf(reason, sizeof(reason), "a probe was refused: %s%s", strerror(error),
             error == EPERM || error == EACCES ? " (it needs CAP_SYS_ADMIN)" : "");
    detach(object, pid, &process->links);
    leave_system_calls();
    free(process);
    return refuse(pid, reason);
  }
  processes[count++] = process;
  json_begin();
  json_part("{\"watching\":%d,\"start\":%llu,\"libraries\":[", pid, now);
  for (int index = 0; index < files; index++) {
    json_part("%s{\"file\":", index == 0 ? "" : ",");
    json_text(found[index].shown);
    json_part(",\"probes\":\"%s\"}", probe_kind(found[index].path, found[index].file, inner[index]));
  }
  json_part("]}");
  json_send();
}

static void end(struct bpf_object *object, int index, const char *reason) {
  struct watched_process *process = processes[index];
  processes[index] = processes[--count];
  detach(object, process->pid, &process->links);
  leave_system_calls();
  json_begin();
  json_part("{\"ended\":%d,\"start\":%llu,\"reason\":", process->pid, process->start);
  json_text(reason);
  json_part("}");
  json_send();
  free(process);
}

void unwatch(struct bpf_object *object, int pid, const char *reason) {
  int index = find(pid);
  if (index < 0) return refuse(pid, "it is not watched");
  end(object, index, reason);
}

void end_gone(struct bpf_object *object) {
  for (int index = count - 1; index >= 0; index--) {
    if (start_of_process(processes[index]->pid) != processes[index]->start) end(object, index, "the process has ended");
  }
}
