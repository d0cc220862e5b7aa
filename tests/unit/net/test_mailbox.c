#include "net/mailbox.h"

#include "net/detached_thread.h"
#include "support/t.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct letter {
    struct mailbox_item item;
    int number;
    struct mailbox *box;
};

static atomic_int disposed;

static void dispose(void *item)
{
    atomic_fetch_add(&disposed, 1);
    free(item);
}

struct reader {
    struct loop *loop;
    struct mailbox *box;
    int sum, count, wanted;
    bool closes; /* after the first letter */
};

static void on_letter(void *arg, void *item)
{
    struct reader *reader = arg;
    struct letter *letter = item;
    reader->sum += letter->number;
    free(letter);
    if (reader->closes)
        mailbox_close(reader->box);
    if (reader->closes || ++reader->count == reader->wanted)
        loop_stop(reader->loop);
}

static void *send(void *arg)
{
    struct letter *letter = arg;
    mailbox_put(letter->box, letter);
    return NULL;
}

static struct letter *letter_of(struct mailbox *box, int number)
{
    struct letter *letter = calloc(1, sizeof(*letter));
    letter->number = number;
    letter->box = box;
    mailbox_expect(box);
    return letter;
}

static struct reader make_reader(int wanted)
{
    struct reader reader = {.loop = loop_create(), .wanted = wanted};
    atomic_store(&disposed, 0);
    return reader;
}

static void letters_of_many_threads_arrive_once(void **state)
{
    (void)state;
    struct reader reader = make_reader(50);
    reader.box = mailbox_create(reader.loop, on_letter, &reader, dispose);
    for (int i = 1; i <= 50; i++)
        t_int(detached_thread_start(send, letter_of(reader.box, i)), 0);
    loop_run(reader.loop);
    t_int(reader.sum, 50 * 51 / 2);
    mailbox_close(reader.box);
    t_int(atomic_load(&disposed), 0);
    loop_destroy(reader.loop);
}

static void what_arrives_after_the_owner_is_freed(void **state)
{
    (void)state;
    struct reader reader = make_reader(1);
    reader.box = mailbox_create(reader.loop, on_letter, &reader, dispose);
    struct letter *early = letter_of(reader.box, 1), *late = letter_of(reader.box, 2);
    mailbox_expect(reader.box);
    struct mailbox *box = reader.box;
    mailbox_put(box, early);
    mailbox_close(box);
    mailbox_put(box, late);
    t_int(atomic_load(&disposed), 0);
    mailbox_put(box, NULL); /* the last one, which came to nothing */
    t_int(atomic_load(&disposed), 2);
    mailbox_close(NULL);
    loop_destroy(reader.loop);
}

static void the_owner_may_go_while_it_reads(void **state)
{
    (void)state;
    struct reader reader = make_reader(1);
    reader.closes = true;
    reader.box = mailbox_create(reader.loop, on_letter, &reader, dispose);
    for (int i = 1; i <= 3; i++)
        mailbox_put(reader.box, letter_of(reader.box, i));
    loop_run(reader.loop);
    t_int(reader.sum, 1); /* in the order of arrival */
    t_int(atomic_load(&disposed), 2);
    loop_destroy(reader.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_many_threads_arrive_once),
        cmocka_unit_test(what_arrives_after_the_owner_is_freed),
        cmocka_unit_test(the_owner_may_go_while_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
