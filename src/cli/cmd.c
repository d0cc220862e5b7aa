#include "cli/cmd.h"

#include "base/log.h"
#include "cli/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL_BYTES 2048

int cmd_usage(const struct cmd *self, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "cinta %s: ", self->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "; see 'cinta help %s'\n", self->name);
    return STATUS_USAGE;
}

int cmd_fail(const struct cmd *self, int status, const char *fmt, ...)
{
    char words[FAIL_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    log_mask(words); /* a broker's answer may contain the credentials that it was sent */
    fprintf(stderr, "cinta %s: %s\n", self->name, words);
    return status;
}

int cmd_execute(const struct cmd *self, int argc, char **argv)
{
    void *options = calloc(1, self->options_bytes + 1); /* 0 bytes may give NULL */
    if (!options)
        return cmd_fail(self, STATUS_FAILED, "out of memory");
    if (self->defaults)
        memcpy(options, self->defaults, self->options_bytes);
    int status = args_parse(self, argc, argv, options);
    if (status == STATUS_OK)
        status = self->run(self, options);
    args_release(self, options);
    free(options);
    return status;
}
