/*
 * common_options: options that several commands have, with one text each, and what they select: the
 * configuration and the database.
 */
#ifndef CLI_COMMON_OPTIONS_H
#define CLI_COMMON_OPTIONS_H

#include "cli/option_values.h"
#include "config/config.h"

/* Rows for tables of options: without braces, because a macro that is a whole row hides it. */
#define OPTION_CONFIG(type, member)                                                                \
    "config", 'c', "FILE", "default $CINTA_CONF, else " CONFIG_PACKAGED, OPTION_TEXT(type, member)
/* `verb`: what the command does with the database, such as "use". */
#define OPTION_DB(verb, type, member)                                                              \
    "db", 0, "FILE", verb " this database, not the one in the configuration",                      \
        OPTION_TEXT(type, member)
#define OPTION_JSON(type, member)                                                                  \
    "json", 0, NULL, "print one JSON object", OPTION_FLAG(type, member)
#define OPTION_QUIET(type, member) "quiet", 'q', NULL, "errors only", OPTION_FLAG(type, member)

/* The path of --config, or the default. */
const char *common_config_path(const char *given);
/* Loads it. STATUS_OK, or STATUS_CONFIG with an error on stderr. */
int common_config(const struct cmd *self, const char *given, struct config **config);
/* STATUS_CONFIG, with a message: the configuration is that of a replica. */
int common_broker(const struct cmd *self, const struct config *config);

/* Of a command that reads a database. */
struct database_options {
    const char *config_path, *db_path; /* NULL = not given */
};

/*
 * The path of the database, borrowed from --db or from *config. With --db no configuration is
 * needed and *config is NULL. STATUS_OK, or STATUS_CONFIG with an error on stderr.
 */
int common_database(const struct cmd *self, const struct database_options *o,
                    struct config **config, const char **path);
/* The same for a command that writes files: with --db it loads the configuration too, if there is a
 * valid one, because the files that it names must not be replaced. */
int common_database_protected(const struct cmd *self, const struct database_options *o,
                              struct config **config, const char **path);

#endif
