#include "sites.h"
#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const function_names[FUNCTIONS] = {
    "SSL_read", "SSL_write", "SSL_read_ex", "SSL_write_ex", "SSL_set_fd", "SSL_free",
};

/* An address of a program in memory as an offset into its file; 0: it is in no executable segment. */
static long offset_of(Elf *elf, GElf_Addr address) {
  size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return 0;
  for (size_t index = 0; index < count; index++) {
    GElf_Phdr segment;
    if (gelf_getphdr(elf, index, &segment) == NULL) continue;
    if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
    if (address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) continue;
    return address - segment.p_vaddr + segment.p_offset;
  }
  return 0;
}

static void read_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *head, struct tls_file *file) {
  Elf_Data *data = elf_getdata(section, NULL);
  if (data == NULL || head->sh_entsize == 0) return;
  size_t count = data->d_size / head->sh_entsize;
  for (size_t index = 0; index < count; index++) {
    GElf_Sym symbol;
    if (gelf_getsym(data, index, &symbol) == NULL) return;
    if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    const char *name = elf_strptr(elf, head->sh_link, symbol.st_name);
    if (name == NULL || strncmp(name, "SSL_", 4) != 0) continue;
    for (int function = 0; function < FUNCTIONS; function++) {
      if (strcmp(name, function_names[function]) == 0)
        file->offsets[function] = offset_of(elf, symbol.st_value);
    }
  }
}

static void read_elf(Elf *elf, struct tls_file *file) {
  size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return;
  Elf_Scn *section = NULL;
  while ((section = elf_nextscn(elf, section)) != NULL) {
    GElf_Shdr head;
    if (gelf_getshdr(section, &head) == NULL) continue;
    if (head.sh_type == SHT_DYNSYM || head.sh_type == SHT_SYMTAB) read_symbols(elf, section, &head, file);
    const char *name = elf_strptr(elf, names, head.sh_name);
    if (name != NULL && strcmp(name, ".gopclntab") == 0) file->is_go = 1;
  }
}

static size_t read_code(const char *path, long offset, unsigned char *code, size_t length) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t got = pread(fd, code, length, offset);
  close(fd);
  return got < 0 ? 0 : got;
}

#ifdef __x86_64__

/* push of a register, with or without the prefix for the upper eight. */
static int is_push(const unsigned char *code) {
  return (code[0] & 0xf8) == 0x50 || (code[0] == 0x41 && (code[1] & 0xf8) == 0x50);
}

static const unsigned char endbr64[4] = {0xf3, 0x0f, 0x1e, 0xfa};

int is_cheap(const char *path, long offset) {
  unsigned char code[2];
  return read_code(path, offset, code, sizeof(code)) == sizeof(code) && is_push(code);
}

long best_offset(const char *path, long offset) {
  unsigned char code[6];
  if (read_code(path, offset, code, sizeof(code)) != sizeof(code)) return offset;
  /* Behind endbr64 the return address is still at the top of the stack, so the return can be probed as well. */
  return memcmp(code, endbr64, sizeof(endbr64)) == 0 && is_push(code + 4) ? offset + 4 : offset;
}

/* Whether the first bytes of a function have a call to `target`; with target 0, where its first call goes. */
static long called_by(const char *path, long function, long target) {
  unsigned char code[160];
  size_t length = read_code(path, function, code, sizeof(code));
  for (size_t at = 0; at + 5 <= length; at++) {
    if (code[at] != 0xe8) continue;
    __int32_t distance;
    memcpy(&distance, code + at + 1, sizeof(distance));
    long called = function + (long)at + 5 + distance;
    if (target == 0) return called;
    if (called == target) return called;
  }
  return 0;
}

/*
 * OpenSSL's SSL_read and SSL_read_ex begin with an instruction that is dear to probe, and call one function that does the
 * work and begins with a cheap one. It has no symbol: it is what both call.
 */
static long inner_of(const char *path, long plain, long counted) {
  if (plain == 0 || counted == 0) return 0;
  if (is_cheap(path, best_offset(path, plain)) && is_cheap(path, best_offset(path, counted))) return 0;
  long inner = called_by(path, counted, 0);
  if (inner <= 0 || called_by(path, plain, inner) != inner) return 0;
  inner = best_offset(path, inner);
  return is_cheap(path, inner) ? inner : 0;
}

#else

/* On ARM the first instruction of a function is emulated, or stepped without a trap that would be dear. */
int is_cheap(const char *path, long offset) {
  (void)path;
  return offset != 0;
}
long best_offset(const char *path, long offset) {
  (void)path;
  return offset;
}
static long inner_of(const char *path, long plain, long counted) {
  (void)path, (void)plain, (void)counted;
  return 0;
}

#endif

static struct tls_file **known;
static size_t known_count, known_room;

/* A file that was written again in its place has other code in it. */
static int is_same(const struct tls_file *file, const struct stat *facts) {
  return file->inode == facts->st_ino && file->device == facts->st_dev && file->size == facts->st_size &&
         file->changed == facts->st_mtime;
}

struct tls_file *tls_file_of(const char *path) {
  struct stat facts;
  if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode)) return NULL;
  for (size_t index = 0; index < known_count; index++) {
    if (is_same(known[index], &facts)) return known[index];
  }
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  struct tls_file *file = calloc(1, sizeof(*file));
  if (file == NULL) abort();
  *file = (struct tls_file){
      .device = facts.st_dev, .inode = facts.st_ino, .size = facts.st_size, .changed = facts.st_mtime};
  /* Read, not mapped: somebody may cut the file short meanwhile. */
  Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
  if (elf != NULL && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64) read_elf(elf, file);
  if (elf != NULL) elf_end(elf);
  close(fd);
  if (has_tls(file)) {
    file->inner[0] = inner_of(path, file->offsets[SSL_READ], file->offsets[SSL_READ_EX]);
    file->inner[1] = inner_of(path, file->offsets[SSL_WRITE], file->offsets[SSL_WRITE_EX]);
  }
  if (known_count == known_room) {
    known_room = known_room == 0 ? 256 : known_room * 2;
    known = realloc(known, known_room * sizeof(*known));
    if (known == NULL) abort();
  }
  known[known_count++] = file;
  return file;
}
