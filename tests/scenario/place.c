#include "place.h"

#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *place_file = "", *place_row = "";
static int place_line;

void place_set(const char *file, int line, const char *row)
{
    place_file = file;
    place_line = line;
    place_row = row;
}

void place_fail(const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d: ", place_file, place_line);
    if (*place_row)
        fprintf(stderr, "case %s: ", place_row);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    journal_show(stderr);
    fflush(stderr);
    _exit(1); /* the service's memory is not released: LeakSanitizer would report it */
}
