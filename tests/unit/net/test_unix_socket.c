#include "net/unix_socket.h"

#include "support/group_folder.h"
#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *in_folder(const char *name)
{
    static char path[400];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int mode_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) ? -1 : (int)(st.st_mode & 0777);
}

static void the_file_has_exactly_the_given_mode(void **state)
{
    static const mode_t modes[] = {0600, 0660, 0666}, masks[] = {0, 022, 077};
    mode_t before = umask(0);
    const char *path = in_folder("mode");
    (void)state;
    for (size_t m = 0; m < T_COUNT(modes); m++) {
        for (size_t u = 0; u < T_COUNT(masks); u++) {
            umask(masks[u]);
            int fd = unix_socket_listen(path, modes[m], 5);
            t_true(fd >= 0);
            t_int(mode_of(path), modes[m]);
            close(fd);
            unlink(path);
        }
    }
    umask(before);
}

static void a_client_connects_also_with_a_long_path(void **state)
{
    char deep[200], path[300];
    char byte = 0;
    (void)state;
    snprintf(deep, sizeof(deep), "%s/%0150d", folder, 7); /* longer than sun_path */
    t_int(mkdir(deep, 0700), 0);
    snprintf(path, sizeof(path), "%s/sock", deep);
    int fd = unix_socket_listen(path, 0600, 5);
    t_true(fd >= 0);
    int client = unix_socket_connect(path), served = accept(fd, NULL, NULL);
    t_true(client >= 0 && served >= 0);
    t_int(write(client, "x", 1), 1);
    t_int(read(served, &byte, 1), 1);
    t_int(byte, 'x');
    close(client);
    close(served);
    close(fd);
    unlink(path);
    rmdir(deep);
}

/* Only a socket that nobody listens on is replaced. */
static void what_is_at_the_path_before(void **state)
{
    const char *path = in_folder("taken");
    char text[8] = "";
    (void)state;

    t_row("a socket that was left");
    close(unix_socket_listen(path, 0600, 5));
    t_int(unix_socket_connect(path), -ECONNREFUSED);
    int fd = unix_socket_listen(path, 0600, 1);
    t_true(fd >= 0);

    t_row("a process listens");
    for (int i = 0; i < 5; i++) /* later, its queue is full */
        t_int(unix_socket_listen(path, 0600, 5), -EADDRINUSE);
    close(fd);
    unlink(path);

    t_row("another kind of file");
    FILE *file = fopen(path, "w");
    fputs("mine", file);
    fclose(file);
    t_int(unix_socket_listen(path, 0600, 5), -EEXIST);
    file = fopen(path, "r");
    t_true(fgets(text, sizeof(text), file));
    t_str(text, "mine");
    fclose(file);
    unlink(path);

    t_row("a link to a socket elsewhere");
    t_int(symlink("/no/such/socket", path), 0);
    t_int(unix_socket_listen(path, 0600, 5), -EEXIST);
    unlink(path);
}

static void errors(void **state)
{
    char name[300];
    (void)state;
    t_int(unix_socket_listen("/no/such/folder/sock", 0600, 5), -ENOENT);
    t_int(unix_socket_connect("/no/such/folder/sock"), -ENOENT);
    t_int(unix_socket_connect(in_folder("none")), -ENOENT);
    memset(name, 'n', 120);
    name[120] = '\0';
    t_int(unix_socket_listen(in_folder(name), 0600, 5), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_exactly_the_given_mode),
        cmocka_unit_test(a_client_connects_also_with_a_long_path),
        cmocka_unit_test(what_is_at_the_path_before),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
