/*
 * page_files: the files of the live page, embedded at build time from src/serve/page and from
 * Debian's libjs-dygraphs (src/embed_page.cmake).
 */
#ifndef SERVE_PAGE_FILES_H
#define SERVE_PAGE_FILES_H

#include <stddef.h>

struct page_file {
    const char *name; /* "index.html" */
    const char *etag; /* with its quotes; another content has another one */
    const unsigned char *bytes;
    size_t len_bytes;
};

extern const struct page_file page_files[]; /* ends with a NULL name */

#endif
