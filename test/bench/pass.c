/*
 * The baseline: one pass over the same files of the same cgroups, with the least possible work. It keeps every descriptor
 * open, and reads every file into one buffer.
 *
 * pass ACTIVE INACTIVE USAGE STAT [FILE...]
 * Real comes from the files USAGE and STAT: it is USAGE minus the keys ACTIVE and INACTIVE of STAT. Each further FILE
 * contains a number. Standard input has the directories of the cgroups, one per line, an empty line, and then commands
 * `read N` or `parse N`. Each prints the nanoseconds of CPU that N passes took, and the sum of real in the last pass.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char buffer[64 * 1024];
static int *descriptors;
static size_t cgroups, files;
static const char *active, *inactive;
static size_t active_length, inactive_length;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void open_all(char **names) {
    char directory[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
    while (fgets(directory, sizeof directory, stdin) && *directory != '\n') {
        directory[strcspn(directory, "\n")] = 0;
        descriptors = realloc(descriptors, (cgroups + 1) * files * sizeof *descriptors);
        if (!descriptors) fail("realloc");
        for (size_t file = 0; file < files; file++) {
            snprintf(path, sizeof path, "%s/%s", directory, names[file]);
            int descriptor = open(path, O_RDONLY | O_CLOEXEC);
            if (descriptor < 0) fail(path);
            descriptors[cgroups * files + file] = descriptor;
        }
        cgroups++;
    }
}

static size_t get(size_t cgroup, size_t file) {
    ssize_t length = pread(descriptors[cgroup * files + file], buffer, sizeof buffer - 1, 0);
    if (length < 0) fail("pread");
    buffer[length] = 0;
    return (size_t)length;
}

static const char *number(const char *at, long long *value) {
    long long sum = 0;
    while (*at >= '0' && *at <= '9') sum = sum * 10 + (*at++ - '0');
    *value = sum;
    return at;
}

static long long page_cache(void) {
    long long sum = 0;
    for (const char *at = buffer; *at; at++) {
        const char *key = at;
        while (*at && *at != ' ') at++;
        size_t length = (size_t)(at - key);
        long long value;
        at = number(at + (*at == ' '), &value);
        if ((length == active_length && !memcmp(key, active, length)) ||
            (length == inactive_length && !memcmp(key, inactive, length)))
            sum += value;
        if (!*at) break;
    }
    return sum;
}

static long long pass(int parse) {
    long long real = 0;
    for (size_t cgroup = 0; cgroup < cgroups; cgroup++)
        for (size_t file = 0; file < files; file++) {
            get(cgroup, file);
            if (!parse) continue;
            long long value;
            if (file == 1) real -= page_cache();
            else {
                number(buffer, &value);
                if (file == 0) real += value;
            }
        }
    return real;
}

static long long used(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit)) fail("setrlimit");
    active = argv[1], active_length = strlen(active);
    inactive = argv[2], inactive_length = strlen(inactive);
    files = (size_t)argc - 3;
    open_all(argv + 3);
    char command[8];
    int times;
    while (scanf("%7s %d", command, &times) == 2) {
        int parse = command[0] == 'p';
        long long real = 0, start = used();
        while (times-- > 0) real = pass(parse);
        printf("%lld %lld\n", used() - start, real);
        fflush(stdout);
    }
    return 0;
}
