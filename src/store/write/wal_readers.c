#include "store/write/wal_readers.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define READ_FIRST   123 /* WAL_READ_LOCK(0) to (4), sqlite.org/walformat.html */
#define READ_LAST    127
#define READERS_MAX  4
#define COMMAND_WORD 40

bool lock_line_parse(const char *line, struct lock_line *out)
{
    struct lock_line lock;
    char kind[16], mode[16], last[24];
    if (sscanf(line, "%*d: %15s %*s %15s %d %x:%x:%" SCNu64 " %" SCNd64 " %23s", kind, mode,
               &lock.pid, &lock.device_major, &lock.device_minor, &lock.inode, &lock.first,
               last) != 8)
        return false; /* also for a lock that is waited for: "1: -> POSIX ..." */
    if (strcmp(kind, "POSIX") != 0 && strcmp(kind, "OFDLCK") != 0)
        return false;
    if (strcmp(last, "EOF") == 0)
        lock.last = INT64_MAX;
    else if (sscanf(last, "%" SCNd64, &lock.last) != 1)
        return false;
    *out = lock;
    return true;
}

bool lock_line_reads(const struct lock_line *lock)
{
    return lock->last >= READ_FIRST && lock->first <= READ_LAST;
}

/* The first two words of its command line, "?" when not readable. */
static void describe_command(int pid, char *out, size_t out_bytes)
{
    char path[64], words[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(words, 1, sizeof(words) - 2, file) : 0;
    if (file)
        fclose(file);
    words[len] = words[len + 1] = '\0';
    const char *name = strrchr(words, '/'), *second = words + strlen(words) + 1;
    name = name ? name + 1 : words;
    if (second > words + len)
        second = "";
    snprintf(out, out_bytes, "%.*s%s%.*s", COMMAND_WORD, *name ? name : "?", *second ? " " : "",
             COMMAND_WORD, second);
}

static bool is_of(const struct lock_line *lock, const struct stat *file)
{
    return lock->inode == file->st_ino && lock->device_major == major(file->st_dev) &&
           lock->device_minor == minor(file->st_dev);
}

static int find_readers(const struct stat *shm, int pids[READERS_MAX])
{
    struct lock_line lock;
    char line[256];
    int count = 0;
    FILE *locks = fopen("/proc/locks", "re");
    while (locks && count < READERS_MAX && fgets(line, sizeof(line), locks)) {
        if (!lock_line_parse(line, &lock) || !lock_line_reads(&lock) || !is_of(&lock, shm) ||
            lock.pid <= 0 || lock.pid == getpid())
            continue;
        bool known = false;
        for (int i = 0; i < count; i++)
            known = known || pids[i] == lock.pid;
        if (!known)
            pids[count++] = lock.pid;
    }
    if (locks)
        fclose(locks);
    return count;
}

int wal_readers_describe(const char *db_path, char *out, size_t out_bytes)
{
    char path[PATH_MAX], command[2 * COMMAND_WORD + 2];
    struct stat shm;
    int pids[READERS_MAX];
    snprintf(path, sizeof(path), "%s-shm", db_path);
    int count = stat(path, &shm) == 0 ? find_readers(&shm, pids) : 0;
    size_t used = 0;
    for (int i = 0; i < count && used < out_bytes; i++) {
        describe_command(pids[i], command, sizeof(command));
        used += (size_t)snprintf(out + used, out_bytes - used, "%sprocess %d (%s)", i ? ", " : "",
                                 pids[i], command);
    }
    if (!count)
        snprintf(out, out_bytes, "an unidentified program");
    return count;
}
