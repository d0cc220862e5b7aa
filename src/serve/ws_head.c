#include "serve/ws_head.h"

#include <stdint.h>

size_t ws_head_write(unsigned char out[WS_HEAD_BYTES], unsigned first, size_t len_bytes)
{
    size_t more = len_bytes < 126 ? 0 : len_bytes < 65536 ? 2 : 8;
    out[0] = (unsigned char)first;
    out[1] = (unsigned char)(more == 0 ? len_bytes : more == 2 ? 126 : 127);
    for (size_t i = 0; i < more; i++)
        out[2 + i] = (unsigned char)((uint64_t)len_bytes >> 8 * (more - 1 - i));
    return 2 + more;
}
