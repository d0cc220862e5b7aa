#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int secret_set(struct secret *secret, const char *text, size_t len_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (len_bytes / page + 1) * page;
    char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -ENOMEM;
    mlock(pages, size); /* fails over the limit: then the pages may be swapped out */
    madvise(pages, size, MADV_DONTDUMP);
    memcpy(pages, text, len_bytes);
    *secret = (struct secret){.text = pages, .len_bytes = len_bytes, .mapped_bytes = size};
    return 0;
}

void secret_wipe(struct secret *secret)
{
    if (secret->text) {
        explicit_bzero(secret->text, secret->mapped_bytes);
        munmap(secret->text, secret->mapped_bytes);
    }
    *secret = (struct secret){0};
}

void secret_guard(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer attaches to this process at exit */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}
