/*
 * The load of a busy node. Reads cgroup.procs files from its arguments, after a directory for files and the pause in
 * milliseconds. Each cgroup gets a process that touches new memory and reads a file again and again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { memory = 256 * 1024, piece = 64 * 1024 };

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void work(const char *directory, int index, long milliseconds) {
  char name[4096];
  snprintf(name, sizeof name, "%s/load-%d", directory, index);
  int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) die(name);
  static char buffer[piece];
  srand(index);
  /* The processes must not wake together. */
  struct timespec pause = {0, rand() % (milliseconds * 1000000)};
  for (off_t at = 0;; at = (at + piece) % (16 * piece)) {
    nanosleep(&pause, NULL);
    pause = (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000};
    char *pages = mmap(NULL, memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) die("mmap");
    memset(pages, 1, memory);
    if (pwrite(file, pages, piece, at) != piece || pread(file, buffer, piece, at) != piece) die(name);
    munmap(pages, memory);
  }
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  const char *directory = arguments[1];
  long milliseconds = atol(arguments[2]);
  int joined[2];
  if (pipe(joined) != 0) die("pipe");
  for (int index = 3; index < count; index++) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child > 0) continue;
    /* They end with this program, however it ends. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int procs = open(arguments[index], O_WRONLY);
    if (procs < 0 || write(procs, "0", 1) != 1) die(arguments[index]);
    close(procs);
    if (write(joined[1], "", 1) != 1) die("pipe");
    close(joined[1]);
    work(directory, index, milliseconds);
  }
  close(joined[1]);
  char one;
  for (int index = 3; index < count; index++)
    if (read(joined[0], &one, 1) != 1) return 1;
  puts("ready");
  fflush(stdout);
  while (wait(NULL) > 0) {
  }
  return 1;
}
