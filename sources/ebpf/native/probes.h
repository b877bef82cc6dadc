/* Which processes are watched, and the probes in them. */
#ifndef SLUICE_PROBES_H
#define SLUICE_PROBES_H

struct bpf_object;

/* Begins to watch a process, and answers {"watching": …}. `start`: as the list said; 0: whichever has the number now. */
void watch(struct bpf_object *object, int pid, unsigned long long start);
/* Ends it, and answers {"ended": …, "reason": …}. */
void unwatch(struct bpf_object *object, int pid, const char *reason);
/* Ends those that are gone. */
void end_gone(struct bpf_object *object);

#endif
