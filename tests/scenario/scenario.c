/*
 * Runs fault scripts, each case in a process of its own:
 *
 *   scenario FILE...            0 = everything held
 *   scenario --journal FILE...  also prints the journal of each run
 *   scenario --commands         prints the forms of all commands
 */
#include "base/log.h"
#include "journal.h"
#include "play.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static bool show; /* the journal of each run */

static bool run_case(const char *file, size_t row)
{
    char folder[] = "/tmp/cinta-scenario-XXXXXX";
    int status = -1;
    if (!mkdtemp(folder))
        return false;
    pid_t child = fork();
    if (child == 0) {
        struct script *script = script_read(file, row);
        play_run(script, folder);
        if (show)
            journal_show(stdout);
        script_free(script);
        exit(0);
    }
    if (child > 0)
        waitpid(child, &status, 0);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run_file(const char *file)
{
    bool ok = true;
    size_t rows = script_rows(file);
    for (size_t row = 0; row < rows; row++)
        ok &= run_case(file, row);
    return ok;
}

static int list_commands(void)
{
    for (const struct command *const *table = play_commands; *table; table++) {
        for (const struct command *c = *table; c->form; c++)
            puts(c->form);
    }
    return 0;
}

int main(int argc, char **argv)
{
    bool ok = argc > 1;
    if (argc == 2 && strcmp(argv[1], "--commands") == 0)
        return list_commands();
    log_init(LOG_LEVEL_ERROR);
    unsetenv("NOTIFY_SOCKET");
    show = argc > 2 && strcmp(argv[1], "--journal") == 0;
    for (int i = show ? 2 : 1; i < argc; i++)
        ok &= run_file(argv[i]);
    return ok ? 0 : 1;
}
