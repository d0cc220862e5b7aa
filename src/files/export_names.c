#include "files/export_names.h"

#include <stddef.h>

#define NAME(format) #format,
const char *const export_formats[] = {EXPORT_FORMATS(NAME) NULL};
const char *const export_compressions[] = {"none", "gzip", "zstd", NULL};
const char *const export_tables[] = {"snapshots", "trades", "bars", "events", "coverage", NULL};
