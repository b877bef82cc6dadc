/*
 * The one part of the eBPF source that needs rights: loads the kernel's part, puts probes into processes that it is told to
 * watch, and writes what they give to its standard output (frame.h). Commands are lines on its standard input:
 *
 *   list                which processes there are, and what of their TLS can be seen
 *   watch PID [START]   begins to watch one; START as the list said, so that it is not another by now
 *   unwatch PID
 *
 * It ends when its input does, and all probes with it: nothing is left in any process.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "frame.h"
#include "output.h"
#include "probes.h"
#include "processes.h"
#include "ring.h"
#include "self_test.h"

/* The kernel's part, put here by kernel.S. */
extern const char kernel_part[], kernel_part_end[];

static struct bpf_object *object;
static struct ring_buffer *ring;
static volatile sig_atomic_t is_ending;

static int take(void *context, void *data, size_t size) {
  (void)context;
  const struct piece *piece = data;
  size_t length = sizeof(*piece) + (piece->kind == FRAME_DATA ? piece->length : 0);
  if (length > size) return 0;
  if (!is_of_self_test(piece)) output_frame(piece, length);
  return 0;
}

void ring_consume(void) {
  ring_buffer__consume(ring);
}

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* How far the time of day is from that of the frames, and what was counted. */
static void send_statistics(void) {
  struct counters each[256], sum = {0};
  __u32 zero = 0;
  int processors = libbpf_num_possible_cpus();
  int map = bpf_object__find_map_fd_by_name(object, "statistics");
  if (processors < 1 || processors > 256 || bpf_map_lookup_elem(map, &zero, each) != 0) return;
  for (int index = 0; index < processors; index++) {
    sum.calls += each[index].calls;
    sum.pieces += each[index].pieces;
    sum.lost += each[index].lost;
    sum.lostBytes += each[index].lostBytes;
    sum.faults += each[index].faults;
    sum.cutBytes += each[index].cutBytes;
  }
  json_begin();
  json_part("{\"statistics\":{\"clock\":%lld,\"calls\":%llu,\"pieces\":%llu,\"lost\":%llu,\"lost_bytes\":%llu,",
            nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_MONOTONIC), sum.calls, sum.pieces, sum.lost, sum.lostBytes);
  json_part("\"faults\":%llu,\"cut_bytes\":%llu}}", sum.faults, sum.cutBytes);
  json_send();
}

static void obey(char *line) {
  int pid = 0;
  unsigned long long start = 0;
  if (strcmp(line, "list") == 0) list_processes();
  else if (sscanf(line, "watch %d %llu", &pid, &start) >= 1 && pid > 0) watch(object, pid, start);
  else if (sscanf(line, "unwatch %d", &pid) == 1 && pid > 0) unwatch(object, pid, "asked for");
  else report("There is no command \"%s\".", line);
}

/* Returns 0 when the input has ended. */
static int read_commands(void) {
  static char text[4096];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, text + length, sizeof(text) - 1 - length);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return 0;
  length += got;
  text[length] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    obey(line);
  }
  length -= line - text;
  memmove(text, line, length + 1);
  if (length == sizeof(text) - 1) length = 0; /* no command is so long */
  return 1;
}

static char complaints[2048];
static int keep_complaint(enum libbpf_print_level level, const char *format, va_list values) {
  if (level != LIBBPF_WARN) return 0;
  size_t length = strlen(complaints);
  return vsnprintf(complaints + length, sizeof(complaints) - length, format, values);
}

/*
 * The kernel counts processes as the first namespace does. In another one the same numbers are of other processes, so that the
 * wrong ones would be watched, or none.
 */
static int is_in_first_namespace(void) {
  struct stat own;
  return stat("/proc/self/ns/pid", &own) == 0 && own.st_ino == 0xEFFFFFFCu /* PROC_PID_INIT_INO */;
}

static int load(void) {
  if (!is_in_first_namespace()) {
    snprintf(complaints, sizeof(complaints), "it runs in a container with processes of its own: it takes hostPID, or --pid=host");
    errno = EXDEV;
    return -1;
  }
  libbpf_set_print(keep_complaint);
  libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
  object = bpf_object__open_mem(kernel_part, kernel_part_end - kernel_part, NULL);
  if (object == NULL || bpf_object__load(object) != 0) return -1;
  ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "ring"), take, NULL, NULL);
  return ring == NULL ? -1 : 0;
}

static void end(int signal) {
  (void)signal;
  is_ending = 1;
}

static void run(void) {
  long long told = 0, looked = 0;
  struct pollfd inputs[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = ring_buffer__epoll_fd(ring), .events = POLLIN}};
  while (!is_ending) {
    int ready = poll(inputs, 2, 50);
    if (ready < 0 && errno != EINTR) break;
    ring_consume();
    if (ready > 0 && inputs[0].revents != 0 && !read_commands()) break;
    long long now = nanoseconds(CLOCK_MONOTONIC);
    if (now - looked > 250000000ll) {
      end_gone(object);
      looked = now;
    }
    if (now - told > 1000000000ll) {
      send_statistics();
      told = now;
    }
    output_flush();
  }
}

int main(int count, char **arguments) {
  if (count > 1) {
    fprintf(stderr, "%s takes commands on its standard input: list, watch PID [START], unwatch PID\n", arguments[0]);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN); /* of the terminal: our parent decides */
  signal(SIGTERM, end);
  elf_version(EV_CURRENT);
  if (load() != 0) {
    int error = errno;
    json_begin();
    json_part("{\"failed\":");
    json_text(error == EPERM || error == EACCES ? "the kernel refuses: it takes CAP_SYS_ADMIN (or root)"
              : error == EXDEV                   ? "it would watch the wrong processes"
                                                 : strerror(error));
    json_part(",\"details\":");
    json_text(complaints);
    json_part("}");
    json_send();
    output_flush();
    return 1;
  }
  json_begin();
  json_part("{\"ready\":%d}", 1);
  json_send();
  send_statistics();
  output_flush();
  run();
  ring_consume();
  send_statistics();
  output_flush();
  return 0;
}
