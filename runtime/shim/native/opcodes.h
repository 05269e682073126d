/* Made by `npm run docs` from the tables of protocol.md. */
#ifndef KAHI_OPCODES_H
#define KAHI_OPCODES_H

enum opcode {
  SPAWN = 1,
  KILL = 2,
  FORGET = 3,
  ACKNOWLEDGE = 4,
  QUIT = 5,
  LIMIT = 6,
  END = 7,
  PING = 8,
  STRAYS = 9,
  ENLARGE = 16,
  SYSLOG = 17,
  BECOME = 18,
  SURVIVE = 19,
  LIST = 20,
  NOTE = 21,
  UPGRADE = 22,
  COLLECT = 23,
  FIFO = 40,
  LOCK = 41,
  UNLOCK = 42,
  DONE = 64,
  FAILED = 65,
  HELLO = 128,
  EXITED = 129,
  ORPHAN = 130,
  SLOT = 131,
  OUTPUT = 132,
  MAX_REQUEST = 42 /* the highest opcode of a request */
};

#endif
