/*
 * Takes memory of the given kinds, prints "ready", and sleeps until it is killed.
 *
 *   workload prepare DISK SHM KIND=MIB...   writes the files that the kinds read, and drops them from the page cache
 *   workload take DISK SHM KIND=MIB...      takes the memory
 *   workload visit                          takes a little memory on each CPU, and exits
 *
 * DISK is a directory on a disk, SHM one on tmpfs. After "ready" the program does not touch its memory any more.
 */
#include "common.h"
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const char *disk, *shm;

static int fill(int file, long bytes) {
  for (; bytes > 0; bytes -= CHUNK)
    if (write(file, chunk, CHUNK) != CHUNK) fail("write");
  return file;
}

static void read_all(int file) {
  checked(lseek(file, 0, SEEK_SET), "lseek");
  while (checked(read(file, chunk, CHUNK), "read") > 0) {
  }
}

static void touch(volatile char *memory, long bytes, long step) {
  for (long at = 0; at < bytes; at += step) (void)memory[at];
}

static char *anonymous(long bytes) {
  char *memory = map(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  memset(memory, 1, bytes);
  return memory;
}

static void take_anonymous(long bytes) {
  anonymous(bytes);
}

static void take_lazyfree(long bytes) {
  checked(madvise(anonymous(bytes), bytes, MADV_FREE), "madvise");
}

static void take_read(long bytes) {
  (void)bytes;
  read_all(open_in(disk, "read", O_RDONLY));
}

static void take_reread(long bytes) {
  (void)bytes;
  int file = open_in(disk, "reread", O_RDONLY);
  read_all(file);
  read_all(file);
}

static void take_dirty(long bytes) {
  fill(open_in(disk, "dirty", O_CREAT | O_RDWR), bytes);
}

static void take_written(long bytes) {
  checked(fsync(fill(open_in(disk, "written", O_CREAT | O_RDWR), bytes)), "fsync");
}

static void take_mapped(long bytes) {
  touch(map(bytes, PROT_READ, MAP_SHARED, open_in(disk, "mapped", O_RDONLY)), bytes, PAGE);
}

static void take_executable(long bytes) {
  touch(map(bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, open_in(disk, "executable", O_RDONLY)), bytes, PAGE);
}

static void lock(int file, long bytes) {
  checked(mlock(map(bytes, PROT_READ, MAP_SHARED, file), bytes), "mlock");
}

static void take_locked(long bytes) {
  lock(open_in(disk, "locked", O_RDONLY), bytes);
}

static void take_lockedwritten(long bytes) {
  int file = fill(open_in(disk, "lockedwritten", O_CREAT | O_RDWR), bytes);
  checked(fsync(file), "fsync");
  lock(file, bytes);
}

static void take_tmpfs(long bytes) {
  fill(open_in(shm, "tmpfs", O_CREAT | O_RDWR), bytes);
}

static void take_memfd(long bytes) {
  fill(checked(memfd_create("memory", 0), "memfd_create"), bytes);
}

/* Bytes. With the page that records the owners of objects, an ext4 inode and its dentry take a bit more in all kernels. */
#define FILE_COST 1280L
#define DENTRY_COST 200L
#define FILES_PER_DIRECTORY 1000

static void make_files(const char *parent, const char *name, long count, int keep) {
  char path[4096];
  for (long at = 0; at < count; at++) {
    long directory = at / FILES_PER_DIRECTORY;
    if (at % FILES_PER_DIRECTORY == 0) {
      snprintf(path, sizeof path, "%s/%s-%ld", parent, name, directory);
      checked(mkdir(path, 0700), path);
    }
    snprintf(path, sizeof path, "%s/%s-%ld/%ld", parent, name, directory, at);
    int file = checked(open(path, O_CREAT | O_RDWR, 0600), path);
    /* A mapping holds the file like a descriptor does, and the limit on mappings is higher. */
    if (keep) map(PAGE, PROT_READ, MAP_PRIVATE, file);
    close(file);
  }
}

static void take_inodes(long bytes) {
  make_files(disk, "inodes", bytes / FILE_COST, 0);
}

static void take_heldfiles(long bytes) {
  make_files(disk, "heldfiles", bytes / FILE_COST, 1);
}

static void take_negative(long bytes) {
  struct stat stat;
  char path[4096];
  snprintf(path, sizeof path, "%s/negative", disk);
  checked(mkdir(path, 0700), path);
  int directory = checked(open(path, O_RDONLY | O_DIRECTORY), path);
  for (long at = 0; at < bytes / DENTRY_COST; at++) {
    /* The dentry itself contains names of up to 31 letters. */
    snprintf(path, sizeof path, "%ld", at);
    if (fstatat(directory, path, &stat, 0) == 0 || errno != ENOENT) fail(path);
  }
}

/* Writes data that nobody reads. @returns how many bytes it wrote before the socket was full */
static long fill_socket(int socket, long most) {
  static char packet[32 * 1024];
  long sent = 0;
  while (sent < most) {
    long size = send(socket, packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) break;
    sent += checked(size, "send");
  }
  return sent;
}

static void take_tcp(long bytes) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
  checked(bind(listener, (struct sockaddr *)&address, length), "bind");
  checked(listen(listener, 16), "listen");
  checked(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
  while (bytes > 0) {
    int sender = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
    checked(connect(sender, (struct sockaddr *)&address, length), "connect");
    checked(accept(listener, NULL, NULL), "accept");
    bytes -= fill_socket(sender, bytes);
  }
}

static void take_unix(long bytes) {
  while (bytes > 0) {
    int pair[2], most = 8 * MIB;
    checked(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
    checked(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &most, sizeof most), "SO_SNDBUFFORCE");
    bytes -= fill_socket(pair[0], bytes);
  }
}

static void take_pipes(long bytes) {
  for (; bytes > 0; bytes -= MIB) {
    int ends[2];
    checked(pipe(ends), "pipe");
    checked(fcntl(ends[1], F_SETPIPE_SZ, MIB), "F_SETPIPE_SZ");
    fill(ends[1], MIB);
  }
}

/* Each page of a page table maps 512 pages. All of them read as the shared zero page. */
static void take_pagetables(long bytes) {
  long span = bytes * 512;
  char *memory = map(span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  checked(madvise(memory, span, MADV_NOHUGEPAGE), "madvise");
  touch(memory, span, 512 * PAGE);
}

static const struct {
  const char *name;
  void (*take)(long bytes);
  int needs_file;
} kinds[] = {
    {"anonymous", take_anonymous, 0}, {"lazyfree", take_lazyfree, 0},
    {"read", take_read, 1},           {"reread", take_reread, 1},
    {"written", take_written, 0},     {"dirty", take_dirty, 0},
    {"mapped", take_mapped, 1},       {"executable", take_executable, 1},
    {"locked", take_locked, 1},       {"lockedwritten", take_lockedwritten, 0},
    {"tmpfs", take_tmpfs, 0},         {"memfd", take_memfd, 0},
    {"inodes", take_inodes, 0},       {"negative", take_negative, 0},
    {"heldfiles", take_heldfiles, 0}, {"tcp", take_tcp, 0},
    {"unix", take_unix, 0},           {"pipes", take_pipes, 0},
    {"pagetables", take_pagetables, 0},
};

static long cached_pages(int file, long bytes) {
  static unsigned char in_core[1 << 20];
  long pages = bytes / PAGE, cached = 0;
  char *memory = map(bytes, PROT_READ, MAP_SHARED, file);
  checked(mincore(memory, bytes, in_core), "mincore");
  checked(munmap(memory, bytes), "munmap");
  for (long at = 0; at < pages; at++) cached += in_core[at] & 1;
  return cached;
}

/* The kernel charges the next reader of the file, but only for pages that are not in memory. */
static void prepare(const char *name, long bytes) {
  int file = fill(open_in(disk, name, O_CREAT | O_RDWR), bytes);
  for (int tries = 0; tries < 100; tries++) {
    checked(fsync(file), "fsync");
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    if (errno != 0) fail("posix_fadvise");
    if (cached_pages(file, bytes) == 0) return;
    usleep(10000);
  }
  fprintf(stderr, "%s stays in the page cache\n", name);
  exit(1);
}

/* User memory and kernel objects. */
static void visit(void) {
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    if (sched_setaffinity(0, sizeof only, &only) != 0) continue;
    int ends[2];
    checked(pipe(ends), "pipe");
    anonymous(8 * PAGE);
  }
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "visit") == 0) {
    visit();
    return 0;
  }
  if (count < 5) return 2;
  int preparing = strcmp(words[1], "prepare") == 0;
  disk = words[2];
  shm = words[3];
  memset(chunk, 1, sizeof chunk);
  for (int at = 4; at < count; at++) {
    char *equals = strchr(words[at], '=');
    if (equals == NULL) return 2;
    *equals = '\0';
    long bytes = atol(equals + 1) * MIB;
    size_t kind = 0, known = sizeof kinds / sizeof kinds[0];
    while (kind < known && strcmp(kinds[kind].name, words[at]) != 0) kind++;
    if (kind == known) return 2;
    if (!preparing) kinds[kind].take(bytes);
    else if (kinds[kind].needs_file) prepare(words[at], bytes);
  }
  if (preparing) return 0;
  puts("ready");
  fclose(stdout);
  for (;;) pause();
}
