#include "processes.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "output.h"

/* At most `room` - 1 bytes of a file below /proc/PID, ended with 0. Returns how many; -1: it cannot be read. */
static ssize_t read_proc(int pid, const char *name, char *to, size_t room) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t got = read(fd, to, room - 1);
  close(fd);
  if (got >= 0) to[got] = 0;
  return got;
}

/* The part of /proc/PID/stat behind the name, which may have anything in it. Null: there is no such process. */
static const char *behind_name(int pid, char *to, size_t room) {
  if (read_proc(pid, "stat", to, room) <= 0) return NULL;
  const char *end = strrchr(to, ')');
  return end == NULL || end[1] == 0 ? NULL : end + 2;
}

unsigned long long start_of_process(int pid) {
  char text[2048];
  const char *at = behind_name(pid, text, sizeof(text));
  /* The 22nd of the line; the first behind the name is the 3rd. */
  for (int skip = 3; at != NULL && skip < 22; skip++) {
    at = strchr(at, ' ');
    if (at != NULL) at++;
  }
  return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/* Other ways to speak TLS than OpenSSL's, told by what is mapped. */
struct others {
  int go, java, gnutls, nss;
};

static void note_other(const char *path, struct others *others) {
  const char *name = strrchr(path, '/');
  name = name == NULL ? path : name + 1;
  if (strncmp(name, "libjvm.so", 9) == 0) others->java = 1;
  if (strncmp(name, "libgnutls.so", 12) == 0) others->gnutls = 1;
  if (strncmp(name, "libssl3.so", 10) == 0) others->nss = 1;
}

/* Opens by the mapping where the kernel lets us: it is the very file, even if another has its name by now. */
static struct tls_file *open_mapped(int pid, const char *range, const char *shown, char *path, size_t room) {
  snprintf(path, room, "/proc/%d/map_files/%s", pid, range);
  struct tls_file *file = tls_file_of(path);
  if (file != NULL) return file;
  snprintf(path, room, "/proc/%d/root%s", pid, shown);
  return tls_file_of(path);
}

static int look_at(int pid, struct mapped_tls *found, int room, struct others *others) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/maps", pid);
  FILE *maps = fopen(path, "re");
  if (maps == NULL) return -1;
  int count = 0, is_refused = 0;
  char line[PATH_MAX + 128];
  while (fgets(line, sizeof(line), maps) != NULL) {
    unsigned long from, to;
    char rights[5];
    int name_at = 0;
    if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &from, &to, rights, &name_at) < 3 || name_at == 0) continue;
    char *name = line + name_at;
    name[strcspn(name, "\n")] = 0;
    if (rights[2] != 'x' || name[0] != '/') continue;
    note_other(name, others);
    char range[40], where[PATH_MAX];
    snprintf(range, sizeof(range), "%lx-%lx", from, to);
    errno = 0;
    struct tls_file *file = open_mapped(pid, range, name, where, sizeof(where));
    if (file == NULL) {
      is_refused |= errno == EACCES || errno == EPERM;
      continue;
    }
    if (file->is_go) others->go = 1;
    if (!has_tls(file) || count == room) continue;
    int is_known = 0;
    for (int index = 0; index < count; index++) is_known |= found[index].file == file;
    if (is_known) continue;
    found[count].file = file;
    snprintf(found[count].shown, sizeof(found[count].shown), "%s", name);
    snprintf(found[count].path, sizeof(found[count].path), "%s", where);
    count++;
  }
  fclose(maps);
  return count == 0 && is_refused ? -1 : count;
}

int tls_of_process(int pid, struct mapped_tls *found, int room) {
  struct others others = {0};
  return look_at(pid, found, room, &others);
}

static void add_link(int pid, const char *name, const char *key) {
  char path[64], target[PATH_MAX];
  snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
  ssize_t length = readlink(path, target, sizeof(target) - 1);
  target[length < 0 ? 0 : length] = 0;
  json_part(",\"%s\":", key);
  json_text(target);
}

/* What Docker, containerd, CRI-O and Podman name a container: 64 digits of hexadecimal somewhere in its control group. */
static void add_container(int pid) {
  char text[4096];
  if (read_proc(pid, "cgroup", text, sizeof(text)) <= 0) return;
  size_t run = 0;
  for (size_t at = 0;; at++) {
    int is_digit = isdigit((unsigned char)text[at]) || (text[at] >= 'a' && text[at] <= 'f');
    if (is_digit) {
      run++;
      continue;
    }
    if (run == 64) {
      json_part(",\"container\":\"%.64s\"", text + at - 64);
      return;
    }
    run = 0;
    if (text[at] == 0) return;
  }
}

static void add_others(const struct others *others) {
  json_part(",\"others\":[");
  const char *separator = "";
  const struct { int is; const char *name; } all[] = {
      {others->go, "go"}, {others->java, "java"}, {others->gnutls, "gnutls"}, {others->nss, "nss"},
  };
  for (size_t index = 0; index < sizeof(all) / sizeof(*all); index++) {
    if (!all[index].is) continue;
    json_part("%s\"%s\"", separator, all[index].name);
    separator = ",";
  }
  json_part("]");
}

static int add_process(int pid, const char *separator) {
  char text[2048];
  const char *stat_line = behind_name(pid, text, sizeof(text));
  int parent = 0;
  if (stat_line == NULL || sscanf(stat_line, "%*c %d", &parent) != 1) return 0;
  static struct mapped_tls found[MAX_MAPPED];
  struct others others = {0};
  int count = look_at(pid, found, MAX_MAPPED, &others);
  char name[64], path[64];
  ssize_t length = read_proc(pid, "comm", name, sizeof(name));
  if (length <= 0) return 0;
  name[strcspn(name, "\n")] = 0;
  struct stat facts;
  snprintf(path, sizeof(path), "/proc/%d", pid);
  if (stat(path, &facts) != 0) return 0;
  json_part("%s{\"pid\":%d,\"parent\":%d,\"start\":%llu,\"uid\":%u,\"name\":", separator, pid, parent,
            start_of_process(pid), facts.st_uid);
  json_text(name);
  add_link(pid, "exe", "program");
  add_container(pid);
  json_part(",\"libraries\":[");
  for (int index = 0; index < count; index++) {
    json_part("%s", index == 0 ? "" : ",");
    json_text(found[index].shown);
  }
  json_part("]");
  add_others(&others);
  json_part(",\"readable\":%s}", count < 0 ? "false" : "true");
  return 1;
}

void list_processes(void) {
  json_begin();
  json_part("{\"processes\":[");
  DIR *proc = opendir("/proc");
  const char *separator = "";
  for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;) {
    int pid = atoi(entry->d_name);
    /* Threads of the kernel have no program. */
    char path[64], target[8];
    snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    if (pid <= 0 || pid == getpid() || readlink(path, target, sizeof(target)) < 0) continue;
    if (add_process(pid, separator)) separator = ",";
  }
  if (proc != NULL) closedir(proc);
  json_part("]}");
  json_send();
}
