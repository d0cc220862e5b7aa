/* The value of a lease: whatever is in the bucket is refused, or read within its bounds; what is
 * read and written again is the same. */
#include "lease/record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lease_record record, again;
    struct buf text;
    struct err err;
    if (lease_record_parse((const char *)data, size, &record, &err))
        return 0;
    buf_init(&text, 8 * LEASE_RECORD_BYTES);
    lease_record_write(&text, &record);
    check(!buf_failed(&text));
    check(lease_record_parse(buf_text(&text), text.len_bytes, &again, &err) == 0);
    check(strcmp(record.holder, again.holder) == 0 && strcmp(record.host, again.host) == 0);
    check(strcmp(record.token, again.token) == 0 && record.seq == again.seq);
    check(record.term == again.term && record.token_ms == again.token_ms);
    buf_finish(&text);
    return 0;
}
