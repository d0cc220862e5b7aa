#include "net/link.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

static void a_ca_file_that_cannot_be_read(void **state)
{
    (void)state;
    struct link link;
    struct err err;
    t_int(link_init(&link, "/nonexistent/ca.pem", 1000, &err), -ENOENT);
    t_str(err.text, "cannot read broker.ca_file '/nonexistent/ca.pem': No such file or directory");
    link_finish(&link);
    t_int(link_init(&link, "", 1000, &err), 0); /* the system's */
    assert_null(link.ca_file);
    t_int(link.connect_timeout_ms, 1000);
    link_finish(&link);
    t_int(link_init(&link, "/dev/null", 1000, &err), 0);
    t_str(link.ca_file, "/dev/null");
    link_finish(&link);
}

static void the_environment_is_read_once(void **state)
{
    (void)state;
    struct link link;
    setenv("https_proxy", "http://proxy.test:3128", 1);
    setenv("no_proxy", "direct.test", 1);
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    unsetenv("https_proxy");
    unsetenv("no_proxy");
    t_str(link_proxy(&link, true, "broker.test", 443), "http://proxy.test:3128");
    t_str(link_proxy(&link, true, "direct.test", 443), "");
    t_str(link_proxy(&link, true, "127.0.0.1", 443), "");
    link_finish(&link);
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    t_str(link_proxy(&link, true, "broker.test", 443), "");
    link_finish(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ca_file_that_cannot_be_read),
        cmocka_unit_test(the_environment_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
