#include "serve/client_queue.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

#define NONE CLIENT_QUEUE_NO_KEY

static int put(struct client_queue *q, int32_t key, const char *text, int64_t now_ms)
{
    return client_queue_put(
        q,
        &(struct client_frame){
            .key = key, .kind = 1, .code = 2, .data = text, .len_bytes = strlen(text)},
        now_ms);
}

/* Pops everything: "a b c". */
static const char *drained(struct client_queue *q)
{
    static char text[1000];
    struct waiting_frame *f;
    size_t used = 0;
    text[0] = '\0';
    while ((f = client_queue_first(q))) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s", used ? " " : "",
                                 (int)f->len_bytes, f->data);
        client_queue_pop(q, 0);
    }
    return text;
}

static struct client_queue *make(size_t bytes, int32_t frames)
{
    return client_queue_create(&(struct client_queue_limits){bytes, frames, 1000, 16});
}

/* Steps: "k:text" queues with key k, "-:text" without a key, "p:k" pins, "s:" marks the first as
 * partly sent, "x:" pops. */
static void a_newer_frame_replaces_the_waiting_one_in_its_place(void **state)
{
    static const struct row {
        const char *name, *steps[8], *sent;
    } rows[] = {
        {"in order", {"1:a", "-:b", "2:c"}, "a b c"},
        {"the first", {"1:a", "2:b", "1:c"}, "c b"},
        {"in the middle", {"1:a", "2:b", "3:c", "2:d"}, "a d c"},
        {"the last", {"1:a", "2:b", "2:c"}, "a c"},
        {"the only one", {"1:a", "1:b"}, "b"},
        {"several times", {"1:a", "2:b", "1:c", "1:d", "2:e", "1:f"}, "f e"},
        {"frames without a key are not replaced", {"-:a", "-:b", "1:c", "-:d", "1:e"}, "a b e d"},
        {"key 0", {"0:a", "1:b", "0:c"}, "c b"},
        {"a sent one is gone", {"1:a", "2:b", "x:", "1:c"}, "b c"},
        {"one that is partly sent stays", {"1:a", "s:", "1:b", "1:c"}, "a c"},
        {"a pinned one stays", {"1:a", "2:b", "p:1", "1:c", "1:d"}, "a b d"},
        {"what comes after a pinned one", {"1:a", "p:1", "-:b", "1:c"}, "a b c"},
        {"pinning what does not wait", {"p:1", "1:a", "p:2", "1:b"}, "b"},
        {"longer", {"1:a", "1:a much longer text"}, "a much longer text"},
        {"shorter", {"1:a much longer text", "1:a", "-:b"}, "a b"},
        {"an empty one", {"1:a", "-:", "2:b"}, "a  b"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct client_queue *q = make(1000, 100);
        t_row(rows[i].name);
        for (size_t n = 0; n < T_COUNT(rows[i].steps) && rows[i].steps[n]; n++) {
            const char *step = rows[i].steps[n];
            if (*step == 's')
                client_queue_first(q)->sent_bytes = 1;
            else if (*step == 'x')
                client_queue_pop(q, 0);
            else if (*step == 'p')
                client_queue_pin(q, atoi(step + 2));
            else
                t_int(put(q, *step == '-' ? NONE : *step - '0', step + 2, 0), 0);
        }
        t_str(drained(q), rows[i].sent);
        t_int(client_queue_count(q), 0);
        t_int(client_queue_bytes(q), 0);
        client_queue_destroy(q);
    }
}

static void the_queue_is_bounded(void **state)
{
    (void)state;
    struct client_queue *q = make(10, 3);

    t_row("bytes");
    t_int(put(q, 1, "12345", 0), 0);
    t_int(put(q, NONE, "12345", 0), 0);
    t_int(put(q, NONE, "1", 0), -ENOBUFS);
    t_int(put(q, NONE, "", 0), 0);
    t_int(put(q, 1, "abcde", 0), 0);         /* takes the room of the one it replaces */
    t_int(put(q, 1, "abcdef", 0), -ENOBUFS); /* and no more */
    t_int(client_queue_bytes(q), 10);
    t_str(drained(q), "abcde 12345 ");

    t_row("frames");
    t_int(put(q, 1, "a", 0), 0);
    t_int(put(q, 2, "b", 0), 0);
    t_int(put(q, NONE, "c", 0), 0);
    t_int(put(q, 3, "d", 0), -ENOBUFS);
    t_int(put(q, 2, "e", 0), 0); /* replaces */
    t_int(client_queue_count(q), 3);
    client_queue_first(q)->sent_bytes = 1;
    t_int(put(q, 1, "f", 0), -ENOBUFS); /* cannot replace the one that is partly sent */
    t_str(drained(q), "a e c");

    t_row("one frame above the limit");
    t_int(put(q, NONE, "12345678901", 0), -ENOBUFS);
    t_int(put(q, NONE, "1234567890", 0), 0);
    client_queue_destroy(q);
}

static void frames_keep_what_the_caller_said(void **state)
{
    (void)state;
    struct client_queue *q = make(100, 10);
    const struct client_frame bye = {
        .key = NONE, .kind = 7, .code = 1001, .data = "bye", .len_bytes = 3};
    t_int(client_queue_put(q, &bye, 0), 0);
    struct waiting_frame *f = client_queue_first(q);
    t_int(f->kind, 7);
    t_int(f->code, 1001);
    t_int(f->len_bytes, 3);
    t_int(f->sent_bytes, 0);
    memset(f->data - 16, 'x', 16); /* the headroom is the caller's */
    t_true(memcmp(f->data, "bye", 3) == 0);
    client_queue_destroy(q); /* with a frame in it */
    client_queue_destroy(NULL);
}

/* The sanitizer reports one that is freed too early or never. */
static void a_shared_frame_lives_as_long_as_a_queue_has_it(void **state)
{
    struct client_queue *q = make(20, 3), *other = make(20, 3);
    struct shared_frame *frame = shared_frame_create("hello", 5);
    const struct client_frame shared = {.key = 1, .kind = 1, .shared = frame};
    (void)state;
    t_int(client_queue_put(q, &shared, 0), 0);
    t_int(client_queue_put(other, &shared, 0), 0);
    t_int(client_queue_bytes(q), 7); /* as if it were alone */
    t_true(client_queue_first(q)->data == client_queue_first(other)->data);
    t_int(client_queue_put(q, &shared, 0), 0); /* replaces itself */
    shared_frame_unref(frame);
    t_int(put(q, 1, "newer", 0), 0);
    client_queue_destroy(q);
    t_str(drained(other), "\x81\x05hello");
    client_queue_destroy(other);

    t_row("refused");
    q = make(6, 1);
    frame = shared_frame_create("hello", 5);
    t_int(client_queue_put(q, &(struct client_frame){.key = NONE, .shared = frame}, 0), -ENOBUFS);
    shared_frame_unref(frame);
    client_queue_destroy(q);
}

static void patience_ends_without_progress(void **state)
{
    (void)state;
    struct client_queue *q = make(100, 10);
    t_true(client_queue_patience_ms(q, 50) == INT64_MAX);
    t_int(put(q, NONE, "a", 5000), 0);
    t_int(client_queue_patience_ms(q, 5000), 1000);
    t_int(put(q, NONE, "b", 5600), 0); /* more to send is no progress */
    t_int(put(q, 1, "c", 5700), 0);
    t_int(put(q, 1, "d", 5800), 0);
    t_int(client_queue_patience_ms(q, 5900), 100);
    t_int(client_queue_patience_ms(q, 6000), 0);
    t_int(client_queue_patience_ms(q, 6500), -500);
    client_queue_progress(q, 5990);
    t_int(client_queue_patience_ms(q, 6000), 990);
    client_queue_pop(q, 6900);
    t_int(client_queue_patience_ms(q, 7000), 900);
    client_queue_pop(q, 7000);
    client_queue_pop(q, 7000);
    t_true(client_queue_patience_ms(q, 90000) == INT64_MAX); /* nothing waits */
    t_int(put(q, NONE, "e", 90000), 0);                      /* its time begins now */
    t_int(client_queue_patience_ms(q, 90000), 1000);
    client_queue_destroy(q);
}

/* Compared with the plain definition: a list that is searched from the front. */
static void random_frames(void **state)
{
    enum { KEYS = 300, STEPS = 20000 };
    static int32_t keys[STEPS], values[STEPS];
    int count = 0, most = 0;
    uint64_t seed = 7;
    (void)state;
    struct client_queue *q = make(1 << 20, STEPS);
    for (int step = 0; step < STEPS; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        int32_t key = (int32_t)((seed >> 33) % KEYS) - 1;
        if ((seed >> 60) < 5 && count > 0) { /* pop */
            int32_t value;
            memcpy(&value, client_queue_first(q)->data, sizeof(value));
            t_int(value, values[0]);
            client_queue_pop(q, 0);
            count--;
            memmove(keys, keys + 1, (size_t)count * sizeof(*keys));
            memmove(values, values + 1, (size_t)count * sizeof(*values));
            continue;
        }
        int at = 0;
        while (at < count && (key == NONE || keys[at] != key))
            at++;
        keys[at] = key;
        values[at] = step;
        count += at == count;
        most = count > most ? count : most;
        struct client_frame f = {
            .key = key, .data = (const char *)&step, .len_bytes = sizeof(step)};
        t_int(client_queue_put(q, &f, 0), 0);
        t_int(client_queue_count(q), count);
    }
    t_true(most > 100); /* the table of keys has grown several times */
    client_queue_destroy(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_frame_replaces_the_waiting_one_in_its_place),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(frames_keep_what_the_caller_said),
        cmocka_unit_test(a_shared_frame_lives_as_long_as_a_queue_has_it),
        cmocka_unit_test(patience_ends_without_progress),
        cmocka_unit_test(random_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
