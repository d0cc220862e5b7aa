#include "cli/common_options.h"

const char *common_config_path(const char *given)
{
    return given ? given : config_default_path();
}

int common_config(const struct cmd *self, const char *given, struct config **config)
{
    struct err err;
    *config = NULL;
    if (config_load(common_config_path(given), config, &err))
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    return STATUS_OK;
}

int common_broker(const struct cmd *self, const struct config *config)
{
    if (!*config->source.nats)
        return STATUS_OK;
    return cmd_fail(self, STATUS_CONFIG,
                    "%s: a replica (source.nats) asks no broker: run this command on a recorder",
                    config->file);
}

int common_database(const struct cmd *self, const struct database_options *o,
                    struct config **config, const char **path)
{
    *config = NULL;
    int status = o->db_path ? STATUS_OK : common_config(self, o->config_path, config);
    if (status == STATUS_OK)
        *path = o->db_path ? o->db_path : (*config)->store.path;
    return status;
}

int common_database_protected(const struct cmd *self, const struct database_options *o,
                              struct config **config, const char **path)
{
    if (!o->db_path)
        return common_database(self, o, config, path);
    *config = NULL;
    *path = o->db_path;
    config_load(common_config_path(o->config_path), config, NULL);
    return STATUS_OK;
}
