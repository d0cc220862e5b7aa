/* The reader's thread and its queue. A FIFO in place of the database blocks the thread until a
 * writer opens it, as a disk that does not answer would. */
#include "api/history_reader.h"

#include "base/clock.h"
#include "support/store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ANSWERS_MAX 64

/* What the clients got. */
struct client {
    struct loop *loop;
    int count, expected;
    int status[ANSWERS_MAX];
    enum web_action action[ANSWERS_MAX];
    char body[ANSWERS_MAX][600];
    char retry_after[16];
};

static void on_completed(void *arg, struct web_answer *answer, enum web_action action)
{
    struct client *client = arg;
    const char *retry_after = web_answer_header(answer, "retry-after");
    int at = client->count++;
    client->status[at] = answer->status;
    client->action[at] = action;
    snprintf(client->body[at], sizeof(client->body[at]), "%s", buf_text(&answer->body));
    snprintf(client->retry_after, sizeof(client->retry_after), "%s",
             retry_after ? retry_after : "");
    if (client->count == client->expected)
        loop_stop(client->loop);
}

static struct deferred *add(struct history_reader *reader, struct client *client,
                            const char *symbol)
{
    const struct history_request request = {HISTORY_TRADES, "ROFX", symbol, 0, INT64_MAX};
    struct web_answer answer;
    web_answer_init(&answer);
    struct deferred *deferred = deferred_create(&answer, on_completed, client);
    history_reader_add(reader, &request, deferred);
    web_answer_finish(&answer);
    return deferred;
}

static void run_until(struct client *client, int count)
{
    client->expected = count;
    if (client->count < count)
        loop_run(client->loop);
    t_int(client->count, count);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void put_trade(struct store *store, int64_t seq, int32_t instrument)
{
    struct store_snapshot row = snapshot(instrument, seq, 10);
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = 1600.5;
    row.quote.last_size = 3;
    row.quote.ts_last = T0;
    put_row(store, &row);
}

static void answers_come_in_order(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 2);
    put_trade(store, 1, 0);
    fixture_close(store);
    struct client client = {.loop = loop_create()};
    struct history_reader *reader = history_reader_create(client.loop, f.path);
    add(reader, &client, "S0");
    add(reader, &client, "S1");
    run_until(&client, 2);
    t_int(client.status[0], 200);
    t_int(client.action[0], WEB_SEND);
    t_str(client.body[0],
          "{\"status\":\"OK\",\"symbol\":\"S0\",\"market\":\"ROFX\",\"trades\":[{\"symbol\":\"S0\","
          "\"servertime\":1795446000000,\"size\":3,\"price\":1600.5,"
          "\"datetime\":\"2026-11-23 15:00:00.000\"}]}");
    t_str(client.body[1],
          "{\"status\":\"OK\",\"symbol\":\"S1\",\"market\":\"ROFX\",\"trades\":[]}");
    history_reader_destroy(reader);
    loop_destroy(client.loop);
    fixture_remove(&f);
}

static void a_missing_database_is_an_error(void **state)
{
    (void)state;
    struct client client = {.loop = loop_create()};
    struct history_reader *reader = history_reader_create(client.loop, "/nowhere/cinta.db");
    add(reader, &client, "S0");
    run_until(&client, 1);
    t_int(client.status[0], 503);
    t_str(client.retry_after, "5");
    t_contains(client.body[0], "{\"status\":\"ERROR\",\"description\":\"there is no database "
                               "'/nowhere/cinta.db'");
    history_reader_destroy(reader);
    loop_destroy(client.loop);
}

/* --- a disk that does not answer -------------------------------------------------------------- */

static struct fixture make_fifo(void)
{
    struct fixture f = fixture_make();
    t_int(mkfifo(f.path, 0600), 0);
    return f;
}

/* Lets the thread go on; returns the descriptor. */
static int release(const struct fixture *f)
{
    int fd = open(f->path, O_RDWR | O_CLOEXEC);
    t_true(fd >= 0);
    return fd;
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct fixture f = make_fifo();
    struct client client = {.loop = loop_create()};
    struct history_reader *reader = history_reader_create(client.loop, f.path);
    for (int i = 0; i < HISTORY_READER_WAITING_MAX; i++)
        add(reader, &client, "S0");
    t_int(client.count, 0);
    t_true(!history_reader_free(reader));
    add(reader, &client, "S1");
    t_int(client.count, 1);
    t_int(client.status[0], 503);
    t_contains(client.body[0], "Too many requests");

    int fd = release(&f);
    run_until(&client, 1 + HISTORY_READER_WAITING_MAX);
    t_int(client.status[1], 503); /* a FIFO is not a database */
    t_true(history_reader_free(reader));
    close(fd);
    history_reader_destroy(reader);
    loop_destroy(client.loop);
    fixture_remove(&f);
}

static void clients_that_are_gone_make_room(void **state)
{
    (void)state;
    struct fixture f = make_fifo();
    struct client client = {.loop = loop_create()};
    struct history_reader *reader = history_reader_create(client.loop, f.path);
    struct deferred *gone[HISTORY_READER_WAITING_MAX];
    for (int i = 0; i < HISTORY_READER_WAITING_MAX; i++)
        gone[i] = add(reader, &client, "S0");
    for (int i = 0; i < HISTORY_READER_WAITING_MAX; i++)
        deferred_cut(gone[i]);
    t_true(history_reader_free(reader));
    add(reader, &client, "S1");
    t_int(client.count, 0);
    int fd = release(&f);
    run_until(&client, 1);
    close(fd);
    history_reader_destroy(reader);
    loop_destroy(client.loop);
    fixture_remove(&f);
}

static void destroying_does_not_wait(void **state)
{
    (void)state;
    struct fixture f = make_fifo();
    struct client client = {.loop = loop_create()};
    struct history_reader *reader = history_reader_create(client.loop, f.path);
    for (int i = 0; i < 3; i++)
        add(reader, &client, "S0");
    history_reader_destroy(reader);
    t_int(client.count, 3);
    for (int i = 0; i < 3; i++)
        t_int(client.action[i], WEB_CLOSE);
    int fd = release(&f);
    close(fd);
    loop_destroy(client.loop);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_in_order),
        cmocka_unit_test(a_missing_database_is_an_error),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(clients_that_are_gone_make_room),
        cmocka_unit_test(destroying_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
