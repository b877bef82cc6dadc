/*
 * Runs in the kernel: copies what watched programs read from OpenSSL and BoringSSL, and what they write to it, into a ring.
 *
 * The functions are probed at entry (where arguments are) and at return (where it is known how many bytes there are). Which
 * socket a connection has is not asked of the SSL*, whose layout differs in each version: it is seen from the system calls.
 *   1. A program that gives OpenSSL its socket calls SSL_set_fd, or reads and writes it within the SSL call (curl, Python).
 *   2. One that uses memory BIOs (Node) reads the socket before SSL_read gives data, and writes it after SSL_write.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "frame.h"

/* The helpers that read memory are for programs under the GPL alone. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Only the members that are read; where they are is looked up in the kernel's own types when the program is loaded. */
#define KERNEL_TYPE __attribute__((preserve_access_index))
struct sock_common {
  __u32 skc_daddr;
  __u32 skc_rcv_saddr;
  __u16 skc_dport;
  __u16 skc_num;
  __u16 skc_family;
  struct in6_addr { union { __u8 u6_addr8[16]; } in6_u; } skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
} KERNEL_TYPE;
struct sock { struct sock_common __sk_common; } KERNEL_TYPE;
struct socket { struct sock *sk; } KERNEL_TYPE;
struct inode { __u16 i_mode; } KERNEL_TYPE;
struct file { struct inode *f_inode; void *private_data; } KERNEL_TYPE;
struct fdtable { unsigned int max_fds; struct file **fd; } KERNEL_TYPE;
struct files_struct { struct fdtable *fdt; } KERNEL_TYPE;
struct task_struct { struct files_struct *files; } KERNEL_TYPE;

#define AF_INET 2
#define AF_INET6 10
#define S_IFMT 0170000
#define S_IFSOCK 0140000

#define SMALL 256
#define MIDDLE 2048
#define LARGE 16384
#define MAX_PIECES 64 /* of LARGE bytes: a call may have 1 MiB */

/* The loader wakes up by itself every 50 ms; it is woken only when so much waits. */
#define WAKE_AT (2u << 20)

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16u << 20);
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct counters);
} statistics SEC(".maps");

/* Processes that are watched: system calls of others end after one look here. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __type(key, __u32);
  __type(value, __u8);
} watched SEC(".maps");

/* A call under way, by thread. */
struct call {
  __u64 ssl;
  __u64 buffer;
  __u64 count; /* where the number of bytes is written; 0: it is what the call returns */
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, struct call);
} calls SEC(".maps");

struct connection_key {
  __u64 ssl;
  __u32 pid;
  __u32 padding;
};
struct address {
  __u16 family;
  __u16 local_port;
  __u16 remote_port;
  __u16 padding;
  __u8 local[16];
  __u8 remote[16];
};
struct connection {
  __u64 generation;
  __u64 offsets[2];
  __s32 fd;
  __u32 sure; /* the program said the socket itself, or used it within the call */
  struct address address;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct connection_key);
  __type(value, struct connection);
} connections SEC(".maps");

/* By thread: the socket that it read last, and the connection whose bytes it will write next. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, __s32);
} last_read SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, __u64);
} written SEC(".maps");

static __always_inline struct counters *counters_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&statistics, &zero);
}

/* The address of a socket of this process; false: it is none of IP. */
static __always_inline int read_address(__s32 fd, struct address *to) {
  if (fd < 0) return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  if ((__u32)fd >= BPF_CORE_READ(table, max_fds)) return 0;
  struct file **files = BPF_CORE_READ(table, fd);
  struct file *file = 0;
  if (bpf_probe_read_kernel(&file, sizeof(file), &files[fd]) != 0 || file == 0) return 0;
  if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket *socket = BPF_CORE_READ(file, private_data);
  struct sock *sock = BPF_CORE_READ(socket, sk);
  if (sock == 0) return 0;
  __u16 family = BPF_CORE_READ(sock, __sk_common.skc_family);
  if (family == AF_INET) {
    __u32 local = BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
    __u32 remote = BPF_CORE_READ(sock, __sk_common.skc_daddr);
    __builtin_memcpy(to->local, &local, 4);
    __builtin_memcpy(to->remote, &remote, 4);
  } else if (family == AF_INET6) {
    BPF_CORE_READ_INTO(&to->local, sock, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
    BPF_CORE_READ_INTO(&to->remote, sock, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  } else {
    return 0;
  }
  to->family = family;
  to->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
  to->remote_port = __builtin_bswap16(BPF_CORE_READ(sock, __sk_common.skc_dport));
  return 1;
}

/* The connection of an SSL*, made at its first call. Null where there is no place for it. */
static __always_inline struct connection *connection_of(struct connection_key *key) {
  struct connection *known = bpf_map_lookup_elem(&connections, key);
  if (known) return known;
  struct connection fresh = {};
  fresh.generation = bpf_ktime_get_ns();
  fresh.fd = -1;
  bpf_map_update_elem(&connections, key, &fresh, BPF_NOEXIST);
  return bpf_map_lookup_elem(&connections, key);
}

static __always_inline void describe(struct piece *piece, __u32 kind, const struct connection_key *key,
                                     const struct connection *connection) {
  piece->kind = kind;
  piece->pid = key->pid;
  piece->direction = 0;
  piece->time = bpf_ktime_get_ns();
  piece->ssl = key->ssl;
  piece->generation = connection->generation;
  piece->offset = 0;
  piece->length = 0;
  piece->fd = connection->fd;
  piece->family = connection->address.family;
  piece->local_port = connection->address.local_port;
  piece->remote_port = connection->address.remote_port;
  piece->padding[0] = piece->padding[1] = piece->padding[2] = 0;
  __builtin_memcpy(piece->local, connection->address.local, 16);
  __builtin_memcpy(piece->remote, connection->address.remote, 16);
}

static __always_inline __u64 wake(void) {
  return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > WAKE_AT ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* A frame without bytes. That none is lost unseen: what a reader cannot tell without it, it tells from the next data. */
static __always_inline void tell(__u32 kind, const struct connection_key *key, const struct connection *connection) {
  struct piece *piece = bpf_ringbuf_reserve(&ring, sizeof(*piece), 0);
  if (!piece) return;
  describe(piece, kind, key, connection);
  bpf_ringbuf_submit(piece, wake());
}

/* What bpf_loop hands to each of its rounds. */
struct copying {
  struct connection_key key;
  struct connection *connection;
  __u64 from;
  __u64 left;
  __u64 offset;
  __u32 direction;
};

/* One frame, in a place of one of three sizes: the ring reserves constant sizes only. */
#define COPY(SIZE)                                                                  \
  do {                                                                              \
    struct { struct piece piece; __u8 bytes[SIZE]; } *frame =                       \
        bpf_ringbuf_reserve(&ring, sizeof(*frame), 0);                              \
    if (!frame) {                                                                   \
      counters->lost++;                                                             \
      counters->lostBytes += length;                                                \
      break;                                                                        \
    }                                                                               \
    describe(&frame->piece, FRAME_DATA, &copying->key, connection);                 \
    frame->piece.direction = copying->direction;                                    \
    frame->piece.offset = copying->offset;                                          \
    frame->piece.length = length;                                                   \
    __u64 bytes = length;                                                           \
    asm volatile("" : "+r"(bytes)); /* or clang leaves out the bound below */       \
    if (bytes > SIZE) bytes = SIZE;                                                 \
    if (bpf_probe_read_user(frame->bytes, bytes, (void *)copying->from) != 0) {     \
      counters->faults++;                                                           \
      bpf_ringbuf_discard(frame, BPF_RB_NO_WAKEUP);                                 \
      break;                                                                        \
    }                                                                               \
    counters->pieces++;                                                             \
    bpf_ringbuf_submit(frame, wake());                                              \
  } while (0)

static long copy_piece(__u32 index, void *context) {
  struct copying *copying = context;
  if (copying->left == 0) return 1;
  struct counters *counters = counters_here();
  struct connection *connection = bpf_map_lookup_elem(&connections, &copying->key);
  if (!counters) return 1;
  if (!connection) return 1;
  __u32 length = copying->left > LARGE ? LARGE : copying->left;
  if (length <= SMALL) {
    COPY(SMALL);
  } else if (length <= MIDDLE) {
    COPY(MIDDLE);
  } else {
    COPY(LARGE);
  }
  copying->from += length;
  copying->offset += length;
  copying->left -= length;
  return 0;
}

static __always_inline int enter(struct pt_regs *registers, int has_count) {
  __u64 thread = bpf_get_current_pid_tgid();
  struct call call = {
      .ssl = PT_REGS_PARM1(registers),
      .buffer = PT_REGS_PARM2(registers),
      .count = has_count ? PT_REGS_PARM4(registers) : 0,
  };
  bpf_map_update_elem(&calls, &thread, &call, BPF_ANY);
  return 0;
}

static __always_inline int leave(struct pt_regs *registers, __u32 direction) {
  __u64 thread = bpf_get_current_pid_tgid();
  struct call *under_way = bpf_map_lookup_elem(&calls, &thread);
  if (!under_way) return 0;
  struct call call = *under_way;
  bpf_map_delete_elem(&calls, &thread);
  int returned = (int)PT_REGS_RC(registers);
  if (returned <= 0) return 0;
  __u64 length = returned;
  if (call.count != 0 && bpf_probe_read_user(&length, sizeof(length), (void *)call.count) != 0) return 0;
  if (length == 0) return 0;

  struct copying copying = {};
  copying.key.ssl = call.ssl;
  copying.key.pid = thread >> 32;
  struct connection *connection = connection_of(&copying.key);
  struct counters *counters = counters_here();
  if (!counters) return 0;
  if (!connection) {
    counters->lost++;
    counters->lostBytes += length;
    return 0;
  }
  counters->calls++;
  if (!connection->sure) {
    if (direction == DIRECTION_READ) {
      __s32 *fd = bpf_map_lookup_elem(&last_read, &thread);
      if (fd && *fd != connection->fd && read_address(*fd, &connection->address)) connection->fd = *fd;
    } else if (connection->fd < 0) {
      bpf_map_update_elem(&written, &thread, &call.ssl, BPF_ANY);
    }
  }
  copying.from = call.buffer;
  copying.left = length;
  copying.direction = direction;
  copying.offset = connection->offsets[direction & 1];
  connection->offsets[direction & 1] += length;
  if (length > (__u64)LARGE * MAX_PIECES) counters->cutBytes += length - (__u64)LARGE * MAX_PIECES;
  bpf_loop(MAX_PIECES, copy_piece, &copying, 0);
  return 0;
}

/* SSL_read and SSL_write: the number of bytes is returned. */
SEC("uprobe") int plain_enter(struct pt_regs *registers) { return enter(registers, 0); }
/* SSL_read_ex and SSL_write_ex, and what both kinds call in OpenSSL: it is written where the fourth argument points. */
SEC("uprobe") int counted_enter(struct pt_regs *registers) { return enter(registers, 1); }
SEC("uretprobe") int read_leave(struct pt_regs *registers) { return leave(registers, DIRECTION_READ); }
SEC("uretprobe") int write_leave(struct pt_regs *registers) { return leave(registers, DIRECTION_WRITE); }

static __always_inline void use_socket(struct connection *connection, __s32 fd, __u32 sure) {
  if (connection->fd == fd && connection->sure == sure) return;
  if (!read_address(fd, &connection->address)) return;
  connection->fd = fd;
  connection->sure = sure;
}

SEC("uprobe") int set_fd_enter(struct pt_regs *registers) {
  struct connection_key key = {.ssl = PT_REGS_PARM1(registers), .pid = bpf_get_current_pid_tgid() >> 32};
  struct connection *connection = connection_of(&key);
  if (connection) use_socket(connection, (__s32)PT_REGS_PARM2(registers), 1);
  return 0;
}

SEC("uprobe") int free_enter(struct pt_regs *registers) {
  struct connection_key key = {.ssl = PT_REGS_PARM1(registers), .pid = bpf_get_current_pid_tgid() >> 32};
  struct connection *connection = bpf_map_lookup_elem(&connections, &key);
  if (!connection) return 0;
  tell(FRAME_CLOSED, &key, connection);
  bpf_map_delete_elem(&connections, &key);
  return 0;
}

/* Numbers of the system calls that matter; they are part of the kernel's stable interface. */
#if defined(__TARGET_ARCH_x86)
enum { READ = 0, WRITE = 1, READV = 19, WRITEV = 20, SENDTO = 44, RECVFROM = 45, SENDMSG = 46, RECVMSG = 47 };
#elif defined(__TARGET_ARCH_arm64)
enum { READ = 63, WRITE = 64, READV = 65, WRITEV = 66, SENDTO = 206, RECVFROM = 207, SENDMSG = 211, RECVMSG = 212 };
#else
#error "The numbers of system calls are known for x86-64 and ARM64 only"
#endif

static __always_inline int uses_socket(__u64 thread, __s32 fd, __u32 direction) {
  __u32 pid = thread >> 32;
  struct call *under_way = bpf_map_lookup_elem(&calls, &thread);
  if (under_way) {
    struct connection_key key = {.ssl = under_way->ssl, .pid = pid};
    struct connection *connection = connection_of(&key);
    if (connection && !connection->sure) use_socket(connection, fd, 1);
    return 0;
  }
  struct address address = {};
  if (direction == DIRECTION_READ) {
    __s32 *last = bpf_map_lookup_elem(&last_read, &thread);
    if (last && *last == fd) return 0;
    if (read_address(fd, &address)) bpf_map_update_elem(&last_read, &thread, &fd, BPF_ANY);
    return 0;
  }
  __u64 *ssl = bpf_map_lookup_elem(&written, &thread);
  if (!ssl) return 0;
  struct connection_key key = {.ssl = *ssl, .pid = pid};
  struct connection *connection = bpf_map_lookup_elem(&connections, &key);
  if (!connection) {
    bpf_map_delete_elem(&written, &thread);
    return 0;
  }
  use_socket(connection, fd, 0);
  if (connection->fd < 0) return 0; /* a write to a file or a pipe: the socket's comes later */
  bpf_map_delete_elem(&written, &thread);
  tell(FRAME_ADDRESS, &key, connection);
  return 0;
}

/* Every system call of the machine comes by here while something is watched: those of others end after one look. */
SEC("raw_tracepoint/sys_enter") int on_system_call(struct bpf_raw_tracepoint_args *context) {
  __u64 thread = bpf_get_current_pid_tgid();
  __u32 pid = thread >> 32;
  if (!bpf_map_lookup_elem(&watched, &pid)) return 0;
  __u32 direction;
  switch (context->args[1]) {
    case READ: case READV: case RECVFROM: case RECVMSG: direction = DIRECTION_READ; break;
    case WRITE: case WRITEV: case SENDTO: case SENDMSG: direction = DIRECTION_WRITE; break;
    default: return 0;
  }
  struct pt_regs *registers = (struct pt_regs *)context->args[0];
  __u64 fd = 0;
  if (bpf_probe_read_kernel(&fd, sizeof(fd), &PT_REGS_PARM1(registers)) != 0) return 0;
  return uses_socket(thread, (__s32)fd, direction);
}
