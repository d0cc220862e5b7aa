#include "support/t.h"

#include "matriz/ids.h"
#include "matriz/topics.h"

static void messages_that_subscribe(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    matriz_topics_begin(&out, MATRIZ_TOPIC_MD);
    matriz_topics_add(&out, MATRIZ_TOPIC_MD, true, "rx_DDF_DLR_NOV26");
    matriz_topics_add(&out, MATRIZ_TOPIC_MD, false, "bm_MERV_GD35_24hs");
    matriz_topics_end(&out);
    t_str(buf_text(&out),
          "{\"_req\":\"S\",\"topicType\":\"md\",\"topics\":[\"md.rx_DDF_DLR_NOV26\","
          "\"md.bm_MERV_GD35_24hs\"],\"replace\":false}");
    buf_clear(&out);
    matriz_topics_begin(&out, MATRIZ_TOPIC_BOOK);
    matriz_topics_add(&out, MATRIZ_TOPIC_BOOK, true, "rx_DDF_A\"B");
    matriz_topics_end(&out);
    t_str(buf_text(&out), "{\"_req\":\"S\",\"topicType\":\"book\","
                          "\"topics\":[\"book.rx_DDF_A\\\"B\"],\"replace\":false}");
    buf_finish(&out);
}

static void the_longest_id_is_whole(void **state)
{
    (void)state;
    char id[MATRIZ_ID_BYTES_MAX + 1], expected[MATRIZ_ID_BYTES_MAX + 16];
    struct buf out;
    memset(id, 'x', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    buf_init(&out, 4096);
    matriz_topics_add(&out, MATRIZ_TOPIC_BOOK, true, id);
    snprintf(expected, sizeof(expected), "\"book.%s\"", id);
    t_str(buf_text(&out), expected);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_that_subscribe),
        cmocka_unit_test(the_longest_id_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
