/*
 * locks: how long this process held the database's write lock, transaction by transaction.
 *
 * The store's calls of SQLite come by here (linked with --wrap), so that nothing has to stand in
 * the writer's way to measure it.
 */
#ifndef BENCH_LOCKS_H
#define BENCH_LOCKS_H

void locks_watch(void);  /* from now on */
void locks_report(void); /* lock_batch_..., lock_move_... */

#endif
