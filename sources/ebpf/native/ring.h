/* The ring through which the kernel's part hands over what it saw. */
#ifndef SLUICE_RING_H
#define SLUICE_RING_H

/* Takes all that waits in the ring now. */
void ring_consume(void);

#endif
