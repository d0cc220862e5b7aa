#include "cli/init.h"

#include "config/config_parser.h"
#include "primary/reference.h"

#include <string.h>

void init_begin(struct init *init, const struct cmd *self)
{
    *init = (struct init){.self = self};
    buf_init(&init->text, CONFIG_BYTES_MAX);
    buf_init(&init->list, REFERENCE_LIST_BYTES);
}

void init_finish(struct init *init)
{
    buf_finish(&init->list);
    buf_finish(&init->text);
    config_free(init->config);
    setup_finish(&init->setup);
    secret_wipe(&init->password);
    explicit_bzero(&init->token, sizeof(init->token));
}

int init_compose(struct init *init)
{
    struct err err;
    config_free(init->config);
    init->config = NULL;
    buf_clear(&init->text);
    if (setup_text(&init->setup, &init->text, &err) ||
        config_parse(buf_text(&init->text), init->text.len_bytes, init->conf_path, &init->config,
                     &err))
        return cmd_fail(init->self, STATUS_CONFIG, "%s", err.text);
    return STATUS_OK;
}
