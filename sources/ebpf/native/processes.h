/* Processes of this machine, and what of their TLS can be seen. */
#ifndef SLUICE_PROCESSES_H
#define SLUICE_PROCESSES_H

#include <limits.h>
#include "sites.h"

/* A file that a process runs code from and that has the functions of TLS. */
struct mapped_tls {
  struct tls_file *file;
  /* Where this process sees it: /usr/lib/…/libssl.so.3. */
  char shown[PATH_MAX];
  /* Where we can open it, whatever file system the process is in. */
  char path[PATH_MAX];
};

#define MAX_MAPPED 16

/* Files with the functions of TLS that a process has mapped, at most `room`. Returns how many; -1: it cannot be read. */
int tls_of_process(int pid, struct mapped_tls *found, int room);
/* When a process began, in ticks since the machine did; 0: there is none. Tells it from a later one with its number. */
unsigned long long start_of_process(int pid);
/* Sends {"processes": […]}. */
void list_processes(void);

#endif
