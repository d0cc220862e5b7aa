/*
 * locks: measures how long this process held the database's write lock, per transaction.
 *
 * It wraps the store's calls of SQLite (linked with --wrap), so that the store needs no code for
 * it.
 */
#ifndef BENCH_LOCKS_H
#define BENCH_LOCKS_H

void locks_watch(void);  /* starts the measurement */
void locks_report(void); /* lock_batch_..., lock_move_..., lock_restart_... */

#endif
