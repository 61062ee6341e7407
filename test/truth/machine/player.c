/*
 * Takes and frees memory by a schedule.
 *
 *   player prepare DISK MIB   writes the file to reread, and drops it from the page cache
 *   player play DISK SHM      plays the steps from standard input, until its end
 *
 * DISK is a directory on a disk, SHM one on tmpfs. A step is a line of four numbers:
 *
 *   MILLISECONDS ANONYMOUS TMPFS FILE
 *
 * The last three are sizes in MiB, and may be fractions. In each step the player first frees or takes memory until it holds
 * these sizes: anonymous memory, and a file on tmpfs. Then it touches all of it, and reads FILE MiB of the file on disk.
 * Without a file it does so once, and sleeps until the milliseconds have passed. With a file it repeats until then, at least
 * twice. At the end of a step it prints how often it touched everything and how many microseconds that took. It keeps its
 * memory and waits for the next step.
 */
#include "common.h"
#include <time.h>

/* The maximum of each kind. No step asks for more. */
#define MOST (4096L * MIB)

static char *memory;
static long memory_held, shm_held;
static int shm_file, disk_file = -1;

static void fill(int file, long from, long to) {
  for (long at = from; at < to; at += CHUNK) {
    long size = to - at < CHUNK ? to - at : CHUNK;
    if (checked(pwrite(file, chunk, size, at), "pwrite") != size) fail("pwrite");
  }
}

static void read_all(int file, long bytes) {
  for (long at = 0; at < bytes; at += CHUNK)
    if (checked(pread(file, chunk, CHUNK, at), "pread") == 0) {
      fprintf(stderr, "the file ends at %ld bytes, to be read are %ld\n", at, bytes);
      exit(1);
    }
}

/* The kernel charges the next reader of the file, but only for pages that are not in memory. */
static void prepare(const char *disk, long bytes) {
  static unsigned char in_core[MOST / PAGE];
  int file = open_in(disk, "reread", O_CREAT | O_RDWR);
  fill(file, 0, bytes);
  long pages = bytes / PAGE, cached = pages;
  for (int tries = 0; cached > 0; tries++) {
    if (tries == 100) {
      fprintf(stderr, "%ld pages stay in the page cache\n", cached);
      exit(1);
    }
    if (tries > 0) usleep(10000);
    checked(fsync(file), "fsync");
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    if (errno != 0) fail("posix_fadvise");
    char *seen = map(bytes, PROT_READ, MAP_SHARED, file);
    checked(mincore(seen, bytes, in_core), "mincore");
    checked(munmap(seen, bytes), "munmap");
    cached = 0;
    for (long at = 0; at < pages; at++) cached += in_core[at] & 1;
  }
}

/* Frees before it takes, so a step never holds more than its sizes, not even for a moment. */
static void hold(long own, long shm) {
  if (own < memory_held) checked(madvise(memory + own, memory_held - own, MADV_DONTNEED), "madvise");
  if (shm < shm_held) checked(ftruncate(shm_file, shm), "ftruncate");
  if (own > memory_held) memset(memory + memory_held, 1, own - memory_held);
  if (shm > shm_held) fill(shm_file, shm_held, shm);
  memory_held = own;
  shm_held = shm;
}

static void touch_all(long file) {
  for (long at = 0; at < memory_held; at += PAGE) ((volatile char *)memory)[at]++;
  read_all(shm_file, shm_held);
  read_all(disk_file, file);
}

static long now(void) {
  struct timespec time;
  checked(clock_gettime(CLOCK_MONOTONIC, &time), "clock_gettime");
  return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static long pages(double mib) {
  if (!(mib >= 0 && mib * MIB <= MOST)) {
    fprintf(stderr, "%g MiB are too little or too much\n", mib);
    exit(2);
  }
  return (long)(mib * MIB) / PAGE * PAGE;
}

static void step(double milliseconds, long own, long shm, long file) {
  long begin = now(), end = begin + (long)(milliseconds * 1000), times = 0;
  hold(own, shm);
  do {
    touch_all(file);
    times++;
    /* At least twice, also on a slow machine: the kernel makes a page active when it is read a second time. */
  } while (file > 0 && (times < 2 || now() < end));
  long left = end - now();
  if (left > 0) usleep(left);
  printf("%ld %ld\n", times, now() - begin);
  checked(fflush(stdout), "standard output");
}

static void play(const char *disk, const char *shm) {
  char line[256];
  double milliseconds, own, tmpfs, file;
  /* No huge pages: the player could not free an exact size. */
  memory = map(MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  checked(madvise(memory, MOST, MADV_NOHUGEPAGE), "madvise");
  shm_file = open_in(shm, "held", O_CREAT | O_RDWR);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "%lf %lf %lf %lf", &milliseconds, &own, &tmpfs, &file) != 4) {
      fprintf(stderr, "a step is MILLISECONDS ANONYMOUS TMPFS FILE, not: %s", line);
      exit(2);
    }
    if (file > 0 && disk_file < 0) disk_file = open_in(disk, "reread", O_RDONLY);
    step(milliseconds, pages(own), pages(tmpfs), pages(file));
  }
}

int main(int count, char **words) {
  if (count == 4 && strcmp(words[1], "prepare") == 0)
    prepare(words[2], pages(atof(words[3])));
  else if (count == 4 && strcmp(words[1], "play") == 0)
    play(words[2], words[3]);
  else {
    fputs("player prepare DISK MIB | player play DISK SHM\n", stderr);
    return 2;
  }
  return 0;
}
