#include "store/file_head.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* https://www.sqlite.org/fileformat2.html#the_database_header */
#define HEADER_BYTES   100
#define MAGIC          "SQLite format 3"
#define PAGE_BYTES_AT  16
#define READ_MODE_AT   19
#define CHANGES_AT     24
#define PAGES_AT       28
#define SCHEMA_AT      40
#define MODE_WAL       2
#define LARGEST_PAGE   65536
#define LARGEST_IS_ONE 1

static uint32_t number_at(const unsigned char *at, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

int file_head_read(int fd, struct file_head *out)
{
    unsigned char bytes[HEADER_BYTES];
    struct stat st;
    *out = (struct file_head){0};
    if (fstat(fd, &st))
        return -errno;
    out->size_bytes = st.st_size;
    ssize_t got = pread(fd, bytes, sizeof(bytes), 0);
    if (got < 0)
        return -errno;
    if (got < HEADER_BYTES || memcmp(bytes, MAGIC, sizeof(MAGIC)) != 0)
        return 0;
    out->valid = true;
    out->wal = bytes[READ_MODE_AT] == MODE_WAL;
    out->page_bytes = number_at(bytes + PAGE_BYTES_AT, 2);
    if (out->page_bytes == LARGEST_IS_ONE)
        out->page_bytes = LARGEST_PAGE;
    out->changes = number_at(bytes + CHANGES_AT, 4);
    out->pages = number_at(bytes + PAGES_AT, 4);
    out->schema = number_at(bytes + SCHEMA_AT, 4);
    return 0;
}

bool file_head_complete(const struct file_head *head)
{
    return head->valid && (int64_t)head->pages * head->page_bytes <= head->size_bytes;
}
