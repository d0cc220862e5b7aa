#include "store/file_head.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* https://www.sqlite.org/fileformat2.html#the_database_header */
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

struct file_head file_head_parse(const unsigned char *bytes)
{
    if (memcmp(bytes, MAGIC, sizeof(MAGIC)) != 0)
        return (struct file_head){0};
    struct file_head head = {.valid = true,
                             .wal = bytes[READ_MODE_AT] == MODE_WAL,
                             .page_bytes = number_at(bytes + PAGE_BYTES_AT, 2),
                             .changes = number_at(bytes + CHANGES_AT, 4),
                             .pages = number_at(bytes + PAGES_AT, 4),
                             .schema = number_at(bytes + SCHEMA_AT, 4)};
    if (head.page_bytes == LARGEST_IS_ONE)
        head.page_bytes = LARGEST_PAGE;
    return head;
}

int file_head_read(int fd, struct file_head *out)
{
    unsigned char bytes[FILE_HEAD_BYTES] = {0};
    struct stat st;
    *out = (struct file_head){0};
    if (fstat(fd, &st) || pread(fd, bytes, sizeof(bytes), 0) < 0)
        return -errno;
    *out = file_head_parse(bytes);
    out->size_bytes = st.st_size;
    return 0;
}

bool file_head_complete(const struct file_head *head)
{
    return head->valid && (int64_t)head->pages * head->page_bytes <= head->size_bytes;
}
