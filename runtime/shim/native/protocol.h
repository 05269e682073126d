/* The limits of protocol.md: what a frame may hold. */
#ifndef KAHI_PROTOCOL_H
#define KAHI_PROTOCOL_H

#include "opcodes.h"

enum {
  PROTOCOL = 1,
  LENGTH_BYTES = 4,    /* length field of a frame */
  HEADER_BYTES = 8,    /* version, opcode, reserved, request number */
  MAX_FRAME = 4 << 20, /* bytes after the length field */
  MAX_ID = 1024,       /* bytes of a slot's name */
  MAX_SLOTS = 65536,
  MAX_NOTIFY = 1023,   /* highest number of a descriptor for readiness */
  MAX_NOTICE = 4095,   /* bytes of one readiness message; a pipe takes it and a newline in one write */
  MAX_STRINGS = 65536, /* arguments of a program; variables of its environment */
  MAX_GROUPS = 65536,  /* supplementary groups, as in the kernel */
  MAX_CGROUPS = 16,    /* cgroups of one process: one, or one for each controller */
  MAX_NOTE = 4096      /* bytes of a note in a slot */
};

#endif
