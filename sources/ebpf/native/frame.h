/*
 * What the loader writes to its standard output, in the machine's byte order: frames of a u32 with the number of bytes that
 * follow, and those bytes. Their first u32 says what they are (enum frame_kind). Read by ../frames.ts.
 */
#ifndef SLUICE_FRAME_H
#define SLUICE_FRAME_H

#include <linux/types.h>

enum frame_kind {
  FRAME_DATA = 1,    /* struct piece, then `length` bytes that a program read from TLS, or wrote to it */
  FRAME_CLOSED = 2,  /* struct piece without bytes: the program freed this SSL* */
  FRAME_ADDRESS = 3, /* struct piece without bytes: the socket became known after the data */
  FRAME_TEXT = 10,   /* a u32 of padding, then one line of JSON: an answer to a command, statistics, a complaint */
};

enum direction { DIRECTION_READ = 0, DIRECTION_WRITE = 1 };

/* A part of one direction of one connection. The reader takes ssl, generation and pid together as the connection's name. */
struct piece {
  __u32 kind;
  __u32 direction;
  __u64 time;       /* CLOCK_MONOTONIC, nanoseconds, when SSL_read or SSL_write returned */
  __u64 offset;     /* of the first byte in this direction, since the first call that was seen */
  __u32 length;     /* bytes that follow */
  __s32 fd;         /* -1: not known */
  __u64 ssl;        /* the SSL*, which programs use again for other connections */
  __u64 generation; /* tells such connections apart: when the first call on this one was seen */
  __u32 pid;
  __u16 family;     /* AF_INET, AF_INET6; 0: the addresses are not known */
  __u16 local_port;
  __u16 remote_port;
  __u16 padding[3];
  __u8 local[16]; /* of IPv4 the first four bytes */
  __u8 remote[16];
};

/* Per processor; never reset. */
struct counters {
  __u64 calls;     /* of SSL_read and SSL_write that gave data */
  __u64 pieces;    /* frames with data that were written into the ring */
  __u64 lost;      /* frames with data for which the ring had no place */
  __u64 lostBytes; /* their bytes */
  __u64 faults;    /* frames whose bytes could not be read from the program's memory */
  __u64 cutBytes;  /* bytes of calls beyond what one call may have */
};

#endif
