/* Common to the programs of this folder. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1024L * 1024)
#define PAGE 4096L
/* Small, because the buffer itself is anonymous memory. */
#define CHUNK (64L * 1024)

static char chunk[CHUNK];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long checked(long result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

static char *map(long bytes, int protection, int flags, int file) {
  char *memory = mmap(NULL, bytes, protection, flags, file, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static int open_in(const char *directory, const char *name, int flags) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return checked(open(path, flags, 0600), path);
}
