#include "cli/commands.h"

#include "base/near.h"

#include <string.h>

const struct cmd *const commands[] = {
    &cmd_run,      &cmd_init,   &cmd_check,  &cmd_doctor,     &cmd_quotes, &cmd_instruments,
    &cmd_status,   &cmd_verify, &cmd_backup, &cmd_backfill,   &cmd_export, &cmd_merge,
    &cmd_calendar, &cmd_alert,  &cmd_sim,    &cmd_completion, NULL,
};

const struct cmd *commands_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const struct cmd *commands_near(const char *name)
{
    const struct cmd *found = NULL;
    int best = near_limit(name) + 1;
    for (size_t i = 0; commands[i]; i++) {
        int distance = near_distance(name, commands[i]->name);
        if (distance < best) {
            best = distance;
            found = commands[i];
        }
    }
    return found;
}
