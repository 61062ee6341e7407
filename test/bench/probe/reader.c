/*
 * A program with a known need for page cache. It does one operation in each slot of a fixed schedule. It makes up for slots that
 * it missed in the last 100 ms; others are lost. Each second it prints how many operations it has done, and how many file pages
 * these accessed.
 *
 *   reader DISK SHM KEY=NUMBER...
 *
 * DISK is a directory on a disk, SHM one on tmpfs. Sizes are in MiB:
 *
 *   file, hot       a file, and how much of it is read again and again, in chunks of 64 KiB
 *   random=1        reads the hot chunks in random order, not one after the other
 *   scattered=1     the hot chunks are not at the start of the file, but between the cold ones. The kernel reads none of these ahead
 *   mapped=1        maps the file and touches each page of a chunk
 *   cold            milliseconds between two reads of a random cold chunk. Absent: they are read once
 *   stream          reads sparse files, each of them once, and keeps so much of them. Absent: no stream
 *   anonymous, tmpfs  takes so much memory
 *   slot            microseconds between two operations
 *   burst           milliseconds. Reads the hot chunks once at the start of each such period, and then waits. Absent: no pause
 */
#include "../../truth/machine/common.h"
#include <time.h>

#define STREAMS 8
/* Microseconds. */
#define LATE 100000

static const char *keys[] = {"file", "hot", "random", "scattered", "mapped", "cold", "stream", "anonymous", "tmpfs", "slot", "burst"};
enum { file_size, hot_size, random_order, scattered, mapped, cold_period, stream_size, anonymous_size, tmpfs_size, slot, burst, key_count };
static long given[key_count];

static const char *disk;
static int file = -1, cold_file = -1, streams[STREAMS];
static char *mapping;
static long hot_chunks, ratio, next_hot, next_stream;
static long operations, pages;

static long now(void) {
  struct timespec time;
  checked(clock_gettime(CLOCK_MONOTONIC, &time), "clock_gettime");
  return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void sleep_until(long at) {
  struct timespec time = {at / 1000000, at % 1000000 * 1000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/* The same order in each run (xorshift). */
static unsigned long drawn = 88172645463325252UL;
static long draw(long below) {
  drawn ^= drawn << 13;
  drawn ^= drawn >> 7;
  drawn ^= drawn << 17;
  return drawn % below;
}

static void write_file(int to, long bytes) {
  for (; bytes > 0; bytes -= CHUNK)
    if (write(to, chunk, CHUNK) != CHUNK) fail("write");
}

static void read_chunk(int from, long index) {
  if (checked(pread(from, chunk, CHUNK, index * CHUNK), "pread") != CHUNK) fail("pread");
  pages += CHUNK / PAGE;
}

static void touch_chunk(long index) {
  for (long at = index * CHUNK; at < (index + 1) * CHUNK; at += PAGE) (void)((volatile char *)mapping)[at];
  pages += CHUNK / PAGE;
}

/* Every scattered hot chunk has `ratio` - 1 cold ones beside it. */
static long place_of(long hot) {
  return given[scattered] ? hot * ratio + hot * 7 % ratio : hot;
}

static void access_chunk(int from, long index) {
  if (mapping) touch_chunk(index);
  else read_chunk(from, index);
}

static void access_hot(void) {
  access_chunk(file, place_of(given[random_order] ? draw(hot_chunks) : next_hot));
  next_hot = (next_hot + 1) % hot_chunks;
}

static void access_cold(void) {
  long hot = draw(hot_chunks);
  if (given[scattered]) access_chunk(cold_file, hot * ratio + (hot * 7 + 1 + draw(ratio - 1)) % ratio);
  else access_chunk(cold_file, hot_chunks + draw(hot_chunks * (ratio - 1)));
}

/* What was read of a file that is empty again is no page that is read again. */
static void access_stream(void) {
  long each = given[stream_size] * MIB / STREAMS / CHUNK;
  int from = streams[next_stream / each % STREAMS];
  if (next_stream % each == 0) {
    checked(ftruncate(from, 0), "ftruncate");
    checked(ftruncate(from, each * CHUNK), "ftruncate");
  }
  read_chunk(from, next_stream++ % each);
}

static void operate(void) {
  if (given[stream_size]) access_stream();
  else access_hot();
  operations++;
}

static void prepare(const char *shm) {
  memset(chunk, 1, CHUNK);
  if (given[file_size]) {
    file = open_in(disk, "file", O_CREAT | O_RDWR | O_TRUNC);
    write_file(file, given[file_size] * MIB);
    checked(fsync(file), "fsync");
    if (given[scattered] && posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM) != 0) fail("posix_fadvise");
    /* The kernel reads nothing ahead of what is read here and there. */
    cold_file = open_in(disk, "file", O_RDONLY);
    if (posix_fadvise(cold_file, 0, 0, POSIX_FADV_RANDOM) != 0) fail("posix_fadvise");
    if (given[mapped]) mapping = map(given[file_size] * MIB, PROT_READ, MAP_SHARED, file);
    if (given[mapped] && given[scattered]) checked(madvise(mapping, given[file_size] * MIB, MADV_RANDOM), "madvise");
  }
  if (given[hot_size]) {
    hot_chunks = given[hot_size] * MIB / CHUNK;
    ratio = given[file_size] / given[hot_size];
  }
  for (int at = 0; given[stream_size] && at < STREAMS; at++) {
    char name[32];
    snprintf(name, sizeof name, "stream-%d", at);
    streams[at] = open_in(disk, name, O_CREAT | O_RDWR | O_TRUNC);
    /* Some devices read megabytes ahead, and these are needed until they are read. */
    if (posix_fadvise(streams[at], 0, 0, POSIX_FADV_RANDOM) != 0) fail("posix_fadvise");
  }
  if (given[tmpfs_size]) write_file(open_in(shm, "needed", O_CREAT | O_RDWR | O_TRUNC), given[tmpfs_size] * MIB);
  if (given[anonymous_size])
    memset(map(given[anonymous_size] * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 1, given[anonymous_size] * MIB);
}

static void print_at(long time, long *due) {
  if (time < *due) return;
  *due += 1000000 * ((time - *due) / 1000000 + 1);
  printf("%ld %ld\n", operations, pages);
  checked(fflush(stdout), "standard output");
}

int main(int count, char **words) {
  if (count < 4) return 2;
  disk = words[1];
  for (int at = 3; at < count; at++) {
    char *equals = strchr(words[at], '=');
    if (equals == NULL) return 2;
    *equals = '\0';
    int key = 0;
    while (key < key_count && strcmp(keys[key], words[at]) != 0) key++;
    if (key == key_count) return 2;
    given[key] = atol(equals + 1);
  }
  prepare(words[2]);
  long began = now(), report = began, next = began, cold = began;
  /* Half a second after a report, so that a window between two reports has whole bursts. */
  long burst_at = began + 500000, left = 0;
  for (;;) {
    long time = now();
    print_at(time, &report);
    if (given[cold_period] && time >= cold) {
      access_cold();
      cold = time + given[cold_period] * 1000;
    }
    if (given[burst]) {
      if (left == 0 && time >= burst_at) {
        left = hot_chunks;
        burst_at += given[burst] * 1000 * ((time - burst_at) / (given[burst] * 1000) + 1);
      }
      if (left == 0) {
        sleep_until(burst_at < report ? burst_at : report);
        continue;
      }
      left--;
    }
    operate();
    next += given[slot];
    time = now();
    if (next < time - LATE) next = time;
    sleep_until(next);
  }
}
