/*
 * group_folder: an empty directory for a group of tests, which must be empty again at its end.
 */
#ifndef GROUP_FOLDER_H
#define GROUP_FOLDER_H

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/cinta-tests-XXXXXX";

static int folder_setup(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_teardown(void **state)
{
    (void)state;
    return rmdir(folder);
}

#endif
