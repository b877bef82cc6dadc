#include "self_test.h"
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "attach.h"
#include "ring.h"

/* What the child sends each time: by SSL_write and SSL_write_ex, read by SSL_read and SSL_read_ex. */
static const char *const messages[2] = {"sluice looks whether it sees this", "and this, by the other function"};
#define SECONDS 5

/* ---- the child: OpenSSL by name, for there may be any version of it, and it is not linked to us ---- */

typedef void *any;
static any library;

static any function(const char *name) {
  return dlsym(library, name);
}

static unsigned int key_of_client(any ssl, const char *hint, char *identity, unsigned int room, unsigned char *key,
                                  unsigned int key_room) {
  (void)ssl, (void)hint, (void)key_room;
  snprintf(identity, room, "sluice");
  memset(key, 7, 16);
  return 16;
}

static unsigned int key_of_server(any ssl, const char *identity, unsigned char *key, unsigned int room) {
  (void)ssl, (void)identity, (void)room;
  memset(key, 7, 16);
  return 16;
}

#define CALL(NAME, RESULT, ...) ((RESULT(*)(__VA_ARGS__))function(NAME))

/* A side of a connection with a key that both know, so that no certificate is needed. Null: the library has none. */
static any make_side(int is_client, any bio) {
  any method = CALL("TLS_method", any, void)();
  any context = CALL("SSL_CTX_new", any, any)(method);
  if (context == NULL) return NULL;
  CALL("SSL_CTX_ctrl", long, any, int, long, any)(context, 124 /* SSL_CTRL_SET_MAX_PROTO_VERSION */, 0x0303, NULL);
  if (CALL("SSL_CTX_set_cipher_list", int, any, const char *)(context, "PSK") != 1) return NULL;
  if (is_client) CALL("SSL_CTX_set_psk_client_callback", void, any, any)(context, (any)key_of_client);
  else CALL("SSL_CTX_set_psk_server_callback", void, any, any)(context, (any)key_of_server);
  any side = CALL("SSL_new", any, any)(context);
  if (side == NULL) return NULL;
  CALL("SSL_set_bio", void, any, any, any)(side, bio, bio);
  CALL(is_client ? "SSL_set_connect_state" : "SSL_set_accept_state", void, any)(side);
  return side;
}

static const char *const needed[] = {
    "TLS_method", "SSL_CTX_new", "SSL_CTX_ctrl", "SSL_CTX_set_cipher_list", "SSL_CTX_set_psk_client_callback",
    "SSL_CTX_set_psk_server_callback", "SSL_new", "SSL_set_bio", "SSL_set_connect_state", "SSL_set_accept_state",
    "SSL_do_handshake", "SSL_read", "SSL_write", "SSL_read_ex", "SSL_write_ex", "BIO_new_bio_pair",
};

/* Exit codes of the child, and what they mean. */
enum { DONE, NOT_LOADED, NOT_COMPLETE, NO_HANDSHAKE, NOT_CARRIED, RIGHTS };
static const char *const outcomes[] = {
    "", "it cannot be loaded for a self-test", "it lacks functions that the self-test needs",
    "the self-test found no handshake", "the self-test could not send and receive", "the self-test kept its rights",
};

static int talk(const char *path) {
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return NOT_LOADED;
  for (size_t index = 0; index < sizeof(needed) / sizeof(*needed); index++) {
    if (function(needed[index]) == NULL) return NOT_COMPLETE;
  }
  any ends[2];
  if (CALL("BIO_new_bio_pair", int, any *, size_t, any *, size_t)(&ends[0], 0, &ends[1], 0) != 1) return NOT_COMPLETE;
  any client = make_side(1, ends[0]);
  any server = make_side(0, ends[1]);
  if (client == NULL || server == NULL) return NOT_COMPLETE;
  int left = 20;
  for (; left > 0; left--) {
    int first = CALL("SSL_do_handshake", int, any)(client);
    int second = CALL("SSL_do_handshake", int, any)(server);
    if (first == 1 && second == 1) break;
  }
  if (left == 0) return NO_HANDSHAKE;
  char got[128];
  size_t count = 0;
  int length = (int)strlen(messages[0]);
  if (CALL("SSL_write", int, any, const void *, int)(client, messages[0], length) != length) return NOT_CARRIED;
  if (CALL("SSL_read", int, any, void *, int)(server, got, sizeof(got)) != length) return NOT_CARRIED;
  size_t size = strlen(messages[1]);
  if (CALL("SSL_write_ex", int, any, const void *, size_t, size_t *)(client, messages[1], size, &count) != 1) return NOT_CARRIED;
  if (CALL("SSL_read_ex", int, any, void *, size_t, size_t *)(server, got, sizeof(got), &count) != 1) return NOT_CARRIED;
  return count == size ? DONE : NOT_CARRIED;
}

/* The library may be of a container that nobody trusts. */
static int give_up_rights(void) {
  unshare(CLONE_NEWNET | CLONE_NEWIPC);
  /* Another user than ours, too: one of the same could look into us. */
  if (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) return -1;
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {0};
  if (syscall(SYS_capset, &head, none) != 0) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  /* Giving up rights made /proc/self the superuser's. */
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void __attribute__((noreturn)) be_child(int go, int file) {
  char byte, path[32];
  if (read(go, &byte, 1) != 1) _exit(NOT_LOADED);
  /* Neither our output nor the maps of the kernel are its business. */
  int kept = 3;
  if (dup2(file, kept) != kept) _exit(NOT_LOADED);
  syscall(SYS_close_range, 0, 2, 0);
  syscall(SYS_close_range, kept + 1, ~0u, 0);
  alarm(SECONDS);
  if (give_up_rights() != 0) _exit(RIGHTS);
  snprintf(path, sizeof(path), "/proc/self/fd/%d", kept);
  _exit(talk(path));
}

/* ---- the parent ---- */

static int tested_pid;
/* What was seen of each direction, one after the other. */
static char seen[2][256];
static size_t seen_length[2];

int is_of_self_test(const struct piece *piece) {
  if (tested_pid == 0 || piece->pid != (__u32)tested_pid) return 0;
  size_t direction = piece->direction & 1;
  if (piece->kind == FRAME_DATA && seen_length[direction] + piece->length <= sizeof(seen[0])) {
    memcpy(seen[direction] + seen_length[direction], piece + 1, piece->length);
    seen_length[direction] += piece->length;
  }
  return 1;
}

static int has_seen_all(void) {
  char wanted[256];
  size_t length = snprintf(wanted, sizeof(wanted), "%s%s", messages[0], messages[1]);
  for (int direction = 0; direction < 2; direction++) {
    if (seen_length[direction] != length || memcmp(seen[direction], wanted, length) != 0) return 0;
  }
  return 1;
}

int self_test(struct bpf_object *object, const char *path, const struct tls_file *file, char *why, size_t room) {
  int go[2];
  int opened = open(path, O_RDONLY | O_CLOEXEC);
  if (opened < 0 || pipe2(go, O_CLOEXEC) != 0) {
    snprintf(why, room, "it cannot be opened for a self-test");
    if (opened >= 0) close(opened);
    return 0;
  }
  pid_t child = fork();
  if (child == 0) {
    close(go[1]);
    be_child(go[0], opened);
  }
  close(go[0]);
  close(opened);
  int is_seen = 0;
  snprintf(why, room, "the self-test could not begin");
  if (child > 0) {
    struct links links = {0};
    tested_pid = child;
    seen_length[0] = seen_length[1] = 0;
    int error = attach_file(object, child, path, file, 1, &links);
    if (error == 0 && write(go[1], "", 1) != 1) error = EPIPE;
    close(go[1]);
    int status = 0;
    waitpid(child, &status, 0);
    ring_consume();
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (error != 0) snprintf(why, room, "the self-test could not be probed (%s)", strerror(error));
    else if (code > 0 && code <= RIGHTS) snprintf(why, room, "%s", outcomes[code]);
    else if (code != 0) snprintf(why, room, "the self-test crashed");
    else if (!(is_seen = has_seen_all())) snprintf(why, room, "what passed through it in a self-test was not seen");
    detach(object, child, &links);
    tested_pid = 0;
  } else {
    close(go[1]);
  }
  return is_seen;
}
