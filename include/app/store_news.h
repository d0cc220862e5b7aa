/*
 * store_news: what the store tells from its own thread, brought to the loop.
 *
 * The log hears of it at once, on the store's thread; `cinta status` lists it with the other
 * events. The store itself writes it into the database. Owns what waits between the two threads.
 */
#ifndef APP_STORE_NEWS_H
#define APP_STORE_NEWS_H

#include "net/loop.h"
#include "store/store.h"

struct store_news;
struct events;

/* NULL: no memory. */
struct store_news *store_news_create(struct loop *loop);
void store_news_destroy(struct store_news *news); /* once the store is closed */

/* From now on (until NULL): where it is listed, and who is called on the loop after that. */
void store_news_listen(struct store_news *news, struct events *events, loop_fn *changed, void *arg);

/* For store_create(), with the struct as `arg`; on any thread. */
store_notice store_news_post;

#endif
