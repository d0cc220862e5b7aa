#include "config/state_dir_scan.h"

#include "support/t.h"

#include <stdlib.h>
#include <unistd.h>

static void the_folder_that_a_text_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *folder;
    } rows[] = {
        {"none", "", "/var/lib/cinta"},
        {"no such line", "broker { url = \n}\n}", "/var/lib/cinta"},
        {"quoted", "poll { rate = x }\nstate_dir = \"/srv/a b\"\n", "/srv/a b"},
        {"in single quotation marks", "state_dir='/srv/x'", "/srv/x"},
        {"bare", "\tstate_dir =\t/srv/x # here", "/srv/x"},
        {"bare, at a line end of Windows", "state_dir = /srv/x\r\n", "/srv/x"},
        {"beside the file", "state_dir = \"state\"", "/etc/state"},
        {"the first one", "state_dir = /a\nstate_dir = /b\n", "/a"},
        {"in a comment", "# state_dir = /a\n", "/var/lib/cinta"},
        {"another key", "state_dirs = /a\nstate = /b\n", "/var/lib/cinta"},
        {"no value", "state_dir = \nstate_dir\nstate_dir = \"\"\n", "/var/lib/cinta"},
        {"not closed", "state_dir = \"/srv/x\npoll { }\n", "/srv/x"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[256];
        t_row(rows[i].name);
        t_str(state_dir_scan(out, sizeof(out), rows[i].text, "/etc/cinta.conf"), rows[i].folder);
    }
}

static void of_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/cinta-scan-XXXXXX", out[256];
    int fd = mkstemp(path);
    const char text[] = "}\nstate_dir = \"/srv/x\"\n";
    t_int(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    t_str(state_dir_of(out, sizeof(out), path), "/srv/x");
    unlink(path);
    t_str(state_dir_of(out, sizeof(out), path), "/var/lib/cinta");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_that_a_text_names),
        cmocka_unit_test(of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
