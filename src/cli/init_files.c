#include "cli/init_files.h"

#include "broker/hand_over.h"
#include "files/run_as.h"
#include "setup/setup_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

int init_files_look(const struct init *init)
{
    struct err err;
    if (setup_files_look(&init->setup, init->force, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

int init_files_room(const struct init *init)
{
    struct err err;
    if (setup_files_room(&init->setup, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

/* Files that are replaced keep their modes. */
static void print_written(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        printf("wrote %s (%04o)\n", path, (unsigned)st.st_mode & 07777);
}

int init_files_write(const struct init *init)
{
    struct err err;
    if (setup_files_write(&init->setup, &init->text, &init->password, init->force, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s; nothing was written", err.text);
    print_written(init->conf_path);
    print_written(init->password_path);
    return STATUS_OK;
}

bool init_files_hand_over(struct init *init)
{
    struct err err = {0};
    struct run_as owner;
    if (!*init->token.token)
        return false;
    int rc = run_as_needed(init->config->state_dir, &owner) ? run_as_become(&owner, &err) : 0;
    if (rc == 0)
        rc = hand_over(init->config, &init->token, &init->list, &err);
    if (rc && rc != -EBUSY)
        cmd_fail(init->self, 0, "%s", err.text);
    return rc == -EBUSY;
}
