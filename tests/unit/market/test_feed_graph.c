#include "market/feed_graph.h"

#include "support/t.h"

/* Every change of mode, and every step that does something. */
static void test_graph(void **state)
{
    (void)state;
    // clang-format off
    static const char expected[] =
        "digraph feed {\n"
        "    rankdir=LR;\n"
        "    node [shape=box, style=rounded];\n"
        "    \"no token\" -> \"polling\" [label=\"token\"];\n"
        "    \"polling\" -> \"connecting\" [label=\"time\\nconnect\"];\n"
        "    \"polling\" -> \"no token\" [label=\"no token\"];\n"
        "    \"connecting\" -> \"subscribing\" [label=\"opened\"];\n"
        "    \"connecting\" -> \"polling\" [label=\"closed\\npoll all\"];\n"
        "    \"connecting\" -> \"polling\" [label=\"refused\\npoll all\"];\n"
        "    \"connecting\" -> \"polling\" [label=\"page\\npoll all\"];\n"
        "    \"connecting\" -> \"polling\" [label=\"login page\\npoll all\"];\n"
        "    \"connecting\" -> \"polling\" [label=\"not needed\\ndisconnect\\npoll all\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"time\\ndisconnect\\npoll all\"];\n"
        "    \"subscribing\" -> \"streaming\" [label=\"data\"];\n"
        "    \"subscribing\" -> \"streaming\" [label=\"change\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"closed\\npoll all\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"refused\\npoll all\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"page\\npoll all\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"login page\\npoll all\"];\n"
        "    \"subscribing\" -> \"polling\" [label=\"not needed\\ndisconnect\\npoll all\"];\n"
        "    \"streaming\" -> \"stale\" [label=\"time\\nsubscribe again\\npoll all\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"time, again\\ndisconnect\\npoll all\"];\n"
        "    \"streaming\" -> \"streaming\" [label=\"time, old connection\\nrenew token\"];\n"
        "    \"streaming\" -> \"streaming\" [label=\"token, old connection\\nreplace\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"closed\\npoll all\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"refused\\npoll all\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"page\\npoll all\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"login page\\npoll all\"];\n"
        "    \"streaming\" -> \"streaming\" [label=\"probes diverge\\nsubscribe one again\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"probes diverge, again\\ndisconnect\\npoll all\"];\n"
        "    \"streaming\" -> \"polling\" [label=\"not needed\\ndisconnect\\npoll all\"];\n"
        "    \"stale\" -> \"polling\" [label=\"time\\ndisconnect\\npoll all\"];\n"
        "    \"stale\" -> \"streaming\" [label=\"data\"];\n"
        "    \"stale\" -> \"streaming\" [label=\"change\"];\n"
        "    \"stale\" -> \"polling\" [label=\"closed\\npoll all\"];\n"
        "    \"stale\" -> \"polling\" [label=\"refused\\npoll all\"];\n"
        "    \"stale\" -> \"polling\" [label=\"page\\npoll all\"];\n"
        "    \"stale\" -> \"polling\" [label=\"login page\\npoll all\"];\n"
        "    \"stale\" -> \"polling\" [label=\"not needed\\ndisconnect\\npoll all\"];\n"
        "}\n";
    // clang-format on
    struct buf out;
    buf_init(&out, 65536);
    feed_graph(&out);
    t_true(!buf_failed(&out));
    t_str(buf_text(&out), expected);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
